"""Tokens for people and for applications, and what travels beside them."""

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.directory import Application, Directory, Person, ServicePrincipal
from sandbox.directory.model import GRAPH_APP_ID
from sandbox.entra.scopes import ResourceScopes, ScopeRequest, Scopes
from sandbox.places import Places
from sandbox.tokens import TokenAuthority, pairwise

ID_TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Subject:
    """Who signs in, to what, where."""

    person: Person
    application: Application
    tenant_id: str


class Issuing:
    def __init__(
        self, directory: Directory, clock: Clock, tokens: TokenAuthority, scopes: Scopes, places: Places
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._tokens = tokens
        self._scopes = scopes
        self._places = places

    def application_token(self, principal: ServicePrincipal, resource: ResourceScopes, proof: str) -> str:
        """No scp and no roles: what the application may do, the resource itself decides."""
        return self._tokens.issue(
            audience=resource.audience,
            tenant_id=principal.tenant_id,
            object_id=principal.id,
            app_id=principal.app_id,
            client_auth=proof,
            lifetime=self._directory.settings.access_token_seconds,
        )

    def person_tokens(
        self,
        subject: Subject,
        requested: ScopeRequest,
        document: dict[str, Any],
        *,
        nonce: str | None,
        with_client_info: bool,
        proof: str,
    ) -> dict[str, Any]:
        """The whole token response. `document` is remembered with the next refresh token."""
        person, application, tenant_id = subject.person, subject.application, subject.tenant_id
        resource = requested.resources[0] if requested.resources else self._scopes.resource("", tenant_id)
        granted = self._scopes.granted(application, tenant_id, person.oid, resource.app_id)
        settings = self._directory.settings
        access_token = self._tokens.issue(
            audience=resource.audience,
            tenant_id=tenant_id,
            object_id=person.oid,
            app_id=application.app_id,
            scopes=granted - {"offline_access"},
            name=person.display_name,
            upn=person.upn,
            client_auth=proof,
            lifetime=settings.access_token_seconds,
            extra={"amr": ["pwd", "mfa"] if document["mfa"] else ["pwd"], "acct": 0},
        )
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": settings.access_token_seconds,
            "ext_expires_in": settings.access_token_seconds,
            "access_token": access_token,
        }
        scope = _echo(requested, resource, granted)
        if scope:
            answer["scope"] = scope
        if document["keep"]:
            answer["refresh_token"] = self._directory.sign_ins.new_refresh_token(
                person.oid, application.app_id, tenant_id, settings.refresh_token_seconds, document
            )
        if "openid" in {word.lower() for word in requested.openid}:
            answer["id_token"] = self._id_token(subject, nonce)
        if with_client_info:
            answer["client_info"] = client_info(person)
        return answer

    def _id_token(self, subject: Subject, nonce: str | None) -> str:
        person, application, tenant_id = subject.person, subject.application, subject.tenant_id
        now = int(self._clock.timestamp())
        claims: dict[str, Any] = {
            "aud": application.app_id,
            "iss": f"{self._places.login}/{tenant_id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + ID_TOKEN_SECONDS,
            "name": person.display_name,
            "oid": person.oid,
            "preferred_username": person.upn,
            "sub": pairwise(person.oid, application.app_id),
            "tid": tenant_id,
            "uti": uuid.uuid4().hex[:22],
            "ver": "2.0",
        }
        return self._tokens.sign(claims | ({"nonce": nonce} if nonce else {}))


def client_info(person: Person) -> str:
    """Who signed in, in the form MSAL keys its cache by."""
    raw = json.dumps({"uid": person.oid, "utid": person.tenant_id}).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _echo(requested: ScopeRequest, resource: ResourceScopes, granted: frozenset[str]) -> str:
    """The granted scopes in the caller's own spelling; clients cache under this string."""
    words = list(resource.spelled)
    if not words:
        words = [name for name in ("User.Read",) if resource.app_id == GRAPH_APP_ID and name in granted]
    return " ".join([*words, *(word for word in requested.openid if word.lower() != "offline_access")])
