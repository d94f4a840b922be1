"""The instructions as an e-mail to the administrator. The certificate in it is public."""

from connections.manual.instructions import as_text
from connections.models import Certificate, Connection
from core import notifications
from core.problems import Unavailable

KIND = "connections.send_instructions"


def send(connection: Connection, certificate: Certificate, to: str, sender: str) -> int:
    """Write to one address; 1 when that was done.

    Raises:
        Unavailable: the mail server did not take it; try again.

    """
    subject = f"{sender} asks you to register an application for {connection.environment.friendly_name}"
    if not notifications.send([to], subject, as_text(connection, certificate)):
        raise Unavailable("The mail server did not take the instructions.")
    return 1
