"""$metadata: the service described in OData's own XML, made from a snapshot of the metadata."""
