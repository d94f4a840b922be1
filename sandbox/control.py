"""The control plane, under /_sandbox/ on the pages' origin: nothing that Microsoft has.

It answers this machine only. A web page elsewhere cannot use it: changes need a JSON content
type, which browsers send across origins only after asking, and nobody here says yes.
"""

import json
from collections.abc import Callable
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox import administration
from sandbox.clock import Clock
from sandbox.directory import Directory
from sandbox.directory.model import ROLE_NAMES
from sandbox.faults import Faults
from sandbox.front_app import CLIENT_ID
from sandbox.journal import Journal
from sandbox.places import Places
from sandbox.tokens import TokenAuthority

PREFIX = "/_sandbox"
GRAPH_SCOPES = "Application.ReadWrite.All User.Read"
DATAVERSE_SCOPE = "user_impersonation"
HOSTS = {"localhost", "127.0.0.1", "[::1]"}
ROUTES = Map(
    [
        Rule("/", endpoint="state", methods=["GET"]),
        Rule("/state", endpoint="state", methods=["GET"]),
        Rule("/reset", endpoint="reset", methods=["POST"]),
        Rule("/clock", endpoint="clock_of", methods=["GET", "POST"]),
        Rule("/settings", endpoint="settings", methods=["GET", "PATCH"]),
        Rule("/tenants/<name>", endpoint="tenant", methods=["PATCH"]),
        Rule("/people/<name>", endpoint="person", methods=["GET", "PATCH", "DELETE"]),
        Rule("/people/<name>/revoke", endpoint="revoke", methods=["POST"]),
        Rule("/applications", endpoint="applications", methods=["POST"]),
        Rule("/tokens", endpoint="token", methods=["POST"]),
        Rule("/consents", endpoint="consents", methods=["DELETE"]),
        Rule("/faults", endpoint="faults_of", methods=["GET", "POST", "DELETE"]),
        Rule("/faults/<int:number>", endpoint="fault", methods=["DELETE"]),
        Rule("/requests", endpoint="requests", methods=["GET", "DELETE"]),
    ],
    strict_slashes=False,
)


class Controlled(Protocol):
    """The world, as far as the control plane needs it."""

    scenario: str
    directory: Directory
    clock: Clock
    faults: Faults
    journal: Journal
    places: Places
    tokens: TokenAuthority

    def reset(self, scenario: str | None = None) -> None: ...


class Refusal(Exception):  # noqa: N818 - an answer
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ControlPlane:
    """A WSGI application for paths below PREFIX. Errors are `{"error": "…"}` with a 4xx."""

    def __init__(self, world: Controlled) -> None:
        self._world = world
        self._directory = world.directory
        self._clock = world.clock
        self._faults = world.faults
        self._journal = world.journal
        self._places = world.places

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            response = self._respond(Request(environ), environ)
        except Refusal as refusal:
            response = _json({"error": str(refusal)}, refusal.status)
        except HTTPException as problem:
            response = _json({"error": problem.description or "Bad request."}, problem.code or 400)
        return response(environ, start_response)

    def _respond(self, request: Request, environ: dict[str, Any]) -> Response:
        self._check_origin(request)
        path = environ["PATH_INFO"].removeprefix(PREFIX) or "/"
        adapter = ROUTES.bind_to_environ(environ)
        endpoint, arguments = adapter.match(path)
        handler: Callable[..., Response] = getattr(self, f"_{endpoint}")
        return handler(request, **arguments)

    def _check_origin(self, request: Request) -> None:
        if request.host.rpartition(":")[0] not in HOSTS and request.host not in HOSTS:
            raise Refusal(403, "The control plane answers to localhost only.")
        if request.headers.get("Origin") not in {None, self._places.pages}:
            raise Refusal(403, "Other sites may not use the control plane.")

    def _state(self, request: Request) -> Response:  # noqa: ARG002 - one shape for all
        tenants = self._directory.people_table.tenants()
        return _json(
            {
                "scenario": self._world.scenario,
                "now": self._clock.now().isoformat(timespec="seconds"),
                "clock_offset_seconds": self._clock.offset.total_seconds(),
                "origins": {
                    "pages": self._places.pages,
                    "login": self._places.login,
                    "graph": self._places.graph,
                    "discovery": self._places.discovery,
                    **self._places.environments,
                },
                "tenants": [
                    {"id": one.id, "name": one.name, "domain": one.domain, "members_may_register": one.members_may_register}
                    for one in tenants
                ],
                "people": [self._shown(person.oid) for person in self._directory.people()],
                "settings": self._directory.settings.all(),
                "faults": [rule.describe() for rule in self._faults.all()],
            }
        )  # fmt: skip

    def _reset(self, request: Request) -> Response:
        """Everything as at the first start, optionally with another scenario. Ports and the clock stay."""
        wanted = _body(request, {"scenario": str})
        try:
            self._world.reset(wanted.get("scenario"))
        except ValueError as error:
            raise Refusal(400, str(error)) from error
        return self._state(request)

    def _clock_of(self, request: Request) -> Response:
        """POST `{"advance": seconds}` moves it."""
        if request.method == "POST":
            seconds = _body(request).get("advance")
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < 1e9:
                raise Refusal(400, "advance must be a number of seconds.")
            self._clock.advance(seconds)
        return _json(
            {
                "now": self._clock.now().isoformat(timespec="seconds"),
                "offset_seconds": self._clock.offset.total_seconds(),
            }
        )

    def _settings(self, request: Request) -> Response:
        if request.method == "PATCH":
            try:
                self._directory.settings.change(_body(request))
            except ValueError as error:
                raise Refusal(400, str(error)) from error
        return _json(self._directory.settings.all())

    def _tenant(self, request: Request, name: str) -> Response:
        tenant = self._directory.tenant(name)
        if tenant is None:
            raise Refusal(404, f"There is no tenant {name!r}.")
        wanted = _body(request, {"members_may_register": bool})
        if "members_may_register" in wanted:
            self._directory.people_table.let_members_register(tenant.id, wanted["members_may_register"])
        return self._state(request)

    def _person(self, request: Request, name: str) -> Response:
        oid = self._find(name)
        if request.method == "DELETE":
            shown = self._shown(oid)
            self._directory.people_table.delete(oid)
            return _json(shown)
        if request.method == "PATCH":
            wanted = _body(request, {"enabled": bool, "roles": list})
            roles = wanted.get("roles")
            if roles is not None and not set(map(str, roles)) <= set(ROLE_NAMES):
                raise Refusal(400, f"roles are template ids: {ROLE_NAMES}.")
            self._directory.people_table.change(oid, enabled=wanted.get("enabled"), roles=roles)
        return _json(self._shown(oid))

    def _revoke(self, request: Request, name: str) -> Response:
        """All of a person's refresh tokens; `*` means everybody's."""
        _body(request, {})
        oid = None if name == "*" else self._find(name)
        return _json({"revoked": self._directory.sign_ins.revoke_refresh_tokens(oid)})

    def _applications(self, request: Request) -> Response:
        """What an administrator of Entra does in the portal: register with a certificate, or add one by `client_id`."""
        wanted = _body(request, {"tenant": str, "name": str, "certificate": str, "client_id": str})
        tenant = self._directory.tenant(wanted.get("tenant", ""))
        if tenant is None:
            raise Refusal(404, f"There is no tenant {wanted.get('tenant', '')!r}.")
        try:
            application = administration.register(self._directory, tenant, wanted)
        except ValueError as error:
            raise Refusal(400, str(error)) from error
        return _json({"client_id": application.app_id, "object_id": application.id}, 201)

    def _token(self, request: Request) -> Response:
        """An access token of a person for one of the origins, without a sign-in: for scripts."""
        wanted = _body(request, {"person": str, "resource": str, "scope": str})
        person = self._directory.person(self._find(wanted.get("person", "")))
        resource = wanted.get("resource", "").rstrip("/")
        places = self._places
        if resource not in {places.graph, places.discovery, *places.environments.values()}:
            raise Refusal(400, "resource must be the origin of Graph, discovery or an environment.")
        usual = GRAPH_SCOPES if resource == places.graph else DATAVERSE_SCOPE
        lifetime = self._directory.settings.access_token_seconds
        token = self._world.tokens.issue(
            audience=resource,
            tenant_id=person.tenant_id if person else "",
            object_id=person.oid if person else "",
            app_id=CLIENT_ID,
            scopes=frozenset(wanted.get("scope", usual).split()),
            lifetime=lifetime,
        )
        return _json({"token_type": "Bearer", "expires_in": lifetime, "access_token": token})

    def _consents(self, request: Request) -> Response:
        person = request.args.get("person")
        self._directory.consents.revoke(
            app_id=request.args.get("app_id"), person_oid=self._find(person) if person else None
        )
        return _json({})

    def _faults_of(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                return _json(self._faults.add(_body(request)).describe(), 201)
            except ValueError as error:
                raise Refusal(400, str(error)) from error
        if request.method == "DELETE":
            return _json({"removed": self._faults.remove()})
        return _json({"faults": [rule.describe() for rule in self._faults.all()]})

    def _fault(self, request: Request, number: int) -> Response:  # noqa: ARG002 - one shape for all
        if not self._faults.remove(number):
            raise Refusal(404, f"There is no fault {number}; it may be used up.")
        return _json({"removed": 1})

    def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._journal.clear()
        try:
            return _json({"requests": self._journal.entries(request.args.to_dict())})
        except ValueError as error:
            raise Refusal(400, str(error)) from error

    def _find(self, name: str) -> str:
        person = self._directory.person(name) or self._directory.people_table.by_upn(name)
        if person is None:
            raise Refusal(404, f"There is no person {name!r}. Use an object id or a user principal name.")
        return person.oid

    def _shown(self, oid: str) -> dict[str, Any]:
        person = self._directory.person(oid)
        if person is None:
            raise Refusal(404, f"There is no person {oid!r}.")
        return {
            "oid": person.oid,
            "upn": person.upn,
            "display_name": person.display_name,
            "tenant_id": person.tenant_id,
            "enabled": person.enabled,
            "roles": sorted(person.roles),
        }


def _body(request: Request, shape: dict[str, type] | None = None) -> dict[str, Any]:
    """The JSON object that was sent, its members of the types in `shape`. An empty body is an empty object."""
    if not request.mimetype == "application/json":
        raise Refusal(415, "Send application/json.")
    try:
        parsed = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is not JSON.") from error
    if not isinstance(parsed, dict):
        raise Refusal(400, "The body must be a JSON object.")
    for name, value in parsed.items() if shape is not None else ():
        if shape is None or name not in shape or not isinstance(value, shape[name]):
            raise Refusal(400, f"{name} is not known here, or not of the right type.")
    return parsed


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body, indent=1), status=status, content_type="application/json")
