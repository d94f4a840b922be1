"""Provisioning: ordered steps that each look, create only what is missing, and note the remote id at once."""
