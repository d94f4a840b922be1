"""Queries that builders write themselves: read-only, in the integration's environment, with their own rights."""
