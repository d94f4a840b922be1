"""Checking connections: one on demand, all of them every hour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, repeat

from accounts.actors import Actor
from connections.health.chain import look
from connections.health.links import Link
from connections.health.record import record
from connections.models import Certificate, Connection
from connections.rotation.rotate import ROTATABLE
from connections.services import access
from core.problems import Clash

UNATTENDED = "background"  # whoever works there goes first
AT_ONCE = 8  # connections looked at together; they wait for Microsoft, not for us


def check(actor: Actor, connection: Connection) -> list[Link]:
    """Look at every link now, with the connection's own identity, and write down what was found.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: it is disabled, being provisioned or being removed.

    """
    access.require(actor, connection)
    if connection.state not in ROTATABLE:
        raise Clash(
            f"A connection that is {connection.get_state_display().lower()} is not checked.",
            advice="Enable it, or finish provisioning it, first.",
        )
    certificate = _active(connection)
    links = look(connection, certificate)
    record(actor, connection, certificate, links)
    connection.refresh_from_db()
    return links


def check_unattended(connection: Connection) -> str:
    """The same for the duty "health", which the gate lets through without a person. The broken link, or ""."""
    if connection.state not in ROTATABLE:
        return ""
    certificate = _active(connection)
    links = look(connection, certificate, UNATTENDED)
    return record(Actor.system("health"), connection, certificate, links).broken_link


def check_all() -> Iterator[Connection]:
    """Check every connection that should work, a few at a time; yields each when it has been written down."""
    actor = Actor.system("health")
    rows = Connection.objects.filter(state__in=ROTATABLE).select_related("environment", "team")
    waiting = rows.order_by("pk").iterator(chunk_size=200)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while some := list(islice(waiting, AT_ONCE)):
            # The threads ask Microsoft and touch no database.
            certificates = [_active(connection) for connection in some]
            found = pool.map(look, some, certificates, repeat(UNATTENDED))
            for connection, certificate, links in zip(some, certificates, found, strict=True):
                yield record(actor, connection, certificate, links)


def _active(connection: Connection) -> Certificate | None:
    return connection.certificates.filter(state=Certificate.State.ACTIVE).first()
