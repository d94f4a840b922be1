class CannotStart(Exception):  # noqa: N818
    """Something a person has to mend first. The text says what and how; it is printed as it stands."""
