"""Removing a connection, refused while something uses it."""

from django.db import models, transaction
from django.urls import reverse

from accounts import audit
from accounts.actors import Actor
from connections.leaving import connection_leaves
from connections.models import Connection
from connections.plans import removal_of
from connections.provisioning import ledger
from connections.removal.remove import close
from connections.services import access
from core.problems import Clash, Remedy
from jobs import services as jobs
from jobs.models import JobRun

KIND = "connections.remove"
State = Connection.State


def remove(actor: Actor, connection: Connection, *, although_used: bool = False) -> JobRun:
    """Stop all calls at once and have everything at Microsoft taken away by a job. Asking again tries again.

    Of a connection that never worked everything is undone, its application user included. `although_used`:
    somebody has read what uses it and means it; the integrations are then bound to nothing on those stages.

    Raises:
        NotPermitted, GateClosed: the gate, which must reach Graph for the automatic kind.
        Clash: something uses the connection; the message names it.

    """
    access.require(actor, connection, connection.reach)
    with transaction.atomic():
        used_by = users_of(connection)
        if used_by and although_used:
            # Before the row is held: whoever binds holds the integration first, and then the connection.
            connection_leaves.send(sender=Connection, actor=actor, connection=connection)
        row = access.hold(connection)
        if users_of(row):
            raise _in_use(row, users_of(row))
        _end_runs(actor, row)
        row.state, row.reason = State.REMOVING, f"{actor.label} is removing it."
        row.save(update_fields=["state", "reason", "revision"])
        ledger.lay_out(row, removal_of(row))
        ledger.reset(row)
        message = f"Although used by {'; '.join(used_by)}." if used_by else ""
        audit.record(actor, "asked to remove", row, message=message)
        key = f"{KIND}:{row.pk}:{row.revision}"
        return jobs.request(KIND, actor=actor, subject=row, key=key, priority=10)


def abandon(actor: Actor, connection: Connection) -> None:
    """Forget a connection whose removal was refused in part. What is left at Microsoft is written down.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: its removal has not been tried, or is under way.

    """
    access.require(actor, connection)
    with transaction.atomic():
        row = access.hold(connection)
        if row.state != State.REMOVING or _unfinished(row).exclude(state=JobRun.State.WAITING).exists():
            raise Clash("Only a connection whose removal has failed can be forgotten.")
        _end_runs(actor, row)
        row.save(update_fields=["revision"])
        close(actor, row, reason=f"Forgotten by {actor.label}. {row.reason}")


def users_of(connection: Connection) -> list[str]:
    """What holds on to the connection, in words."""
    return [str(holder) for holder in holders_of(connection)]


def holders_of(connection: Connection) -> list[models.Model]:
    """What holds on to the connection: every row of a higher app that points at it and protects it."""
    return [
        holder
        for relation in connection._meta.related_objects
        if relation.on_delete is models.PROTECT
        for holder in relation.related_model._default_manager.filter(**{relation.field.name: connection})
    ]


def _in_use(connection: Connection, used_by: list[str]) -> Clash:
    return Clash(
        f"This connection is in use: {'; '.join(used_by)}.",
        title="The connection is in use",
        advice="Bind those integrations to another connection first, or say that you mean it.",
        remedy=Remedy("Look at what would stop", reverse("connections:remove", args=[connection.pk])),
    )


def _unfinished(connection: Connection) -> models.QuerySet[JobRun]:
    return jobs.for_subject(connection).exclude(state__in=JobRun.FINISHED)


def _end_runs(actor: Actor, connection: Connection) -> None:
    """A run that is under way notices at its next step that it may not write any more."""
    for run in _unfinished(connection):
        jobs.cancel(actor, run)
