"""Who may touch a connection, and holding it still meanwhile."""

from django.urls import reverse

from accounts import gate
from accounts.actors import Actor
from accounts.models import Authorization
from accounts.reach import Reach
from connections.models import Connection
from core.problems import Clash, Missing


def require(actor: Actor, connection: Connection, reach: Reach = Reach.IDENTITY) -> Authorization:
    """The gate, for one connection. Never inside a transaction: it may ask Microsoft.

    Raises:
        Missing: removed already, or another team's.
        NotPermitted, GateClosed: see `accounts.gate.require`.

    """
    page = reverse("connections:detail", args=[connection.pk])
    tenant_id = connection.environment.tenant_id
    authorization = gate.require(actor, connection.team, tenant_id, reach, back_to=page)
    if connection.state == Connection.State.REMOVED:
        raise Missing("This connection has been removed.")
    return authorization


def hold(connection: Connection, *, revision: int | None = None) -> Connection:
    """The row, locked until the transaction ends, with its revision counted up.

    Raises:
        Clash: somebody changed it since `revision` was read.

    """
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    if revision is not None and row.revision != revision:
        raise Clash(
            "Somebody else changed this connection in the meantime.",
            advice="Load the page again and repeat your change.",
        )
    row.revision += 1
    return row
