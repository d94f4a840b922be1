"""Which environments a person can reach, and the rows by which we know them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from accounts import gate, vault
from accounts.actors import Actor
from accounts.models import Authorization
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.models import Environment
from core.clock import now
from core.cloud import cloud, door
from core.problems import BadInput, NotPermitted, Problem, problem_from
from microsoft import discovery
from microsoft.discovery import Instance
from microsoft.errors import InteractionRequired, MicrosoftError, OriginRefused, SignInExpired


@dataclass(frozen=True)
class Found:
    """An environment that a person can reach. `is_administrator` is None where nobody has said."""

    tenant_id: str
    url: str
    unique_name: str
    friendly_name: str
    region: str = ""
    version: str = ""
    is_enabled: bool = True
    is_administrator: bool | None = None


@dataclass(frozen=True)
class Reachable:
    """What one authorization of a person reaches, or why that could not be learnt."""

    authorization: Authorization
    environments: Sequence[Found] = field(default_factory=list)
    problem: Problem | None = None


def discover(actor: Actor, *, reach: Reach = Reach.IDENTITY, back_to: str = "") -> list[Reachable]:
    """The environments of each of the person's authorizations, freshly asked. One failing does not hide the others.

    Where one needs the person, its remedy asks for `reach` at once and returns to `back_to`.
    https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/discover-url-organization-web-api
    """
    return [_reachable(authorization, reach, back_to) for authorization in own_authorizations(actor)]


def own_authorizations(actor: Actor) -> list[Authorization]:
    """The person's own authorizations that have not been taken back, in this cloud."""
    if actor.user is None:
        raise NotPermitted("Only a person has environments.")
    revoked = Authorization.State.REVOKED
    return list(Authorization.objects.here().filter(user=actor.user).exclude(state=revoked))


def find(actor: Actor, url: str) -> Found:
    """One environment by its address, whether discovery lists it or not: the person must be let in there.

    Raises:
        BadInput: not an address of this cloud, or no authorization of the person is accepted there.

    """
    origin = checked_origin(url)
    refusals: list[MicrosoftError] = []
    for authorization in own_authorizations(actor):
        reachable = _reachable(authorization)
        listed = next((one for one in reachable.environments if one.url == origin), None)
        if listed is not None:
            return listed
        try:
            return _visit(authorization, origin)
        except MicrosoftError as error:
            refusals.append(error)
    raise BadInput(
        f"{origin} does not let you in with any of your authorizations. "
        + (refusals[-1].message if refusals else "You have none yet."),
        advice="Check the address, or authorise with an account that is a user there.",
        ids=refusals[-1].ids() if refusals else {},
        fields={"url": "This environment does not let you in."},
    )


def checked_origin(url: str) -> str:
    """The origin of an environment's address as typed.

    Raises:
        BadInput: it is not an environment of the configured cloud; nothing was sent there.

    """
    try:
        return cloud().require_environment(url)
    except OriginRefused as error:
        raise BadInput(error.message, advice=error.advice, fields={"url": error.message}) from None


def keep(found: Found) -> Environment:
    """The row of an environment, made or brought up to date."""
    environment, _created = Environment.objects.update_or_create(
        cloud=cloud().name,
        url=found.url,
        defaults={
            "tenant_id": found.tenant_id,
            "unique_name": found.unique_name,
            "friendly_name": found.friendly_name,
            "region": found.region,
            "version": found.version,
            "enabled": found.is_enabled,
            "seen_at": now(),
        },
    )
    return environment


def _reachable(authorization: Authorization, reach: Reach = Reach.IDENTITY, back_to: str = "") -> Reachable:
    try:
        listed = discovery.instances(door(), vault.tokens(authorization))
    except MicrosoftError as error:
        problem = problem_from(error)
        if isinstance(error, InteractionRequired | SignInExpired):
            problem.remedy = gate.remedy(authorization.tenant_id, reach, back_to)
        return Reachable(authorization, problem=problem)
    return Reachable(authorization, [found for one in listed if (found := _found(authorization, one))])


def _found(authorization: Authorization, instance: Instance) -> Found | None:
    """Discovery's answer is input like any other: an address outside the cloud is left out."""
    try:
        origin = cloud().require_environment(instance.url)
    except OriginRefused:
        return None
    return Found(
        tenant_id=instance.tenant_id or str(authorization.tenant_id),
        url=origin,
        unique_name=instance.unique_name,
        friendly_name=instance.friendly_name,
        region=instance.region,
        version=instance.version,
        is_enabled=instance.is_enabled,
        is_administrator=instance.is_administrator,
    )


def _visit(authorization: Authorization, origin: str) -> Found:
    """What can be learnt of an environment that discovery does not list: that it lets the person in."""
    unsaved = Environment(cloud=cloud().name, tenant_id=authorization.tenant_id, url=origin)
    dataverse_as(authorization, unsaved).who_am_i()
    host = urlsplit(origin).netloc
    return Found(str(authorization.tenant_id), origin, unique_name="", friendly_name=host)
