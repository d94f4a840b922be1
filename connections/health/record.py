"""What was found, kept on the connection: the first broken link, since when, and whether it changes the state."""

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from connections.health import notices
from connections.health.links import OK, Link, first_broken
from connections.models import Certificate, Connection
from connections.rotation.rotate import ROTATABLE
from connections.standing import note_standing
from core.clock import now

State = Connection.State


def record(
    actor: Actor, connection: Connection, certificate: Certificate | None, links: list[Link]
) -> Connection:
    """Write down what was found by that certificate. Trouble that passes is shown and changes no state."""
    broken = first_broken(links)
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if row.state not in ROTATABLE or not _is_current(row, certificate):
            return row  # disabled, taken away or rotated while it was being looked at
        before = row.broken_link
        row.checked_at, row.links = now(), [link.as_json() for link in links]
        if broken is not None:
            _note_broken(row, broken)
        elif all(link.state == OK for link in links):
            _note_whole(row)
        row.save()
        note_standing(row)
        if row.broken_link != before:
            audit.record(actor, "found broken" if row.broken_link else "found whole", row, message=row.reason)
            notices.ask(row, "broken" if row.broken_link else "whole")
        notices.ask_about_expiry(row)
    return row


def _is_current(row: Connection, certificate: Certificate | None) -> bool:
    active = row.certificates.filter(state=Certificate.State.ACTIVE).values_list("pk", flat=True).first()
    return active == (certificate.pk if certificate else None)


def _note_broken(row: Connection, broken: Link) -> None:
    if row.broken_link != broken.name or row.broken_since is None:
        row.broken_link, row.broken_since = broken.name, now()
    row.state = State.EXPIRED if broken.code == "key_expired" else State.DEGRADED
    row.reason = f"{broken.title}: {broken.message}"


def _note_whole(row: Connection) -> None:
    row.broken_link, row.broken_since = "", None
    row.proven_at = row.tested_at = now()
    row.test_error = {}
    if row.state in (State.READY, State.DEGRADED, State.EXPIRED):
        row.state, row.reason = State.READY, ""
