"""Microsoft's endpoints on one machine: Entra ID, Graph, Global Discovery and the Dataverse Web API.

It speaks the wire only. Nothing here knows who calls, and no client is treated better than another.
"""
