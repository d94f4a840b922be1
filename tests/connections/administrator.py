"""The administrator of a manual connection: in Entra by the sandbox's control plane, in the environment as Ana."""

from accounts.actors import Actor
from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.manual.script import role_of
from connections.models import Connection
from connections.services import manual
from sandbox import administration
from sandbox.directory.model import Application


def register(world, connection: Connection, *, principal: bool = True) -> Application:
    """The part of the instructions that plays in Entra; without a principal it is what az does."""
    tenant = world.directory.tenant(str(connection.environment.tenant_id))
    certificate = manual.handed_over(connection)
    wanted = {
        "name": "Isthmus by hand",
        "certificate": certificate.public_pem,
        "client_id": connection.identifiers.client_id,
    }
    application = administration.register(world.directory, tenant, wanted)
    if not principal:
        with world.directory.database.write() as books:
            books.execute("DELETE FROM service_principal WHERE app_id = ?", (application.app_id,))
    return application


def let_in(ana: Actor, connection: Connection, client_id: str, privileges: dict[str, str]) -> str:
    """The part that plays in the environment: the user, and the role with these privileges. The user's id."""
    dataverse = environment_of(ana, connection)
    unit = dataverse.root_business_unit()
    user = dataverse.create_application_user(client_id, unit)
    role = dataverse.create_role(role_of(connection), unit)
    dataverse.set_role_privileges(role, privileges)
    dataverse.assign_role(user, role)
    return user


def environment_of(ana: Actor, connection: Connection):
    authorization = Authorization.objects.get(user=ana.user, tenant_id=connection.environment.tenant_id)
    return dataverse_as(authorization, connection.environment)
