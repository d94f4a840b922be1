"""A new connection: its rows and its run, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts import audit, gate
from accounts.actors import Actor
from accounts.models import Team
from accounts.reach import Reach
from connections.key_pairs import new_certificate
from connections.models import Connection
from connections.plans import plan_of
from connections.provisioning import ledger
from connections.services import environments
from connections.services.environments import Found
from connections.services.provisioning import KIND, key_for
from core.problems import BadInput
from jobs import services as jobs


def create(actor: Actor, team: Team, found: Found, name: str = "", *, back_to: str = "") -> Connection:
    """Create an automatic connection and ask for its provisioning. Returns at once, in state provisioning.

    Raises:
        NotPermitted, GateClosed: the gate, which here must reach Graph.
        BadInput: the name is taken, or the environment is switched off.

    """
    gate.require(actor, team, found.tenant_id, Reach.GRAPH, back_to=back_to)
    connection = _new(actor, team, found, name)
    connection.state = Connection.State.PROVISIONING
    with _kept(connection), transaction.atomic():
        _save(actor, connection, found)
        jobs.request(KIND, actor=actor, subject=connection, key=key_for(connection), priority=10)
    return connection


def create_manual(actor: Actor, team: Team, found: Found, name: str = "", *, back_to: str = "") -> Connection:
    """Create a connection whose application an administrator registers. Returns a draft with its key pair.

    Raises:
        NotPermitted, GateClosed: the gate; signing in to the tenant suffices.
        BadInput: the name is taken, or the environment is switched off.

    """
    gate.require(actor, team, found.tenant_id, Reach.IDENTITY, back_to=back_to)
    connection = _new(actor, team, found, name)
    connection.kind = Connection.Kind.MANUAL
    certificate = new_certificate(connection)
    with _kept(connection), transaction.atomic():
        _save(actor, connection, found)
        certificate.save(force_insert=True)
    return connection


def _new(actor: Actor, team: Team, found: Found, name: str) -> Connection:
    if not found.is_enabled:
        raise BadInput(f"{found.friendly_name} is switched off.", fields={"environment": "Start it first."})
    name = name.strip() or default_name(team, found)
    return Connection(name=name, team=team, created_by=actor.user)


def _save(actor: Actor, connection: Connection, found: Found) -> None:
    connection.environment = environments.keep(found)
    connection.save(force_insert=True)
    ledger.lay_out(connection, plan_of(connection))
    audit.record(actor, "created", connection, fields=["name", "team", "environment", "kind"])


@contextmanager
def _kept(connection: Connection) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise BadInput(
            f"{connection.team} has a connection named {connection.name} already.",
            fields={"name": "Choose another name."},
        ) from None


def default_name(team: Team, found: Found) -> str:
    """The environment's own name, numbered where the team has that already."""
    taken = set(
        Connection.objects.filter(team=team)
        .exclude(state=Connection.State.REMOVED)
        .values_list("name", flat=True)
    )
    base = found.friendly_name[:90]
    numbered = (base if number == 1 else f"{base} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)
