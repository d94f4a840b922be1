"""Health: the chain from a key to the role, the first broken link of it, and what mends that."""
