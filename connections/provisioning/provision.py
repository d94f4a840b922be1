"""One provisioning run, from the gate to the state it leaves."""

from accounts import audit, gate
from connections.clients import CLOSED
from connections.models import Connection
from connections.plans import plan_of
from connections.provisioning.outcome import noted
from connections.provisioning.runner import carry_out
from connections.provisioning.turn import wait_for_turn
from connections.provisioning.work import Work
from connections.standing import check_again, is_behind, note_standing, request_apply
from jobs.running import Running

State = Connection.State


def provision(run: Running, connection: Connection) -> dict[str, str]:
    """Carry the plan out with the authorization of the person who asked; ready at the end.

    Raises:
        WaitForPerson, Transient, Problem, MicrosoftError: see `outcome.noted`.

    """
    if not _begin(run, connection):
        return {}
    with noted(run, connection):
        wait_for_turn(run)
        authorization = gate.require(
            run.actor, connection.team, connection.environment.tenant_id, connection.reach
        )
        work = Work(run, connection, authorization)
        carry_out(work, plan_of(connection))
        _finish(work)
    return {"connection": str(connection.pk)}


def _begin(run: Running, connection: Connection) -> bool:
    """A run that is retried from the list of jobs finds the connection as the failure left it."""
    if connection.state in CLOSED:
        return False
    # Only a change is worth a fenced write: each one counts as progress and ends the back-off.
    if connection.state != State.PROVISIONING or connection.reason:
        with run.fenced():
            Connection.objects.filter(pk=connection.pk).exclude(state__in=CLOSED).update(
                state=State.PROVISIONING, reason=""
            )
        connection.refresh_from_db(fields=["state", "reason"])
    return connection.state == State.PROVISIONING


def _finish(work: Work) -> None:
    with work.run.fenced():
        row = Connection.objects.select_for_update().get(pk=work.connection.pk)
        if row.state != State.PROVISIONING:
            return
        row.state, row.reason = State.READY, ""
        note_standing(row)
        # An integration may have been bound after the role was written.
        if is_behind(row):
            request_apply(work.run.actor, row)
        check_again(row)
        audit.record(work.run.actor, "provisioned", row)
