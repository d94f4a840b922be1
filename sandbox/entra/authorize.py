"""The authorize request: read, judged, and how its answer travels back.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from sandbox.entra.errors import EntraError, Occurrence, description, missing
from sandbox.entra.redirects import attach
from sandbox.pages import page

PROMPTS = {"", "none", "login", "select_account", "consent"}
MODES = {"", "query", "fragment", "form_post"}
CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """What the application sent, kept while a person works through the pages."""

    client_id: str
    redirect_uri: str
    response_type: str = ""
    response_mode: str = ""
    scope: str = ""
    state: str = ""
    nonce: str = ""
    prompt: str = ""
    login_hint: str = ""
    domain_hint: str = ""
    claims: str = ""
    client_info: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "AuthorizeRequest":
        return cls(**{name: values.get(name, "") for name in cls.__dataclass_fields__})

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def check(self) -> None:
        """Raises EntraError for what can be told to the application by redirect."""
        if not self.response_type:
            raise missing("response_type")
        if self.response_type != "code":
            _refuse_response_type(self.response_type)
        if self.response_mode not in MODES:
            raise EntraError(
                90023, "invalid_request", f"The response mode '{self.response_mode}' is not supported."
            )
        if self.prompt not in PROMPTS:
            raise EntraError(90023, "invalid_request", f"Unsupported 'prompt' value '{self.prompt}'.")
        if not self.scope.strip():
            raise missing("scope")
        self._check_challenge()

    def _check_challenge(self) -> None:
        if self.code_challenge_method not in {"", "plain", "S256"}:
            raise EntraError(50149, "invalid_request", "Invalid Code_Challenge_method parameter.")
        if self.code_challenge_method and not self.code_challenge:
            raise EntraError(50147, "invalid_request", "Missing code_challenge parameter.")
        if self.code_challenge and not CHALLENGE.fullmatch(self.code_challenge):
            raise EntraError(501491, "invalid_request", "Invalid size of Code_Challenge parameter.")

    def answer(self, parameters: dict[str, str]) -> Response:
        """Send the browser back with these, and with the state."""
        parameters = {**parameters, "state": self.state}
        if self.response_mode == "form_post":
            sent = {name: value for name, value in parameters.items() if value}
            return page("form_post", action=self.redirect_uri, answer=sent)
        return away(attach(self.redirect_uri, parameters, self.response_mode))

    def refuse(self, error: EntraError, seen: Occurrence, **more: str) -> Response:
        return self.answer({"error": error.error, **more, "error_description": description(error, seen)})


def _refuse_response_type(wanted: str) -> None:
    words = set(wanted.split())
    if words <= {"code", "id_token", "token"}:
        kind = "id_token" if "id_token" in words else "token"
        number = 700054 if kind == "id_token" else 700051
        raise EntraError(
            number, "unsupported_response_type", f"response_type '{kind}' is not enabled for the application."
        )
    raise EntraError(70005, "unsupported_response_type", f"The response type '{wanted}' is not supported.")


def away(location: str) -> Response:
    response = redirect(location, 302, Response=Response)
    # Werkzeug would make nothing of custom schemes such as msal123://auth; say it as it is.
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
