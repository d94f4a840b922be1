"""What is really there at Microsoft for one connection, seen by the administrator's own eyes."""

from dataclasses import dataclass

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.models import Connection
from connections.names import common_name, short_id, unique_name
from core.cloud import door
from microsoft.graph import Graph


@dataclass
class Remote:
    applications: int
    keys: int
    principals: int
    roles: int
    users: int
    enabled_users: int
    assignments: int


def remote(actor: Actor, connection: Connection) -> Remote:
    """Counts, by searching for everything that bears the connection's marks rather than by recorded ids.

    Roles are counted in the root business unit: Dataverse keeps a copy of each in every other one.
    """
    authorization = Authorization.objects.get(user=actor.user, tenant_id=connection.environment.tenant_id)
    tokens = vault.tokens(authorization)
    application = Graph(door(), tokens).find_application(unique_name(connection))
    dataverse = dataverse_as(authorization, connection.environment)
    mark = f"contains(name,'({short_id(connection)})')"
    here = f"_businessunitid_value eq {dataverse.root_business_unit()}"
    roles = dataverse.list("roles", select=("roleid",), filter=f"{mark} and {here}").records
    principal, users = None, []
    if application is not None:
        principal = Graph(door(), tokens).find_service_principal(application.app_id)
    client_id = application.app_id if application else connection.identifiers.client_id
    if client_id:
        users = dataverse.list(
            "systemusers", select=("systemuserid", "isdisabled"), filter=f"applicationid eq {client_id}"
        ).records
    return Remote(
        applications=int(application is not None),
        keys=len(application.keys) if application else 0,
        principals=int(principal is not None),
        roles=len(roles),
        users=len(users),
        enabled_users=sum(not user["isdisabled"] for user in users),
        assignments=sum(len(dataverse.user_roles(user["systemuserid"])) for user in users),
    )


def one_of_each() -> Remote:
    return Remote(applications=1, keys=1, principals=1, roles=1, users=1, enabled_users=1, assignments=1)


def named_applications(world, connection: Connection) -> int:
    """Applications in the sandbox's own books that bear the connection's unique name or any key of its."""
    found = world.directory.database.read().execute(
        "SELECT count(DISTINCT a.id) FROM application a LEFT JOIN key_credential k ON k.application_id = a.id"
        " WHERE a.deleted IS NULL AND (a.unique_name = ? OR k.display_name = ?)",
        (unique_name(connection), f"CN={common_name(connection)}"),
    )
    return found.fetchone()[0]
