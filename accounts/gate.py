"""The gate: who may create or change an integration or a connection.

It takes a role of builder or owner in the team *and* the acting person's own live authorization for the tenant.
Another person's does not count, nor does administering the site; and authorising never grants a role.
Services call `require`; pages call `check`, which only looks at what is known, to say so before anyone tries.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, Role, Team, User
from accounts.reach import Reach
from accounts.rules import require_role, role_in
from core import clock
from core.problems import Missing, NotPermitted, Remedy
from microsoft.errors import InteractionRequired, SignInExpired

__all__ = [
    "EXEMPT",
    "LIVE_FOR",
    "Gate",
    "GateClosed",
    "Reach",
    "authorization_for",
    "check",
    "remedy",
    "require",
]

LIVE_FOR = timedelta(minutes=5)
EXEMPT = {
    "rotation": "replaces a connection's certificate before it expires, at night if need be",
    "health": "writes down what it found when it tested a connection",
    "reconciler": "takes up work that a person started and a crash interrupted",
}
State = Authorization.State


class GateClosed(NotPermitted):
    """The role is there, the person's own live authorization is not. `remedy` leads to it and back."""

    title = "Your own authorization is needed"


@dataclass(frozen=True)
class Gate:
    """What a page shows. `reason` is "role", "authorization" or empty when the gate is open."""

    open: bool
    reason: str = ""
    message: str = ""
    remedy: Remedy | None = None


def check(
    actor: Actor, team: Team, tenant_id: UUID | str, reach: Reach = Reach.IDENTITY, *, back_to: str = ""
) -> Gate:
    """Whether the gate looks open, from our own records alone. Cheap enough for every page."""
    if actor.user is None:
        return Gate(open=actor.duty in EXEMPT, reason="" if actor.duty in EXEMPT else "role")
    role = role_in(actor.user, team)
    if role is None or role < Role.BUILDER:
        return Gate(
            open=False,
            reason="role",
            message=f"Changing this takes the role builder in {team.name}. Ask an owner of the team for it.",
        )
    authorization = authorization_for(actor.user, tenant_id)
    message = _obstacle(authorization, reach)
    if message:
        return Gate(
            open=False,
            reason="authorization",
            message=message,
            remedy=remedy(tenant_id, reach, back_to),
        )
    return Gate(open=True)


def require(
    actor: Actor, team: Team, tenant_id: UUID | str, reach: Reach = Reach.IDENTITY, *, back_to: str = ""
) -> Authorization:
    """Let the actor pass or say what is missing; proves that the authorization still lives. Never in a transaction.

    Raises:
        Missing, NotPermitted: the role is missing.
        GateClosed: the person's own authorization is missing, too narrow or no longer live.
        microsoft.errors.Transient: Microsoft could not be asked.

    """
    if actor.user is None:
        raise NotPermitted(f"{actor.label} has no authorization of its own; a person has to do this.")
    require_role(actor, team, Role.BUILDER)
    authorization = authorization_for(actor.user, tenant_id)
    message = _obstacle(authorization, reach)
    if message or authorization is None:
        raise GateClosed(message, remedy=remedy(tenant_id, reach, back_to), code="authorization")
    if authorization.proven_at is None or authorization.proven_at < clock.now() - LIVE_FOR:
        try:
            vault.prove(authorization, reach.scope)
        except (InteractionRequired, SignInExpired) as error:
            raise GateClosed(
                error.message,
                advice=error.advice,
                ids=error.ids(),
                remedy=remedy(tenant_id, reach, back_to),
                code="authorization",
            ) from error
        authorization.refresh_from_db()
    return authorization


def exempt(actor: Actor) -> bool:
    """Whether this duty may go through without a person. Ask it explicitly where a service allows that."""
    return actor.user is None and actor.duty in EXEMPT


def authorization_for(user: User, tenant_id: UUID | str) -> Authorization | None:
    """The person's own authorization for a tenant: the live one where they have several."""
    known = list(Authorization.objects.here().filter(user=user, tenant_id=_uuid(tenant_id)))
    return min(
        known, key=lambda one: (one.state != State.LIVE, one.state == State.REVOKED, one.pk), default=None
    )


def remedy(tenant_id: UUID | str, reach: Reach = Reach.IDENTITY, back_to: str = "") -> Remedy:
    """The one button: to Microsoft, and back to `back_to` (or to the page it was pressed on)."""
    query: dict[str, Any] = {"tenant": str(tenant_id), "reach": reach.value}
    if back_to:
        query["next"] = back_to
    return Remedy(
        "Authorise with Microsoft", f"{reverse('accounts:authorise')}?{urlencode(query)}", post=True
    )


def _obstacle(authorization: Authorization | None, reach: Reach) -> str:
    """Why this authorization does not do, or an empty text."""
    if authorization is None or authorization.state == State.REVOKED:
        over = f"{authorization.reason} " if authorization else ""
        return f"{over}This takes your own authorization to {reach.purpose}. Nobody else's counts.".lstrip()
    if reach.scope not in authorization.scopes:
        return f"Your authorization does not yet allow Isthmus to {reach.purpose}."
    if authorization.state != State.LIVE and authorization.blocked_scope in ("", reach.scope):
        return authorization.reason or "Microsoft wants to see you once more before this can go on."
    return ""


def _uuid(tenant_id: UUID | str) -> UUID:
    try:
        return tenant_id if isinstance(tenant_id, UUID) else UUID(tenant_id)
    except ValueError:
        raise Missing("There is no such tenant.") from None
