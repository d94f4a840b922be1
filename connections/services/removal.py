"""Removing a connection, refused while something uses it."""

from django.db import models, transaction

from accounts import audit
from accounts.actors import Actor
from accounts.reach import Reach
from connections.models import Connection
from connections.provisioning import ledger
from connections.removal.remove import close
from connections.removal.steps import REMOVE
from connections.services import access
from core.problems import Clash
from jobs import services as jobs
from jobs.models import JobRun

KIND = "connections.remove"
State = Connection.State


def remove(actor: Actor, connection: Connection) -> JobRun:
    """Stop all calls at once and have everything at Microsoft taken away by a job. Asking again tries again.

    Raises:
        NotPermitted, GateClosed: the gate, which here must reach Graph.
        Clash: something uses the connection; the message names it.

    """
    access.require(actor, connection, Reach.GRAPH)
    with transaction.atomic():
        row = access.hold(connection)
        _refuse_while_used(row)
        _end_runs(actor, row)
        row.state, row.reason = State.REMOVING, f"{actor.label} is removing it."
        row.save(update_fields=["state", "reason", "revision"])
        ledger.lay_out(row, REMOVE)
        ledger.reset(row)
        audit.record(actor, "asked to remove", row)
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
    """What holds on to the connection: every row of a higher app that points at it and protects it."""
    return [
        str(holder)
        for relation in connection._meta.related_objects
        if relation.on_delete is models.PROTECT
        for holder in relation.related_model._default_manager.filter(**{relation.field.name: connection})
    ]


def _refuse_while_used(connection: Connection) -> None:
    users = users_of(connection)
    if users:
        raise Clash(
            f"This connection is in use: {'; '.join(users)}.",
            title="The connection is in use",
            advice="Bind those integrations to another connection first.",
        )


def _unfinished(connection: Connection) -> models.QuerySet[JobRun]:
    return jobs.for_subject(connection).exclude(state__in=JobRun.FINISHED)


def _end_runs(actor: Actor, connection: Connection) -> None:
    """A run that is under way notices at its next step that it may not write any more."""
    for run in _unfinished(connection):
        jobs.cancel(actor, run)
