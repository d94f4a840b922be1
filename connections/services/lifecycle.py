"""Rename, disable, enable. What can be done at Microsoft is done there as well; what cannot is said."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from accounts import audit, gate
from accounts.actors import Actor
from accounts.reach import Reach
from accounts.vault import tokens
from connections import clients
from connections.clients import dataverse_as
from connections.models import Connection
from connections.names import display_name
from connections.services import access
from connections.standing import STANDING, note_standing
from core.cloud import door
from core.problems import BadInput, Clash
from microsoft.errors import MicrosoftError
from microsoft.graph import Graph

State = Connection.State


def rename(actor: Actor, connection: Connection, name: str, revision: int | None = None) -> str:
    """Give the connection another name, and its application in Entra too where the person's authorization reaches.

    Returns what could not be done at Microsoft, or "".

    Raises:
        NotPermitted, GateClosed: the gate.
        BadInput: the name is empty or taken.
        Clash: somebody changed the connection since `revision` was read.

    """
    authorization = access.require(actor, connection)
    name = name.strip()
    if not name or len(name) > 100:
        raise BadInput("A name has 1 to 100 characters.", fields={"name": "Use 1 to 100 characters."})
    try:
        with transaction.atomic():
            row = access.hold(connection, revision=revision)
            before, row.name = row.name, name
            row.save(update_fields=["name", "revision"])
            audit.record(actor, "renamed", row, fields=["name"], values={"name": [before, name]})
    except IntegrityError:
        raise BadInput(
            f"{connection.team} has a connection named {name} already.",
            fields={"name": "Choose another name."},
        ) from None
    connection.refresh_from_db()
    object_id = connection.identifiers.application_id
    if not object_id:
        return ""
    tenant_id = connection.environment.tenant_id
    if not gate.check(actor, connection.team, tenant_id, Reach.GRAPH).open:
        return "renaming it there takes an authorization that reaches Entra."
    graph = Graph(door(), tokens(authorization))
    return _try(
        actor,
        connection,
        "renamed the application of",
        lambda: graph.rename_application(object_id, display_name(connection)),
    )


def disable(actor: Actor, connection: Connection) -> str:
    """Stop every call of the connection: here at once, and at Microsoft if the person may.

    Returns what could not be done at Microsoft, or "".
    """
    authorization = access.require(actor, connection)
    with transaction.atomic():
        row = access.hold(connection)
        if row.state not in STANDING:
            raise Clash(f"A connection that is {row.get_state_display().lower()} cannot be disabled.")
        row.state, row.reason = State.DISABLED, f"Disabled by {actor.label}."
        row.save(update_fields=["state", "reason", "revision"])
        audit.record(actor, "disabled", row)
    clients.forget(connection)
    connection.refresh_from_db()
    user_id = connection.identifiers.application_user_id
    dataverse = dataverse_as(authorization, connection.environment)
    failure = _try(
        actor, connection, "disabled the application user of", lambda: dataverse.disable_user(user_id)
    )
    if failure:
        _say(connection, f"Disabled here by {actor.label}; the application user is still enabled: {failure}")
    return failure


def enable(actor: Actor, connection: Connection) -> None:
    """Let calls through again: the application user first, so that nothing is enabled here that fails there.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: it is not disabled.
        MicrosoftError: the application user could not be enabled; the connection stays disabled.

    """
    authorization = access.require(actor, connection)
    if connection.state != State.DISABLED:
        raise Clash("This connection is not disabled.")
    user_id = connection.identifiers.application_user_id
    with audit.intent(actor, "enabled the application user of", connection):
        dataverse_as(authorization, connection.environment).enable_user(user_id)
    with transaction.atomic():
        row = access.hold(connection)
        if row.state != State.DISABLED:
            raise Clash("Somebody else changed this connection in the meantime.")
        row.state, row.reason = State.READY, ""
        row.save(update_fields=["state", "reason", "revision"])
        note_standing(row)
        audit.record(actor, "enabled", row)
    connection.refresh_from_db()


def _try(actor: Actor, connection: Connection, verb: str, change: Callable[[], object]) -> str:
    try:
        with audit.intent(actor, verb, connection):
            change()
    except MicrosoftError as error:
        return error.message
    return ""


def _say(connection: Connection, reason: str) -> None:
    Connection.objects.filter(pk=connection.pk).update(reason=reason)
    connection.refresh_from_db()
