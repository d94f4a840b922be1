"""The standard tables, written as data. `declare` is the vocabulary; the other modules are the words."""
