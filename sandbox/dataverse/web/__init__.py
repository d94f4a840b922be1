"""The wire: requests in, answers out. Storage and queries are elsewhere."""
