"""Making, changing and deleting metadata: one module for each kind of item, all working in a `Workshop`."""
