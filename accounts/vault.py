"""The vault: every token of every person. Nobody else opens an authorization's cache.

MSAL's own cache is kept as a sealed document. One caller refreshes at a time, holding a lease (a conditional
update, not a transaction: asking Microsoft takes seconds); the others wait and find the fresh token in the cache.
A refusal is remembered for a moment, so that a page with ten tables does not ask ten times.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msal
from django.db import transaction
from django.db.models import Q

from accounts import audit, failures
from accounts.actors import Actor
from accounts.documents import TokenCacheDocument
from accounts.models import Authorization, User
from core import clock
from core.cloud import cloud, door, sign_in_app
from core.problems import NotPermitted
from core.sealing import seal, unseal
from microsoft.errors import MicrosoftError, SignInExpired, Unreachable
from microsoft.identity import UserTokens

LEASE = timedelta(seconds=60)
PATIENCE = 45.0  # seconds a caller waits for another one's refresh
PAUSE = 0.05
WRITTEN = (
    "token_cache",
    "account_name",
    "scopes",
    "state",
    "blocked_scope",
    "awaited_scope",
    "awaited_since",
    "claims",
    "reason",
    "proven_at",
    "failed_at",
    "failure",
)
State = Authorization.State
CredentialType = msal.TokenCache.CredentialType


@dataclass(frozen=True)
class VaultTokens:
    """A token provider (`microsoft.http.TokenProvider`) of one authorization. Holds no secret itself."""

    authorization_id: int

    def token(self, scope: str, *, claims: str | None = None) -> str:
        """An access token for one scope, from the cache or, silently, from Microsoft.

        Raises:
            SignInExpired, ConsentRequired, InteractionRequired: the person is needed; the row says so as well.
            Transient: Microsoft did not answer.

        """
        return _token(self.authorization_id, scope, claims=claims)


def tokens(authorization: Authorization) -> VaultTokens:
    """The token provider of this authorization."""
    return VaultTokens(authorization.pk)


def prove(authorization: Authorization, scope: str) -> None:
    """Ask Microsoft, not the cache, whether this sign-in still lives. Raises as `token` does."""
    _token(authorization.pk, scope, fresh=True)


def keep(
    user: User,
    tenant_id: UUID,
    object_id: UUID,
    *,
    account_name: str,
    answer: Mapping[str, Any],
    scopes: Iterable[str],
) -> Authorization:
    """Put away the tokens of a sign-in that just happened, and nothing of them anywhere else.

    Args:
        user: who signed in.
        tenant_id: of the tenant signed in to.
        object_id: of the person in that tenant.
        account_name: for display only.
        answer: Entra's answer to the code: access, refresh and id token, `scope`, `client_info`.
        scopes: the permissions that were asked for and granted, without the OpenID ones.

    Raises:
        NotPermitted: when this Microsoft account belongs to somebody else here.

    """
    authorization, _ = Authorization.objects.get_or_create(
        cloud=cloud().name, tenant_id=tenant_id, object_id=object_id, defaults={"user": user}
    )
    if authorization.user_id != user.pk:
        raise NotPermitted("This Microsoft account already belongs to somebody else here.")
    with _lease(authorization.pk) as row:
        cache = _open(row)
        _add(cache, row, answer, scopes)
        row.account_name = account_name
        row.scopes = sorted({*row.scopes, *scopes})
        row.proven_at = clock.now()
        failures.signed_in(row, scopes)
        _save(row, cache)
    authorization.refresh_from_db()
    return authorization


def revoke(actor: Actor, authorization: Authorization) -> None:
    """Forget this authorization's tokens. The person does it, or whoever administers the site.

    Microsoft has no call that ends one app's refresh token; what we hold is destroyed, and the trail says so.
    """
    if actor.user is None or not (actor.user.pk == authorization.user_id or actor.user.is_superuser):
        raise NotPermitted(
            "Only the person who gave an authorization, or a site administrator, can take it back."
        )
    with _lease(authorization.pk) as row:
        row.state, row.token_cache, row.scopes = State.REVOKED, "", []
        row.awaited_scope, row.awaited_since = "", None
        failures.forget(row)
        row.reason = f"Taken back by {actor.label}."
        _save(row)
        audit.record(actor, "revoked", row, message="The tokens kept here were destroyed.")
    authorization.refresh_from_db()


def _token(pk: int, scope: str, *, claims: str | None = None, fresh: bool = False) -> str:
    row = Authorization.objects.get(pk=pk)
    began = clock.now()
    if not fresh and claims is None and (found := _cached(row, scope)):
        return found
    with _lease(pk) as row:
        if row.state == State.REVOKED:
            raise SignInExpired(row.reason or "This authorization was taken back.")
        failures.repeat(row, scope)
        proven_meanwhile = row.proven_at is not None and row.proven_at > began
        if claims is None and (not fresh or proven_meanwhile) and (found := _cached(row, scope)):
            return found
        return _refresh(row, scope, claims)


def _refresh(row: Authorization, scope: str, claims: str | None) -> str:
    """Ask Microsoft, under the lease, and write down how it went."""
    cache = _open(row)
    _drop_access_tokens(cache, scope)
    provider = UserTokens(door(), sign_in_app(), str(row.tenant_id), cache)
    try:
        token = provider.token(scope, claims=claims)
    except MicrosoftError as error:
        # A failed attempt leaves nothing worth keeping in the cache: what is stored stays as it was, with its
        # refresh token, unless Microsoft said that the sign-in itself is over.
        failures.remember(row, scope, error)
        if isinstance(error, SignInExpired):
            row.token_cache = ""
        _save(row)
        raise
    row.proven_at = clock.now()
    row.scopes = sorted({*row.scopes, scope})
    failures.overcome(row, scope)
    _save(row, cache)
    return token


@contextmanager
def _lease(pk: int) -> Iterator[Authorization]:
    """Be the only one who talks to Microsoft about this authorization, across all processes.

    Raises:
        Unreachable: when another caller holds on for too long.

    """
    lease, deadline = uuid.uuid4(), time.monotonic() + PATIENCE
    while not _take(pk, lease):
        if time.monotonic() > deadline:
            raise Unreachable(
                "Another request is still waiting for Microsoft about this authorization.", retry_after=5
            )
        time.sleep(PAUSE)
    try:
        yield Authorization.objects.get(pk=pk, lease=lease)
    finally:
        Authorization.objects.filter(pk=pk, lease=lease).update(lease=None, leased_until=None)


def _take(pk: int, lease: uuid.UUID) -> bool:
    free = Q(leased_until=None) | Q(leased_until__lt=clock.now())
    # Durable: within somebody's transaction the others could not see the lease, and Microsoft would be waited for
    # with the database locked.
    with transaction.atomic(durable=True):
        taken = Authorization.objects.filter(free, pk=pk).update(
            lease=lease, leased_until=clock.now() + LEASE
        )
    return taken == 1


def _save(row: Authorization, cache: msal.SerializableTokenCache | None = None) -> None:
    """Write the row back, if the lease is still ours; a later holder knows better than we do."""
    if cache is not None and cache.has_state_changed:
        row.token_cache = seal(row, TokenCacheDocument(msal=cache.serialize()))
    Authorization.objects.filter(pk=row.pk, lease=row.lease).update(
        **{name: getattr(row, name) for name in WRITTEN}
    )


def _open(row: Authorization) -> msal.SerializableTokenCache:
    cache = msal.SerializableTokenCache()
    document = unseal(row, row.token_cache, TokenCacheDocument)
    if document.msal:
        cache.deserialize(document.msal)
    return cache


def _add(
    cache: msal.SerializableTokenCache, row: Authorization, answer: Mapping[str, Any], scopes: Iterable[str]
) -> None:
    """What MSAL does after a sign-in of its own. The tenant, not "organizations", is where tokens come from."""
    if answer.get("refresh_token"):
        # MSAL files refresh tokens by the scopes they came with, and would go on trying the older ones as well.
        _drop(cache, CredentialType.REFRESH_TOKEN)
        _drop(cache, CredentialType.ACCESS_TOKEN)
    cache.add(
        {
            "client_id": sign_in_app().client_id,
            "scope": list(scopes)[:1] or answer.get("scope", "").split(),
            "token_endpoint": f"{cloud().authority(str(row.tenant_id))}/oauth2/v2.0/token",
            "grant_type": "authorization_code",
            "response": dict(answer),
        }
    )
    cache.has_state_changed = True


def _cached(row: Authorization, scope: str) -> str:
    """An access token that is still good for a while, or an empty text."""
    if row.state == State.REVOKED or not row.token_cache:
        return ""
    soon = time.time() + 300
    for entry in _access_tokens(_open(row), scope):
        if int(entry["expires_on"]) > soon and entry.get("realm") == str(row.tenant_id):
            return str(entry["secret"])
    return ""


def _drop_access_tokens(cache: msal.SerializableTokenCache, scope: str) -> None:
    for entry in _access_tokens(cache, scope):
        cache.remove_at(entry)


def _drop(cache: msal.SerializableTokenCache, kind: str) -> None:
    for entry in list(cache.search(kind)):
        cache.modify(kind, entry)


def _access_tokens(cache: msal.SerializableTokenCache, scope: str) -> list[dict[str, Any]]:
    return list(cache.search(CredentialType.ACCESS_TOKEN, target=[scope]))
