"""The Dataverse Web API of one environment."""
