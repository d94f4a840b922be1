"""What a connection is called at Microsoft. Derived from its id, so that a search after a crash finds it."""

from connections.models import Connection


def unique_name(connection: Connection) -> str:
    """The application's `uniqueName`: Entra creates at most one of a name."""
    return f"isthmus-{connection.pk.hex}"


def display_name(connection: Connection) -> str:
    """What administrators read in Entra's list of applications."""
    return f"Isthmus {connection.name}"


def role_name(connection: Connection) -> str:
    """The security role's name, fixed when it is created: renaming the connection leaves the role alone."""
    return f"Isthmus {connection.name[:60]} ({short_id(connection)})"


def short_id(connection: Connection) -> str:
    return connection.pk.hex[:8]


def common_name(connection: Connection) -> str:
    """The certificate's subject."""
    return f"isthmus-{short_id(connection)}"
