"""Our steps of social-auth's pipeline, in the order of SOCIAL_AUTH_PIPELINE."""

import uuid
from typing import Any
from uuid import UUID

from social_django.models import UserSocialAuth

from accounts import audit, tenants, vault
from accounts.actors import Actor
from accounts.models import Authorization, User
from accounts.services import default_team
from core.cloud import cloud
from core.problems import NotPermitted, Remedy

TOKENS = ("access_token", "refresh_token", "id_token", "client_info")


def allowed_tenant(response: dict[str, Any], **_more: Any) -> None:
    """People of other tenants end here, before anything is written about them."""
    tenants.admit(UUID(response["tid"]))


def one_person_per_identity(backend: Any, uid: str, user: User | None = None, **_more: Any) -> None:
    """A Microsoft account belongs to one person here, for good; it does not change hands by being chosen again."""
    owner = _owner_of(backend.name, uid)
    if owner is None:
        return
    if not owner.is_active:
        raise NotPermitted(
            "Your account in Isthmus is switched off.", advice="Ask a site administrator.", code="inactive"
        )
    if user is not None and owner.pk != user.pk:
        raise NotPermitted(
            "This Microsoft account already belongs to somebody else here.",
            title="Choose another Microsoft account",
            advice=f"You are signed in as {user}. Sign out first to come in with that account.",
            remedy=Remedy("Back to my authorizations", "/authorizations/"),
            code="identity_in_use",
        )


def username(details: dict[str, Any], user: User | None = None, **_more: Any) -> dict[str, Any]:
    """A readable name for a new user. It says nothing about who somebody is at Microsoft."""
    if user is not None:
        return {"username": user.username}
    wanted = "".join(c for c in details.get("username", "") if c.isalnum() or c in "@.+-_")[:120] or "person"
    taken = User.objects.filter(username__iexact=wanted).exists()
    return {"username": f"{wanted}-{uuid.uuid4().hex[:8]}" if taken else wanted}


def remember_name(details: dict[str, Any], user: User, **_more: Any) -> None:
    """The name Microsoft knows, unless the person has set one here."""
    if not user.name and details.get("fullname"):
        user.name = details["fullname"][:200]
        user.save(update_fields=["name"])


def keep_tokens(backend: Any, response: dict[str, Any], user: User, **_more: Any) -> None:
    """Into the vault, and out of everything that later steps could write down."""
    scopes = backend.trip().scopes
    authorization = vault.keep(
        user,
        UUID(response["tid"]),
        UUID(response["oid"]),
        account_name=str(response.get("preferred_username") or response.get("name") or "")[:320],
        answer=dict(response),
        scopes=scopes,
    )
    for name in TOKENS:
        response.pop(name, None)
    verb = "authorised" if scopes else "signed in with"
    audit.record(Actor.person(user), verb, authorization, fields=["scopes"] if scopes else [])


def join_team(user: User, *, is_new: bool = False, **_more: Any) -> None:
    default_team.welcome(user, newcomer=is_new)


def _owner_of(provider: str, uid: str) -> User | None:
    social = UserSocialAuth.objects.filter(provider=provider, uid=uid).select_related("user").first()
    if social is not None:
        return social.user
    tenant_id, object_id = uid.split(".")
    kept = Authorization.objects.filter(cloud=cloud().name, tenant_id=tenant_id, object_id=object_id)
    authorization = kept.select_related("user").first()
    return authorization.user if authorization else None
