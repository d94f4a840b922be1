"""Who is the client, and can it prove it.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import jwt

from sandbox.clock import Clock
from sandbox.directory import Application, Directory, ServicePrincipal, Tenant
from sandbox.directory.credentials import KeyCredential, public_key
from sandbox.entra.errors import EntraError, missing

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("PS256", "RS256")
SKEW = 300
UNCHECKED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}

PUBLIC, SECRET, CERTIFICATE = "0", "1", "2"


class Clients:
    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def find(self, client_id: str, tenant: Tenant | None) -> Application:
        """The replicated registration. `tenant` None is common or organizations.

        Raises EntraError 900144, 700016 or 50194.
        """
        if not client_id:
            raise missing("client_id")
        application = self._directory.applications.by_app_id(client_id)
        foreign = tenant and application and application.tenant_id != tenant.id
        if application is None or (foreign and not application.is_multi_tenant):
            where = tenant.name if tenant else "common"
            raise EntraError(
                700016,
                "unauthorized_client",
                f"Application with identifier '{client_id}' was not found in the directory '{where}'. This can happen "
                "if the application has not been installed by the administrator of the tenant or consented to by any "
                "user in the tenant. You may have sent your authentication request to the wrong tenant.",
            )
        if tenant is None and not application.is_multi_tenant:
            raise EntraError(
                50194,
                "invalid_request",
                f"Application '{client_id}'({application.display_name}) is not configured as a multi-tenant "
                "application. Usage of the /common endpoint is not supported for such apps created after "
                "'10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
            )
        return application

    def principal(self, application: Application, tenant: Tenant) -> ServicePrincipal:
        """The application in the tenant. Raises EntraError 7000229 or 7000112."""
        principal = self._directory.service_principal(tenant.id, application.app_id)
        if principal is None:
            raise EntraError(
                7000229,
                "invalid_client",
                f"The client application {application.app_id} is missing service principal in the tenant {tenant.id}. "
                "See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
            )
        if not principal.enabled:
            raise EntraError(
                7000112,
                "unauthorized_client",
                f"Application '{application.app_id}'({application.display_name}) is disabled.",
            )
        return principal

    def authenticate(self, application: Application, form: Mapping[str, str], audiences: set[str]) -> str:
        """How the client proved itself, as appidacr has it; PUBLIC if it did not try. Raises EntraError."""
        if form.get("client_assertion"):
            self._check_assertion(application, form, audiences)
            return CERTIFICATE
        if "client_secret" in form:
            self._check_secret(application, form["client_secret"])
            return SECRET
        return PUBLIC

    def _check_secret(self, application: Application, secret: str) -> None:
        verdict = self._directory.credentials.check_password(application.id, secret)
        if verdict == "expired":
            raise EntraError(
                7000222,
                "invalid_client",
                f"The provided client secret keys for app '{application.app_id}' are expired. Visit the Azure portal "
                "to create new keys for your app, or consider using certificate credentials for added security.",
            )
        if verdict != "good":
            raise EntraError(
                7000215,
                "invalid_client",
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{application.app_id}'.",
            )

    def _check_assertion(
        self, application: Application, form: Mapping[str, str], audiences: set[str]
    ) -> None:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise missing("client_assertion_type")
        token = form["client_assertion"]
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError) as error:
            raise EntraError(50027, "invalid_client", "JWT token is invalid or malformed.") from error
        key = self._signing_key(application, header)
        if header.get("alg") not in ALGORITHMS:
            raise EntraError(
                5002738,
                "invalid_client",
                f"Invalid JWT token. '{header.get('alg')}' is not a supported algorithm.",
            )
        try:
            jwt.decode(token, public_key(key.certificate), algorithms=[header["alg"]], options=UNCHECKED)
        except (jwt.PyJWTError, ValueError) as error:
            raise _bad_key(
                "The key was found, but use of the key to verify the signature failed.", key.sha1
            ) from error
        self._check_claims(application, claims, audiences)

    def _signing_key(self, application: Application, header: Mapping[str, Any]) -> KeyCredential:
        sha1, sha256 = _hex(header.get("x5t")), _hex(header.get("x5t#S256"))
        if not (sha1 or sha256):
            raise EntraError(
                700030,
                "invalid_client",
                "Invalid certificate - subject name in certificate is not authorized, or the assertion names no key.",
            )
        key = self._directory.credentials.key_by_thumbprint(application.id, sha1=sha1, sha256=sha256)
        if key is None:
            raise _bad_key("The key was not found.", sha1 or sha256)
        if not key.start - SKEW <= self._clock.timestamp() < key.end:
            raise _bad_key("The key used is expired.", sha1 or sha256)
        return key

    def _check_claims(self, application: Application, claims: Mapping[str, Any], audiences: set[str]) -> None:
        now = self._clock.timestamp()
        if claims.get("iss") != application.app_id or claims.get("sub") != application.app_id:
            raise EntraError(
                700021,
                "invalid_client",
                "Client assertion application identifier doesn't match 'client_id' parameter.",
            )
        given = claims.get("aud")
        if not isinstance(given, str) or given not in audiences:
            raise EntraError(
                700023, "invalid_client", "Client assertion audience claim does not match Realm issuer."
            )
        expires, starts = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(starts, int | float):
            raise EntraError(50027, "invalid_client", "JWT token is invalid or malformed.")
        if not starts - SKEW <= now < expires + SKEW:
            raise EntraError(
                700024,
                "invalid_client",
                "Client assertion is not within its valid time range. Review the documentation at "
                "https://docs.microsoft.com/azure/active-directory/develop/certificate-credentials .",
            )


def _hex(value: object) -> str:
    """A thumbprint, base64url with or without padding, as upper-case hex; '' if it is none."""
    if not isinstance(value, str):
        return ""
    try:
        return base64.urlsafe_b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4)).hex().upper()
    except (binascii.Error, ValueError):
        return ""


def _bad_key(reason: str, thumbprint: str) -> EntraError:
    return EntraError(
        700027,
        "invalid_client",
        f"Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: "
        f"'{thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured "
        "keys for the app.]",
    )
