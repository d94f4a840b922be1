"""What an environment is filled with. Deterministic: the same scenario gives the same rows and ids."""
