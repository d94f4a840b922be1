"""Asking for a connection to be provisioned, from the start or from one of its steps."""

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from connections.models import Connection
from connections.plans import plan_of
from connections.provisioning import ledger
from connections.services import access
from core.problems import Clash, Missing
from jobs import services as jobs
from jobs.models import JobRun

KIND = "connections.provision"


def provision(actor: Actor, connection: Connection, from_step: str = "") -> JobRun:
    """Have the steps carried out that are not done yet; with `from_step`, that one and all after it again.

    For a manual connection the steps verify what an administrator has set up.

    A run that waits for a person, or has failed, is taken over by whoever asks now: it acts with that person's
    authorization from here on. Asking while one is under way returns it.

    Raises:
        NotPermitted, GateClosed: the gate, which must reach Graph for the automatic kind.
        Missing: there is no such step.
        Clash: the connection is disabled or being removed, or nobody has entered its identifiers yet.

    """
    access.require(actor, connection, connection.reach)
    titles = {step.name: step.title for step in plan_of(connection)}
    if from_step and from_step not in titles:
        raise Missing("There is no such step.")
    with transaction.atomic():
        row = access.hold(connection)
        if row.state in (Connection.State.REMOVING, Connection.State.DISABLED):
            raise Clash(f"This connection is {row.get_state_display().lower()}.", advice="Enable it first.")
        if row.is_manual and not row.identifiers.client_id:
            raise Clash(
                "There is nothing to verify yet.", advice="Enter the application's identifiers first."
            )
        return ask(actor, row, from_step, message=titles.get(from_step, ""))


def ask(actor: Actor, row: Connection, from_step: str, message: str = "") -> JobRun:
    """The run for a row that is held: the one that is under way, or a new one. Call it in the transaction."""
    under_way = unfinished(row)
    if under_way is not None and under_way.state != JobRun.State.WAITING:
        return under_way
    if under_way is not None:
        jobs.cancel(actor, under_way)
    ledger.lay_out(row, plan_of(row))
    ledger.reset(row, from_step)
    row.state, row.reason = Connection.State.PROVISIONING, ""
    row.save(update_fields=["state", "reason", "revision"])
    verb = "asked to verify" if row.is_manual else "asked to provision"
    audit.record(actor, verb, row, message=message)
    return jobs.request(KIND, actor=actor, subject=row, key=key_for(row), priority=10)


def unfinished(connection: Connection) -> JobRun | None:
    """The provisioning run that is queued, running, or waiting for a person."""
    runs = jobs.for_subject(connection).filter(kind=KIND)
    return runs.exclude(state__in=JobRun.FINISHED).first()


def key_for(connection: Connection) -> str:
    """One run per revision: a second click asks for the same one."""
    return f"{KIND}:{connection.pk}:{connection.revision}"
