"""Work on many records: how cells are understood, and how rows are planned, carried out and undone."""
