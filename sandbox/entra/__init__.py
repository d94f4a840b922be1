"""Entra ID on the wire: documents and tokens over TLS, pages for browsers over loopback http."""

import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.clock import Clock
from sandbox.directory import Directory, Tenant
from sandbox.entra import metadata
from sandbox.entra.authorize import away
from sandbox.entra.clients import Clients
from sandbox.entra.errors import EntraError, Occurrence, as_json, malformed
from sandbox.entra.grants import Grants
from sandbox.entra.issuing import Issuing
from sandbox.entra.journey import Journeys
from sandbox.entra.logout import Logout
from sandbox.entra.scopes import Scopes
from sandbox.pages import STYLE_PATH, page, style
from sandbox.places import Places
from sandbox.tokens import TokenAuthority

COMMON = {"common", "organizations", "consumers"}
MAX_FORM = 256 * 1024
ENDPOINTS = [
    Rule("/common/discovery/instance", endpoint="instances", methods=["GET"]),
    Rule("/<tenant>/discovery/instance", endpoint="instances", methods=["GET"]),
    Rule("/<tenant>/v2.0/.well-known/openid-configuration", endpoint="configuration", methods=["GET"]),
    Rule("/<tenant>/.well-known/openid-configuration", endpoint="configuration", methods=["GET"]),
    Rule("/<tenant>/discovery/v2.0/keys", endpoint="keys", methods=["GET"]),
    Rule("/<tenant>/discovery/keys", endpoint="keys", methods=["GET"]),
    Rule("/<tenant>/oauth2/v2.0/token", endpoint="token", methods=["POST"]),
]
PAGES = [
    Rule("/<tenant>/oauth2/v2.0/authorize", endpoint="authorize", methods=["GET", "POST"]),
    Rule("/<tenant>/v2.0/adminconsent", endpoint="admin_consent", methods=["GET"]),
    Rule("/<tenant>/adminconsent", endpoint="admin_consent", methods=["GET"]),
    Rule("/<tenant>/oauth2/v2.0/logout", endpoint="logout", methods=["GET", "POST"]),
    Rule("/<tenant>/oauth2/v2.0/account", endpoint="account", methods=["POST"]),
    Rule("/<tenant>/oauth2/v2.0/proof", endpoint="proof", methods=["POST"]),
    Rule("/<tenant>/oauth2/v2.0/consent", endpoint="consent", methods=["POST"]),
    Rule("/error", endpoint="explain", methods=["GET"]),
    Rule(STYLE_PATH, endpoint="style", methods=["GET"]),
]
# Compiling the rules takes longer than anything else at a start, so all of a process's sandboxes share them.
ROUTES = Map([*ENDPOINTS, *PAGES], strict_slashes=False, merge_slashes=False)


class SmallRequest(Request):
    """Nobody sends Entra more than a form."""

    max_content_length = MAX_FORM
    max_form_memory_size = MAX_FORM


class EntraApplication:
    """A WSGI application for both origins; each answers what belongs to it and points to the other."""

    def __init__(self, directory: Directory, tokens: TokenAuthority, clock: Clock, places: Places) -> None:
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._places = places
        scopes = Scopes(directory, places)
        clients = Clients(directory, clock)
        issuing = Issuing(directory, clock, tokens, scopes, places)
        self._grants = Grants(directory, clients, scopes, issuing)
        self._journeys = Journeys(directory, clock, clients, scopes)
        self._sign_out = Logout(directory)
        self._page_names = {rule.endpoint for rule in PAGES}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = SmallRequest(environ)
        seen = Occurrence.now(self._clock.now(), request.headers.get("client-request-id", ""))
        try:
            response = self._respond(request, environ)
        except EntraError as error:
            response = self._failure(request, error, seen)
        except MethodNotAllowed:
            text = f"The endpoint does not accept {request.method} requests."
            response = self._failure(request, EntraError(900561, "invalid_request", text, status=405), seen)
        except HTTPException as problem:
            unknown = malformed()
            unknown.status = problem.code or 400
            response = self._failure(request, unknown, seen)
        response.headers.setdefault("Cache-Control", "no-store, no-cache")
        response.headers["x-ms-request-id"] = seen.trace_id
        response.headers["client-request-id"] = seen.correlation_id
        return response(environ, start_response)

    def _respond(self, request: Request, environ: dict[str, Any]) -> Response:
        endpoint, arguments = ROUTES.bind_to_environ(environ).match()
        if (endpoint in self._page_names) != (environ["wsgi.url_scheme"] == "http"):
            origin = self._places.pages if endpoint in self._page_names else self._places.login
            response = away(origin + environ["RAW_URI"])
            response.status_code = 307 if request.method == "POST" else 302
            return response
        segment = arguments.get("tenant", "common")
        handler: Callable[[Request, str], Response] = getattr(self, f"_{endpoint}")
        return handler(request, segment)

    def _tenant(self, segment: str) -> Tenant | None:
        """None for common and organizations. Raises EntraError 90002."""
        if segment.lower() in COMMON:
            return None
        tenant = self._directory.tenant(segment)
        if tenant is None:
            raise EntraError(
                90002,
                "invalid_request",
                f"Tenant '{segment}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant.",
            )
        return tenant

    # Documents and tokens

    def _configuration(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - one shape for all
        try:
            tenant = self._tenant(segment)
        except EntraError as error:
            error.error = "invalid_tenant"
            raise
        return _json(metadata.openid_configuration(self._places, segment, tenant.id if tenant else None))

    def _keys(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        self._tenant(segment)
        return _json(metadata.keys(self._places, self._tokens))

    def _instances(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        return _json(metadata.instances(self._places, segment))

    def _token(self, request: Request, segment: str) -> Response:
        tenant = self._tenant(segment)
        form = request.form.to_dict()
        _read_basic(request, form)
        base = f"{self._places.login}/{segment}"
        audiences = {f"{base}/oauth2/v2.0/token", f"{base}/v2.0"}
        if tenant:
            canonical = f"{self._places.login}/{tenant.id}"
            audiences |= {f"{canonical}/oauth2/v2.0/token", f"{canonical}/v2.0"}
        return _json(self._grants.token(tenant, form, audiences))

    # Pages

    def _authorize(self, request: Request, segment: str) -> Response:
        return self._journeys.start(request, segment, self._tenant(segment))

    def _admin_consent(self, request: Request, segment: str) -> Response:
        return self._journeys.start_admin_consent(request, segment, self._tenant(segment))

    def _account(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        return self._journeys.choose(request)

    def _proof(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        return self._journeys.prove(request)

    def _consent(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        return self._journeys.decide(request)

    def _logout(self, request: Request, segment: str) -> Response:
        if request.method == "POST" and "ctx" in request.form:
            return self._sign_out.choose(request)
        return self._sign_out.start(request, segment)

    def _explain(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        number = request.args.get("code", "")
        text = "Microsoft explains this code at https://learn.microsoft.com/entra/identity-platform/reference-error-codes"
        return page("error", number=number, message=text, seen=None)

    def _style(self, request: Request, segment: str) -> Response:  # noqa: ARG002 - as above
        return style()

    def _failure(self, request: Request, error: EntraError, seen: Occurrence) -> Response:
        if request.environ["wsgi.url_scheme"] == "http":
            return page("error", error.status, number=error.number, message=error.message, seen=seen)
        return _json(as_json(error, seen, self._places.login), error.status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")


def _read_basic(request: Request, form: dict[str, str]) -> None:
    """Client credentials may also travel as HTTP Basic."""
    given = request.authorization
    if given and given.type == "basic" and given.username:
        form.setdefault("client_id", given.username)
        form.setdefault("client_secret", given.password or "")
