"""MSAL behind our errors, built only when the first token is asked for: its constructor does network I/O."""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import jwt
import msal
import requests
from msal.exceptions import MsalServiceError

from microsoft.certificates import load_key_pair
from microsoft.errors import (
    CredentialRejected,
    MicrosoftError,
    NotFound,
    Refused,
    Throttled,
    Unreachable,
)
from microsoft.http import Door, unreachable
from microsoft.token_verdicts import token_error

from .credentials import ClientCertificate, Credential
from .transport import Documents, LastAnswer, Transport

_documents: WeakKeyDictionary[Door, Documents] = WeakKeyDictionary()


class Application:
    """One confidential client at one tenant's authority, over one token cache."""

    def __init__(self, door: Door, tenant_id: str, credential: Credential, cache: msal.TokenCache) -> None:
        self._door = door
        self._authority = door.cloud.authority(tenant_id)
        self._credential = credential
        self._cache = cache
        self._transport = Transport(door, _documents.setdefault(door, Documents()))
        self._built: msal.ConfidentialClientApplication | None = None

    @property
    def client_id(self) -> str:
        return self._credential.client_id

    def ask(self, question: Callable[[Any], Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
        """Put a question to the MSAL application; its answer without an error, or None, or one of our errors."""
        self._transport.last = LastAnswer()
        try:
            answer = question(self._msal())
        except requests.RequestException as error:
            raise unreachable(error, self._authority) from None
        except MsalServiceError:
            raise self._unavailable() from None
        except (ValueError, TypeError, LookupError, jwt.PyJWTError) as error:
            raise self._unusable(error) from None
        last = self._transport.last
        if answer is not None and "error" in answer:
            raise token_error(answer, status=last.status, retry_after=last.retry_after())
        if not answer and last.status is not None and last.status >= 400:
            # A gateway's refusal without a word of Entra's: MSAL takes it for having nothing to go by.
            raise self._wordless(last)
        return answer

    def _msal(self) -> msal.ConfidentialClientApplication:
        if self._built is None:
            self._built = msal.ConfidentialClientApplication(
                self._credential.client_id,
                client_credential=self._credential.for_msal(),
                authority=self._authority,
                token_cache=self._cache,
                http_client=self._transport,
                # Our clouds are configuration, so MSAL need not ask Microsoft whether the login host is genuine.
                instance_discovery=False,
                # Says that we understand claims challenges; Entra then sends them instead of a bare 401.
                client_capabilities=["CP1"],
            )
        return self._built

    def _wordless(self, last: LastAnswer) -> MicrosoftError:
        if last.status == 429:
            return Throttled(
                "Microsoft's sign-in service limits requests",
                status=last.status,
                retry_after=last.retry_after(),
            )
        return self._unavailable()

    def _unavailable(self) -> Unreachable:
        last = self._transport.last
        return Unreachable(
            f"Microsoft's sign-in service answered {last.status}",
            status=last.status,
            retry_after=last.retry_after(),
        )

    def _unusable(self, error: Exception) -> MicrosoftError:
        """MSAL says ValueError for an unknown tenant, an unreadable key and a body that is not JSON alike."""
        if isinstance(self._credential, ClientCertificate):
            try:
                load_key_pair(self._credential.private_key_pem, self._credential.certificate_pem)
            except ValueError:
                return CredentialRejected("The private key and certificate cannot be used together")
        status = self._transport.last.status
        if status == 429:
            return self._wordless(self._transport.last)
        if self._built is None and status is not None and 400 <= status < 500:
            return NotFound(
                "There is no such tenant", status=status, advice="Check the tenant's id or domain."
            )
        if self._built is None:
            return Refused(
                "The sign-in service describes itself in a way that cannot be used",
                status=status,
                advice="Its token address must be https and belong to the chosen cloud.",
            )
        return Unreachable(f"The sign-in service gave an answer that cannot be read ({type(error).__name__})")
