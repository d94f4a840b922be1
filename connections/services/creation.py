"""A new connection: its rows and its run, in one transaction."""

from django.db import IntegrityError, transaction

from accounts import audit, gate
from accounts.actors import Actor
from accounts.models import Team
from accounts.reach import Reach
from connections.models import Connection
from connections.provisioning import ledger
from connections.provisioning.plan import PROVISION
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
    if not found.is_enabled:
        raise BadInput(f"{found.friendly_name} is switched off.", fields={"environment": "Start it first."})
    name = name.strip() or default_name(team, found)
    try:
        with transaction.atomic():
            connection = Connection.objects.create(
                name=name,
                team=team,
                environment=environments.keep(found),
                state=Connection.State.PROVISIONING,
                created_by=actor.user,
            )
            ledger.lay_out(connection, PROVISION)
            jobs.request(KIND, actor=actor, subject=connection, key=key_for(connection), priority=10)
            audit.record(actor, "created", connection, fields=["name", "team", "environment"])
    except IntegrityError:
        raise BadInput(
            f"{team} has a connection named {name} already.", fields={"name": "Choose another name."}
        ) from None
    return connection


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
