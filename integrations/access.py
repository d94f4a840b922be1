"""With which client an integration reaches its environment, and what its refusals mean to people."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts import gate
from accounts.actors import Actor
from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.models import Connection, Environment
from core.problems import problem_from
from integrations.definition import ActsAs
from microsoft.dataverse import Dataverse
from microsoft.errors import InteractionRequired, MicrosoftError, SignInExpired


def client_for(connection: Connection, acts_as: ActsAs, actor: Actor) -> Dataverse:
    """The application's client, or the person's own.

    Raises:
        GateClosed: when it must be the person, and they have not authorised Isthmus for the tenant.
        Unavailable: when the connection cannot authenticate.

    """
    if acts_as is ActsAs.APPLICATION:
        return connection.dataverse()
    return person_client(actor, connection.environment)


def person_client(actor: Actor, environment: Environment) -> Dataverse:
    """A client that acts as the person, with their own delegated token. Raises GateClosed without one."""
    authorization = own_authorization(actor, environment)
    if authorization is None:
        raise gate.GateClosed(
            f"This acts as you in {environment.friendly_name}, so it needs your own Microsoft authorization.",
            advice="Authorise once; Isthmus then acts as you, within what Dynamics lets you see and do.",
            remedy=gate.remedy(environment.tenant_id),
            code="authorization",
        )
    return dataverse_as(authorization, environment)


def own_authorization(actor: Actor, environment: Environment) -> Authorization | None:
    """The person's own authorization for the environment's tenant, unless it was taken back."""
    if actor.user is None:
        return None
    found = gate.authorization_for(actor.user, environment.tenant_id)
    return None if found is None or found.state == Authorization.State.REVOKED else found


@contextmanager
def reaching(environment: Environment, acts_as: ActsAs = ActsAs.PERSON) -> Iterator[None]:
    """What Microsoft says becomes a problem for people; the original stays as its cause.

    Raises:
        GateClosed: Microsoft wants the person themselves; one button leads there and back.
        core.problems.Problem: of the kind that suits the error.

    """
    try:
        yield
    except (InteractionRequired, SignInExpired) as error:
        if acts_as is not ActsAs.PERSON:
            raise problem_from(error) from error
        raise gate.GateClosed(
            error.message,
            advice=error.advice,
            ids=error.ids(),
            remedy=gate.remedy(environment.tenant_id),
            code="authorization",
        ) from error
    except MicrosoftError as error:
        raise problem_from(error) from error
