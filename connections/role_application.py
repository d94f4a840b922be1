"""One run that brings a connection's role to what is wanted, if the person who asked may change roles."""

from typing import Any

from accounts import gate
from connections.models import Connection
from connections.provisioning import preconditions, role, role_assignment
from connections.provisioning.work import Work
from connections.standing import STANDING, note_standing
from core.problems import NotPermitted, Problem
from jobs.running import Running
from microsoft.errors import NotFound


def apply_role(run: Running, connection: Connection) -> dict[str, Any]:
    """Write the role; a person who may not leaves the connection role pending, which is no failure.

    Raises:
        Problem: the application user, or a role that was chosen, is gone from the environment.
        GateClosed: the person's authorization is what is missing; the run waits for them.

    """
    if connection.state not in STANDING:
        return {"applied": False}
    authorization = gate.require(run.actor, connection.team, connection.environment.tenant_id)
    work = Work(run, connection, authorization)
    try:
        preconditions.require_administrator(work)
        said = role.ensure(work)
        role_assignment.ensure(work)
    except NotPermitted as error:
        _note(run, connection, f"{error.message} {run.actor.label} could not apply the role.")
        return {"applied": False}
    except NotFound as error:
        raise Problem(
            "The application user is no longer in the environment.",
            advice="Check the connection; its page says what mends it.",
            ids=error.ids(),
        ) from error
    _note(run, connection)
    return {"applied": True, "role": said.message}


def _note(run: Running, connection: Connection, obstacle: str = "") -> None:
    with run.fenced():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        note_standing(row)
        if obstacle and row.state == Connection.State.ROLE_PENDING:
            row.reason = obstacle
            row.save(update_fields=["reason"])
