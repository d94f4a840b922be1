"""Removal: ordered idempotent steps, of which one that fails does not keep the others from being done."""
