"""Asking for a connection to be provisioned, from the start or from one of its steps."""

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.reach import Reach
from connections.models import Connection
from connections.provisioning import ledger
from connections.provisioning.plan import PROVISION, TITLES
from connections.services import access
from core.problems import BadInput, Clash, Missing
from jobs import services as jobs
from jobs.models import JobRun

KIND = "connections.provision"


def provision(actor: Actor, connection: Connection, from_step: str = "") -> JobRun:
    """Have the steps carried out that are not done yet; with `from_step`, that one and all after it again.

    A run that waits for a person, or has failed, is taken over by whoever asks now: it acts with that person's
    authorization from here on. Asking while one is under way returns it.

    Raises:
        NotPermitted, GateClosed: the gate, which here must reach Graph.
        Missing: there is no such step.
        Clash: the connection is disabled or being removed.

    """
    access.require(actor, connection, Reach.GRAPH)
    if from_step and from_step not in TITLES:
        raise Missing("There is no such step.")
    with transaction.atomic():
        row = access.hold(connection)
        if row.state in (Connection.State.REMOVING, Connection.State.DISABLED):
            raise Clash(f"This connection is {row.get_state_display().lower()}.", advice="Enable it first.")
        if row.kind != Connection.Kind.AUTOMATIC:
            raise BadInput("Only automatic connections are provisioned by Isthmus.")
        under_way = unfinished(row)
        if under_way is not None and under_way.state != JobRun.State.WAITING:
            return under_way
        if under_way is not None:
            jobs.cancel(actor, under_way)
        ledger.lay_out(row, PROVISION)
        ledger.reset(row, from_step)
        row.state, row.reason = Connection.State.PROVISIONING, ""
        row.save(update_fields=["state", "reason", "revision"])
        audit.record(actor, "asked to provision", row, message=TITLES.get(from_step, ""))
        return jobs.request(KIND, actor=actor, subject=row, key=key_for(row), priority=10)


def unfinished(connection: Connection) -> JobRun | None:
    """The provisioning run that is queued, running, or waiting for a person."""
    runs = jobs.for_subject(connection).filter(kind=KIND)
    return runs.exclude(state__in=JobRun.FINISHED).first()


def key_for(connection: Connection) -> str:
    """One run per revision: a second click asks for the same one."""
    return f"{KIND}:{connection.pk}:{connection.revision}"
