"""Which connection an integration uses on which stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts import audit, gate
from accounts.actors import Actor
from connections.models import Connection
from connections.services import privileges as roles
from connections.standing import STANDING
from core.problems import BadInput, Clash, Missing, Problem
from integrations.metadata import catalogue
from integrations.metadata.lacking import lacking
from integrations.models import Binding, Integration, Stage
from integrations.privileges import required
from integrations.published import definition_of, usable
from integrations.services import access


@dataclass(frozen=True)
class Candidate:
    """A connection of the team, and what speaks against binding to it (nothing, as a rule)."""

    connection: Connection
    warning: str = ""


def candidates(integration: Integration) -> list[Candidate]:
    """The team's connections that could be bound, those of the integration's own environment first."""
    found = Connection.objects.filter(team=integration.team, state__in=STANDING).select_related("environment")
    ordered = sorted(found, key=lambda each: (each.environment_id != integration.environment_id, each.name))
    return [Candidate(connection, _warning(integration, connection)) for connection in ordered]


def bind(
    actor: Actor,
    integration: Integration,
    stage: Stage,
    connection: Connection,
    *,
    accept_warning: bool = False,
) -> Binding:
    """Let the integration use this connection on this stage, and have its role hold what that takes.

    Raises:
        Missing: the stage or the connection is another team's.
        BadInput: another environment lacks what the integration offers, or is of another tenant, and nobody
            said that this is meant (`accept_warning`).
        Clash: the connection is not working.
        NotPermitted, GateClosed: the gate, of both environments.

    """
    _require(actor, integration, stage, connection)
    if not accept_warning:
        _warn(integration, connection)
    with transaction.atomic():
        row = access.hold(integration)
        _refuse_closed(Connection.objects.select_for_update().get(pk=connection.pk))
        before = Binding.objects.filter(integration=row, stage=stage).select_related("connection").first()
        binding, _created = Binding.objects.update_or_create(
            integration=row, stage=stage, defaults={"connection": connection}
        )
        audit.record(actor, "bound", row, fields=["bindings"], message=f"{stage.name}: {connection.name}")
        _follow(actor, connection, before.connection if before else None)
    return binding


def unbind(actor: Actor, integration: Integration, stage: Stage) -> None:
    """Take the integration off a stage; the connection's role gives up what only this needed."""
    access.require(actor, integration)
    with transaction.atomic():
        row = access.hold(integration)
        binding = Binding.objects.filter(integration=row, stage=stage).select_related("connection").first()
        if binding is None:
            raise Missing(f"{integration.name} is not bound on {stage.name}.")
        binding.delete()
        audit.record(actor, "unbound", row, fields=["bindings"], message=stage.name)
        _follow(actor, binding.connection, None)


def let_go(actor: Actor, connection: Connection, **_signal: object) -> None:
    """Take every integration off the stages where it uses a connection that leaves, in the caller's transaction.

    Versions and service keys stay: they work again when the stage is bound to another connection.
    """
    bound = Integration.objects.filter(bindings__connection=connection).order_by("pk").distinct()
    for row in Integration.objects.select_for_update().filter(pk__in=bound.values("pk")).order_by("pk"):
        for binding in row.bindings.filter(connection=connection).select_related("stage"):
            said = f"{binding.stage.name}: {connection.name} is being removed."
            binding.delete()
            audit.record(actor, "unbound", row, fields=["bindings"], message=said)


def lacks(integration: Integration, connection: Connection) -> Sequence[str]:
    """What of the definition in use another environment does not have, as the connection sees it."""
    if connection.environment_id == integration.environment_id:
        return ()
    latest = usable(integration).first()
    definition = definition_of(latest.pk) if latest else integration.draft
    return lacking(definition, catalogue.for_connection(connection))


def _warn(integration: Integration, connection: Connection) -> None:
    """Raises BadInput with all that speaks against it; whoever means it says so."""
    here, there = integration.environment, connection.environment
    said = [_warning(integration, connection)] if here.tenant_id != there.tenant_id else []
    try:
        missing = lacks(integration, connection)
    except Problem as problem:
        said.append(f"Whether {there} has all that is needed could not be asked: {problem.message}")
    else:
        if missing:
            said.append(f"{there} lacks {', '.join(missing)}, which {integration.name} offers.")
    if said:
        raise BadInput(" ".join(said), fields={"connection": "Say that this is meant."}, code="meant")


def _require(actor: Actor, integration: Integration, stage: Stage, connection: Connection) -> None:
    access.require(actor, integration)
    if stage.team_id != integration.team_id or connection.team_id != integration.team_id:
        raise Missing("There is no such connection or stage in this team.")
    gate.require(actor, connection.team, connection.environment.tenant_id)
    _refuse_closed(connection)


def _refuse_closed(connection: Connection) -> None:
    if connection.state not in STANDING:
        raise Clash(f"{connection} is {connection.get_state_display().lower()}, so it cannot be bound now.")


def _follow(actor: Actor, connection: Connection, before: Connection | None) -> None:
    """Let the roles follow: of the connection that is used now, and of the one that was."""
    for each in {connection, before} - {None}:
        if each is not None:
            roles.record(actor, each, required(each))


def _warning(integration: Integration, connection: Connection) -> str:
    here, there = integration.environment, connection.environment
    if here.pk == there.pk:
        return ""
    if here.tenant_id != there.tenant_id:
        return f"{there} belongs to another tenant than {here}, for which this integration was built."
    return f"{there} is another environment than {here}, for which this integration was built."
