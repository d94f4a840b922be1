"""An application's own tokens, proven by its certificate."""

import threading
import time
from dataclasses import dataclass
from typing import Self

import msal

from microsoft.errors import CredentialRejected, NotReplicated, Transient, Unreachable
from microsoft.http import Door

from .application import Application
from .credentials import ClientCertificate

_IN_FLIGHT = 10.0  # seconds that a token must still live to reach the server


@dataclass(frozen=True)
class _Good:
    token: str
    expires_at: float

    def is_alive(self) -> bool:
        return time.time() < self.expires_at - _IN_FLIGHT

    def __repr__(self) -> str:
        return f"<token until {self.expires_at:.0f}>"


class CertificateTokens:
    """Tokens of one application in one tenant. Keep one object per process; threads may share it.

    While the sign-in service is down or throttles, the last good token serves until it really expires: MSAL by
    itself gives it up five minutes early, and raises although it has it when told to refresh early.

    https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
    """

    def __init__(
        self,
        door: Door,
        tenant_id: str,
        client_id: str,
        private_key_pem: str,
        certificate_pem: str,
        *,
        cache: msal.TokenCache | None = None,
        replicating: bool = False,
    ) -> None:
        self.tenant_id = tenant_id
        self.client_id = client_id
        self._door = door
        self._credential = ClientCertificate(client_id, private_key_pem, certificate_pem)
        self._cache = cache or msal.TokenCache()
        self._replicating = replicating
        self._application = Application(door, tenant_id, self._credential, self._cache)
        self._good: dict[str, _Good] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<CertificateTokens of {self.client_id} in {self.tenant_id}>"

    def token(self, scope: str, *, claims: str | None = None) -> str:
        """An access token for `<resource>/.default`.

        Raises CredentialRejected when Entra does not accept application or key (NotReplicated instead on a
        `fresh()` object, where the key is new), Invalid for an unknown resource, Transient.
        """
        # MSAL lets every thread ask for itself; one is enough, and the others can use what is still good.
        if not self._lock.acquire(blocking=False):
            good = self._still_good(scope, claims)
            if good is not None:
                return good
            self._lock.acquire()
        try:
            return self._acquire(scope, claims)
        finally:
            self._lock.release()

    def fresh(self, *, replicating: bool = True) -> Self:
        """The same identity with empty caches, to prove a key: MSAL repeats a refusal for 60 seconds.

        While `replicating`, a refused application or key is NotReplicated, as Entra needs time to spread a new one.
        """
        return self._sibling(self._credential, cache=None, replicating=replicating)

    def with_key(self, private_key_pem: str, certificate_pem: str) -> Self:
        """The same identity with another key; tokens that are still good stay in use."""
        credential = ClientCertificate(self.client_id, private_key_pem, certificate_pem)
        sibling = self._sibling(credential, cache=self._cache, replicating=False)
        sibling._good.update(self._good)
        return sibling

    def _sibling(
        self, credential: ClientCertificate, *, cache: msal.TokenCache | None, replicating: bool
    ) -> Self:
        return type(self)(
            self._door,
            self.tenant_id,
            self.client_id,
            credential.private_key_pem,
            credential.certificate_pem,
            cache=cache,
            replicating=replicating,
        )

    def _acquire(self, scope: str, claims: str | None) -> str:
        try:
            answer = self._application.ask(
                lambda app: app.acquire_token_for_client([scope], claims_challenge=claims)
            )
        except Transient:
            good = self._still_good(scope, claims)
            if good is None:
                raise
            return good
        except CredentialRejected as error:
            if self._replicating:
                raise NotReplicated.instead_of(error) from None
            raise
        if answer is None:
            raise Unreachable("The sign-in service gave no token")
        token = str(answer["access_token"])
        self._good[scope] = _Good(token, time.time() + float(answer.get("expires_in", 0)))
        return token

    def _still_good(self, scope: str, claims: str | None) -> str | None:
        """The last token, unless a claims challenge says that it is not enough."""
        good = self._good.get(scope)
        return good.token if good is not None and claims is None and good.is_alive() else None
