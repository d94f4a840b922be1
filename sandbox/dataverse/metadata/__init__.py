"""Tables, columns, relationships, keys and choices: metadata is data."""
