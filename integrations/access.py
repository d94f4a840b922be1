"""With which client an integration reaches its environment, and what its refusals mean to people."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.urls import reverse

from accounts import gate
from accounts.actors import Actor
from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.models import Connection, Environment
from core.problems import NotPermitted, Remedy, problem_from
from integrations.definition import ActsAs
from microsoft.dataverse import Dataverse
from microsoft.errors import Forbidden, InteractionRequired, MicrosoftError, SignInExpired


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


@contextmanager
def serving(connection: Connection, acts_as: ActsAs) -> Iterator[None]:
    """As `reaching`, for calls of a published service: what the application lacks while its role is pending is not
    refused for good.

    Raises:
        NotPermitted: with what completes the role; besides what `reaching` raises.

    """
    try:
        with reaching(connection.environment, acts_as):
            yield
    except NotPermitted as problem:
        if acts_as is ActsAs.PERSON or not isinstance(problem.__cause__, Forbidden):
            raise
        pending = Connection.objects.filter(pk=connection.pk, state=Connection.State.ROLE_PENDING).first()
        if pending is None:
            raise
        raise _unfinished(pending, problem) from problem.__cause__


def _unfinished(connection: Connection, problem: NotPermitted) -> NotPermitted:
    return NotPermitted(
        f"The role of {connection} does not hold all that this integration needs yet. Dynamics said: {problem.message}",
        title="The connection's role is not complete",
        advice="After an integration is published or bound this takes some seconds: try again. If it stays so, an"
        " administrator of the environment has to apply the role on the connection's page.",
        ids=problem.ids,
        remedy=Remedy("Look at the connection", reverse("connections:detail", args=[connection.pk])),
        code="role_pending",
    )
