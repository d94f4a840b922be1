"""Sign-in with Microsoft Entra: social-auth's tenant backend, with our identity, our cloud and our care for tokens.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import requests
from django.http import HttpResponse
from social_core.backends.azuread_tenant import AzureADV2TenantOAuth2
from social_core.exceptions import AuthResponseError, AuthSessionError

from accounts.assertions import assertion_for
from accounts.wanted import OPENID, Wanted
from core.cloud import cloud, door, sign_in_app
from microsoft.errors import Unreachable
from microsoft.http import unreachable
from microsoft.identity import ClientCertificate
from microsoft.token_verdicts import authorize_error, token_error

SECRETS = {"access_token", "refresh_token", "id_token", "token_type", "resource", "client_info", "expires_on"}
TIMEOUT = (10.0, 30.0)


class Entra(AzureADV2TenantOAuth2[HttpResponse]):
    """`wanted` says what a round trip is for; it travels in the session, beside the state it belongs to."""

    name = "entra"
    title = "Microsoft"
    DEFAULT_USE_PKCE = True
    LEGACY_ID_KEYS: tuple[str, ...] = ()
    EXTRA_DATA = [("oid", "oid"), ("tid", "tid"), ("sub", "sub")]
    wanted: Wanted | None = None

    # Who it is

    def id_key(self) -> str:
        return "tid.oid"

    def get_user_id(self, details: Any, response: Mapping[str, Any]) -> str:  # noqa: ARG002
        """`tid.oid`: the only pair that names a person for good. E-mail addresses and UPNs change hands."""
        try:
            return f"{UUID(response['tid'])}.{UUID(response['oid'])}"
        except (KeyError, TypeError, ValueError, AttributeError):
            raise AuthResponseError(self, claim="oid", code="missing_claim", stage="pipeline") from None

    def get_user_details(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Names for display. No e-mail: nobody has confirmed it, so nothing must ever match on it."""
        return {"fullname": response.get("name") or "", "username": response.get("preferred_username") or ""}

    def extra_data(
        self, user: Any, uid: str, response: Any, details: Any, pipeline_kwargs: Any
    ) -> dict[str, Any]:
        data = super().extra_data(user, uid, response, details, pipeline_kwargs)
        return {name: value for name, value in data.items() if name not in SECRETS}

    # Where it goes

    @property
    def tenant_id(self) -> str:
        return self.trip().tenant or super().tenant_id

    @property
    def base_url(self) -> str:
        return cloud().authority(self.tenant_id)

    def authorization_url(self) -> str:
        return cloud().authorize_url(self.tenant_id)

    def request(self, url: str, *, method: str = "GET", stage: Any = "user_info", **content: Any) -> Any:  # noqa: ARG002
        """Through our one door, so that cloud policy, proxy and CA hold here as well.

        Raises:
            MicrosoftError: for every answer but success.

        """
        content["timeout"] = TIMEOUT
        try:
            answer = door().session.request(method, url, **content)
        except requests.RequestException as error:
            raise unreachable(error, url) from None
        if answer.status_code >= 400:
            raise token_error(_body(answer), status=answer.status_code)
        if answer.status_code != 200:
            raise Unreachable(f"The sign-in service answered {answer.status_code}", status=answer.status_code)
        return answer

    # What it asks

    def get_scope(self) -> list[str]:
        return [*self.trip().scopes, *OPENID]

    def auth_params(self, state: str | None = None) -> dict[str, str]:
        if state:
            key = self.transaction_key(state)
            kept = {**(self.strategy.session_get(key) or {}), "wanted": self.trip().as_session()}
            self.strategy.session_set(key, kept)
        params: dict[str, str] = super().auth_params(state)  # type: ignore[no-untyped-call]
        return params

    def auth_extra_arguments(self) -> dict[str, str]:
        extra: dict[str, str] = super().auth_extra_arguments()  # type: ignore[no-untyped-call]
        return {**extra, **self.trip().arguments()}

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        """One resource per token, named: without a scope Entra answers for whichever was asked first."""
        params: dict[str, Any] = super().auth_complete_params(state)  # type: ignore[no-untyped-call]
        params["scope"] = " ".join([*self.trip().scopes[:1], *OPENID])
        params["client_info"] = "1"  # MSAL files tokens under the account that this names
        if "client_assertion" in params:
            params.pop("client_secret", None)
        return params

    def client_assertion(self, **_options: Any) -> str | None:
        app = sign_in_app()
        return assertion_for(app, self.access_token_url()) if isinstance(app, ClientCertificate) else None

    def process_error(self, data: Any, *, stage: Any = "callback") -> None:
        """Believe an error only when it answers a question of this session: its text is shown to the person."""
        if "error" not in data:
            return
        if stage == "callback" and self.wanted_by(str(data.get("state", ""))) is None:
            raise AuthSessionError(self, "state", code="session_context_missing", stage="callback")
        raise authorize_error({name: str(value) for name, value in data.items()})

    def wanted_by(self, state: str) -> Wanted | None:
        """What the round trip with this state is for; None when this session did not begin it."""
        kept = self.strategy.session_get(self.transaction_key(state)) if state else None
        return Wanted.from_session(kept["wanted"]) if isinstance(kept, dict) and "wanted" in kept else None

    def trip(self) -> Wanted:
        """What the present round trip is for."""
        if self.wanted is None:
            kept = (self._oauth2_transaction or {}).get("wanted")
            if kept is None:
                return self.wanted_by(str(self.data.get("state", ""))) or Wanted.sign_in()
            self.wanted = Wanted.from_session(kept)
        return self.wanted


def _body(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
