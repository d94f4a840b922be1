"""A service as people read it: signatures, a reference, and lines to paste."""
