"""Testing a connection: a token by its certificate, and WhoAmI."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from connections.models import Certificate, Connection
from connections.provisioning.proof import who_am_i
from connections.services import access
from connections.standing import note_standing
from core.clock import now
from core.problems import Problem, Unavailable, problem_from
from microsoft.errors import MicrosoftError, Transient

State = Connection.State


@dataclass(frozen=True)
class Test:
    """What a test found; `error` is empty when all is well, else message, advice, code and ids."""

    __test__ = False  # not one of pytest's

    ok: bool
    error: dict[str, Any] = field(default_factory=dict)


def test(actor: Actor, connection: Connection) -> Test:
    """Obtain a token anew and ask the environment who we are. The outcome is recorded; ready or degraded follows.

    Trouble that passes (throttling, no network) is recorded and does not degrade the connection.

    Raises:
        NotPermitted, GateClosed: the gate.
        Unavailable: the connection has no certificate in use yet.

    """
    access.require(actor, connection)
    certificate = connection.certificates.filter(state=Certificate.State.ACTIVE).first()
    if certificate is None:
        raise Unavailable("There is nothing to test yet.", advice="Finish provisioning first.")
    failure: MicrosoftError | Problem | None = None
    try:
        who = who_am_i(connection, certificate)
    except MicrosoftError as error:
        failure = error
    else:
        if who.user_id.lower() != connection.identifiers.application_user_id.lower():
            failure = Problem(
                "The environment knows the application as another user than the one that was set up.",
                advice="Retry provisioning from the step Application user.",
            )
    return _note(actor, connection, failure)


test.__test__ = False  # type: ignore[attr-defined]


def _note(actor: Actor, connection: Connection, failure: MicrosoftError | Problem | None) -> Test:
    problem = problem_from(failure) if isinstance(failure, MicrosoftError) else failure
    error = described(problem) if problem else {}
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        row.tested_at, row.test_error = now(), error
        if problem is None:
            row.proven_at = row.tested_at
            # WhoAmI says nothing about the role; only a check of the whole chain does.
            if row.state == State.DEGRADED and row.broken_link != "role":
                row.broken_link, row.broken_since = "", None
                row.state, row.reason = State.READY, ""
        elif not isinstance(failure, Transient) and row.state in (State.READY, State.ROLE_PENDING):
            row.state, row.reason = State.DEGRADED, problem.message
        row.save()
        note_standing(row)
        message = problem.message if problem else "WhoAmI answered as the application user."
        audit.record(actor, "tested", row, message=message, ids=problem.ids if problem else {})
    connection.refresh_from_db()
    return Test(ok=problem is None, error=error)


def described(problem: Problem) -> dict[str, Any]:
    """A problem as the page shows it later."""
    said = {"message": problem.message, "advice": problem.advice, "code": problem.code, "ids": problem.ids}
    return {name: value for name, value in said.items() if value}
