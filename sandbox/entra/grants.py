"""The token endpoint: three grants, each ending in tokens or in an EntraError.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sandbox.directory import Application, Directory, Person, Tenant
from sandbox.entra.claims import challenge_for, wants_second_factor
from sandbox.entra.clients import CERTIFICATE, PUBLIC, Clients
from sandbox.entra.errors import EntraError, malformed, missing
from sandbox.entra.issuing import Issuing, Subject
from sandbox.entra.redirects import is_registered
from sandbox.entra.scopes import DEFAULT, ResourceScopes, ScopeRequest, Scopes

Form = Mapping[str, str]


class Grants:
    def __init__(self, directory: Directory, clients: Clients, scopes: Scopes, issuing: Issuing) -> None:
        self._directory = directory
        self._clients = clients
        self._scopes = scopes
        self._issuing = issuing

    def token(self, tenant: Tenant | None, form: Form, audiences: set[str]) -> dict[str, Any]:
        """`audiences`: what a client assertion may be addressed to."""
        grants = {
            "authorization_code": self._authorization_code,
            "refresh_token": self._refresh_token,
            "client_credentials": self._client_credentials,
        }
        kind = form.get("grant_type", "")
        if not kind:
            raise missing("grant_type")
        if kind not in grants:
            raise EntraError(
                70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{kind}'."
            )
        return grants[kind](tenant, form, audiences)

    def _client_credentials(self, tenant: Tenant | None, form: Form, audiences: set[str]) -> dict[str, Any]:
        if tenant is None:
            raise EntraError(
                50059,
                "invalid_request",
                "No tenant-identifying information found in either the request or implied by any provided credentials.",
            )
        application = self._clients.find(form.get("client_id", ""), tenant)
        proof = self._clients.authenticate(application, form, audiences)
        if proof == PUBLIC:
            raise _unproven()
        principal = self._clients.principal(application, tenant)
        request = self._application_scopes(form.get("scope", ""), tenant, application)
        token = self._issuing.application_token(principal, request, proof)
        seconds = self._directory.settings.access_token_seconds
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token,
        }

    def _application_scopes(self, text: str, tenant: Tenant, application: Application) -> ResourceScopes:
        if not text.strip():
            raise missing("scope")
        words = text.split()
        if any(word.rpartition("/")[2] != DEFAULT or "/" not in word for word in words):
            raise EntraError(
                1002012,
                "invalid_scope",
                f"The provided value for scope {text} is not valid. Client credential flows must have a scope value "
                "with /.default suffixed to the resource identifier (application ID URI).",
            )
        return _single(self._scopes.parse(text, tenant.id, application)).resources[0]

    def _authorization_code(self, tenant: Tenant | None, form: Form, audiences: set[str]) -> dict[str, Any]:
        application = self._clients.find(form.get("client_id", ""), tenant)
        for name in ("code", "redirect_uri"):
            if not form.get(name):
                raise missing(name)
        state, issued = self._directory.sign_ins.code(form["code"])
        _check_code(state, issued, form)
        self._prove(application, form, audiences, form["redirect_uri"])
        _check_verifier(issued, form.get("code_verifier", ""))
        person = self._person(issued["person"], issued["tenant"])
        _check_tenant(tenant, issued["tenant"])
        requested = self._scopes.parse(form.get("scope") or issued["scope"], issued["tenant"], application)
        if form.get("scope"):
            _single(requested)
        # Only a request that could have succeeded spends the code.
        if not self._directory.sign_ins.use_code(form["code"]):
            raise _redeemed()
        original = self._scopes.parse(issued["scope"], issued["tenant"], application)
        keep = "offline_access" in {word.lower() for word in [*original.openid, *requested.openid]}
        document = {"scope": issued["scope"], "mfa": issued["mfa"], "keep": keep}
        requested.openid = requested.openid or original.openid
        subject = Subject(person, application, issued["tenant"])
        return self._for_person(subject, requested, document, form, issued.get("nonce"))

    def _refresh_token(self, tenant: Tenant | None, form: Form, audiences: set[str]) -> dict[str, Any]:
        application = self._clients.find(form.get("client_id", ""), tenant)
        if not form.get("refresh_token"):
            raise missing("refresh_token")
        known = self._directory.sign_ins.refresh_token(form["refresh_token"])
        if known is None or known.app_id != application.app_id:
            raise malformed_grant()
        self._prove(application, form, audiences, known.document.get("redirect_uri", ""))
        person = self._person(known.person_oid, known.tenant_id)
        if known.revoked:
            raise EntraError(
                50173,
                "invalid_grant",
                "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might "
                "have changed or reset their password.",
                suberror="bad_token",
            )
        if known.expired:
            raise EntraError(
                700082,
                "invalid_grant",
                "The refresh token has expired due to inactivity. Send a new interactive authorization request for "
                "this user and resource.",
                suberror="bad_token",
            )
        _check_tenant(tenant, known.tenant_id)
        text = form.get("scope") or known.document["scope"]
        requested = self._scopes.parse(text, known.tenant_id, application)
        return self._for_person(
            Subject(person, application, known.tenant_id), requested, known.document, form, None
        )

    def _for_person(
        self,
        subject: Subject,
        requested: ScopeRequest,
        document: dict[str, Any],
        form: Form,
        nonce: str | None,
    ) -> dict[str, Any]:
        application, tenant_id = subject.application, subject.tenant_id
        # One access token answers for one resource: the first that was named.
        requested.resources = requested.resources[:1]
        tenant = self._directory.tenant(tenant_id)
        if tenant is None:
            raise malformed_grant()
        self._require_consent(requested, subject)
        self._clients.principal(application, tenant)
        services = {resource.service for resource in requested.resources}
        if wants_second_factor(self._directory, services, form.get("claims", "")) and not document["mfa"]:
            raise second_factor_needed(next(iter(services), "graph"), form.get("claims", ""))
        document = document | {"redirect_uri": form.get("redirect_uri") or document.get("redirect_uri", "")}
        return self._issuing.person_tokens(
            subject,
            requested,
            document,
            nonce=nonce,
            with_client_info=form.get("client_info") == "1",
            proof=_proof(form),
        )

    def _require_consent(self, requested: ScopeRequest, subject: Subject) -> None:
        application = subject.application
        if self._scopes.missing_consent(requested, application, subject.tenant_id, subject.person.oid):
            raise without_consent(application, "invalid_grant", suberror="consent_required")

    def _prove(self, application: Application, form: Form, audiences: set[str], redirect_uri: str) -> None:
        proof = self._clients.authenticate(application, form, audiences)
        if is_registered(application, redirect_uri, ["publicClient"]):
            return
        if proof == PUBLIC:
            raise _unproven()

    def _person(self, oid: str, tenant_id: str) -> Person:
        person, tenant = self._directory.person(oid), self._directory.tenant(tenant_id)
        if person is None:
            raise EntraError(
                500341,
                "invalid_grant",
                f"The user account {oid} has been deleted from the {tenant.domain if tenant else tenant_id} directory. "
                "To sign into this application, the account must be added to the directory.",
                suberror="bad_token",
            )
        if not person.enabled:
            raise EntraError(50057, "invalid_grant", "The user account is disabled.", suberror="bad_token")
        return person


def second_factor_needed(service: str, claims: str) -> EntraError:
    return EntraError(
        50076,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
        f"use multi-factor authentication to access '{service}'.",
        suberror="basic_action",
        claims=claims or json.dumps(challenge_for(service)),
    )


def without_consent(application: Application, error: str, suberror: str = "") -> EntraError:
    return EntraError(
        65001,
        error,
        f"The user or administrator has not consented to use the application with ID '{application.app_id}' named "
        f"'{application.display_name}'. Send an interactive authorization request for this user and resource.",
        suberror=suberror,
    )


def malformed_grant() -> EntraError:
    return EntraError(
        70000,
        "invalid_grant",
        "Provided grant is invalid or malformed.",
    )


def _check_tenant(tenant: Tenant | None, tenant_id: str) -> None:
    if tenant and tenant.id != tenant_id:
        raise EntraError(
            50020,
            "invalid_grant",
            f"User account from identity provider does not exist in tenant '{tenant.name}' and cannot access the "
            "application in that tenant. The account needs to be added as an external user in the tenant first.",
        )


def _check_code(state: str, issued: dict[str, Any], form: Form) -> None:
    if state == "used":
        raise _redeemed()
    if state == "expired":
        raise EntraError(
            70008,
            "invalid_grant",
            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive "
            "authorization request for this user and resource.",
        )
    if state == "unknown" or issued["app_id"].lower() != form["client_id"].lower():
        raise malformed_grant()
    if issued["redirect_uri"] != form["redirect_uri"]:
        raise EntraError(
            500112,
            "invalid_grant",
            f"The reply address '{form['redirect_uri']}' does not match the reply address "
            f"'{issued['redirect_uri']}' provided when requesting Authorization code.",
        )


def _check_verifier(issued: dict[str, Any], verifier: str) -> None:
    challenge = issued.get("code_challenge", "")
    if not (challenge or verifier):
        return
    given = verifier
    if issued.get("code_challenge_method") == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(given.encode(), challenge.encode()):
        raise EntraError(
            501481,
            "invalid_grant",
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        )


def _single(request: ScopeRequest) -> ScopeRequest:
    if len(request.resources) > 1:
        raise EntraError(
            700022,
            "invalid_request",
            "The provided value for the input parameter scope isn't valid because it contains more than one resource.",
        )
    if not request.resources and not request.openid:
        raise malformed()
    return request


def _proof(form: Form) -> str:
    return CERTIFICATE if form.get("client_assertion") else "1" if "client_secret" in form else PUBLIC


def _redeemed() -> EntraError:
    return EntraError(
        54005,
        "invalid_grant",
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing "
        "refresh token.",
    )


def _unproven() -> EntraError:
    return EntraError(
        7000218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    )
