"""A person's tokens: one refresh token serves Graph, discovery and every environment."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msal
import msgspec

from microsoft.errors import InteractionRequired, Refused, SignInExpired
from microsoft.http import Door

from .application import Application
from .credentials import Credential

_Kind = msal.TokenCache.CredentialType


@dataclass(frozen=True)
class TokenSet:
    """What was granted: scopes, and the claims of the id token (who it is). The tokens stay in the cache."""

    scopes: tuple[str, ...]
    claims: dict[str, Any] = field(repr=False)


class UserTokens:
    """Tokens of one person in one tenant, out of the token cache that the caller loads and saves.

    Save the cache when `cache.has_state_changed`; refresh tokens are replaced on use. An object serves one thread.
    """

    def __init__(
        self,
        door: Door,
        client: Credential,
        tenant_id: str,
        cache: msal.SerializableTokenCache,
        home_account_id: str | None = None,
    ) -> None:
        self.home_account_id = home_account_id
        self._cache = cache
        self._environment = urlsplit(door.cloud.login).hostname
        self._application = Application(door, tenant_id, client, cache)

    def __repr__(self) -> str:
        return f"<UserTokens of {self.home_account_id}>"

    def token(self, scope: str, *, claims: str | None = None) -> str:
        """An access token, from the cache or by the refresh token.

        Raises SignInExpired when there is nothing (left) to refresh with, InteractionRequired or ConsentRequired
        when a browser is needed (the refresh token stays good), CredentialRejected, Transient.
        https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
        """
        account = self.account
        if account is None:
            raise SignInExpired("There is no authorization for this account")
        try:
            answer = self._application.ask(
                lambda app: app.acquire_token_silent_with_error([scope], account, claims_challenge=claims)
            )
        except InteractionRequired as error:
            error.claims = error.claims or claims
            raise
        if answer is None:
            raise SignInExpired("There is no refresh token for this account")
        return str(answer["access_token"])

    def redeem(self, refresh_token: str, scope: str) -> TokenSet:
        """Take over a refresh token from a sign-in elsewhere, which the same application must have made.

        On any error the cache is as it was before: MSAL may have put half of an answer into it.
        """
        with self._undone_on_error():
            answer = self._application.ask(
                lambda app: app.acquire_token_by_refresh_token(refresh_token, scopes=[scope])
            )
            if answer is None:
                raise SignInExpired("Microsoft gave no token for this refresh token")
            home_account_id = _home_account_id(answer)
            if not self._entries(_Kind.REFRESH_TOKEN, home_account_id):
                raise InteractionRequired(
                    "Microsoft gave no refresh token: offline_access has not been granted"
                )
        self.home_account_id = home_account_id
        return TokenSet(
            scopes=tuple(str(answer.get("scope") or scope).split()),
            claims=dict(answer.get("id_token_claims") or {}),
        )

    def forget(self) -> None:
        """Remove all that the cache holds of this account. Needs no network."""
        for kind in (_Kind.REFRESH_TOKEN, _Kind.ACCESS_TOKEN, _Kind.ID_TOKEN, _Kind.ACCOUNT):
            for entry in self._entries(kind, self.home_account_id):
                self._cache.modify(kind, entry)

    @property
    def account(self) -> dict[str, Any] | None:
        """The account as MSAL describes it (home_account_id, local_account_id, username, realm), None if unknown."""
        return next(iter(self._entries(_Kind.ACCOUNT, self.home_account_id)), None)

    def _entries(self, kind: str, home_account_id: str | None) -> list[dict[str, Any]]:
        query = {"environment": self._environment}
        if home_account_id is not None:
            query["home_account_id"] = home_account_id
        return [dict(entry) for entry in self._cache.search(kind, query=query)]

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        changed = self._cache.has_state_changed
        before = self._cache.serialize()
        self._cache.has_state_changed = changed
        try:
            yield
        except BaseException:
            self._cache.deserialize(before)
            self._cache.has_state_changed = changed
            raise


def _home_account_id(answer: Mapping[str, Any]) -> str:
    """`uid.utid` out of client_info. Without it MSAL would key the account by `sub`, and not find it again."""
    encoded = str(answer.get("client_info") or "")
    try:
        info = msgspec.json.decode(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        return f"{info['uid']}.{info['utid']}"
    except (ValueError, KeyError, TypeError):
        raise Refused("Microsoft did not say whose token this is (client_info)") from None
