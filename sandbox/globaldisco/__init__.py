"""Global Discovery: which environments a person can enter.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/discover-url-organization-web-api
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from sandbox.directory import Directory, Environment, Person
from sandbox.globaldisco.filters import BadQuery, read_filter
from sandbox.places import Places
from sandbox.tokens import InvalidToken, TokenAuthority

ROOT = "/api/discovery/v2.0"
KEYED = re.compile(r"Instances\((?:(\w+)\s*=\s*)?('(?:[^']|'')*'|[\w-]+)\)")
ENTITY_KEYS = {"Id", "UniqueName"}
OPTIONS = {"$select", "$filter", "$top", "$orderby", "$count"}


class Inhabitants(Protocol):
    """What discovery asks of an environment."""

    def has_user(self, oid: str) -> bool: ...
    def is_administrator(self, oid: str) -> bool: ...


class DiscoveryApplication:
    """A WSGI application. `inhabitants` maps an environment's url name to its application."""

    def __init__(
        self,
        directory: Directory,
        tokens: TokenAuthority,
        places: Places,
        inhabitants: Callable[[str], Inhabitants | None],
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._places = places
        self._inhabitants = inhabitants

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        response = self._respond(request)
        response.headers["OData-Version"] = "4.0"
        response.headers["x-ms-service-request-id"] = str(uuid.uuid4())
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        path = unquote(request.environ["RAW_URI"].partition("?")[0])
        if not path.startswith(ROOT):
            return failure(404, "", "No HTTP resource was found that matches the request URI.")
        try:
            person = self._person(request.headers.get("Authorization", ""))
        except InvalidToken as error:
            return self._unauthorized(str(error))
        if request.method not in {"GET", "HEAD"}:
            return failure(
                405, "", f"The requested resource does not support http method '{request.method}'."
            )
        resource = path.removeprefix(ROOT).strip("/")
        if resource == "":
            return _json({"@odata.context": self._context(""), "value": [
                {"name": "Instances", "kind": "EntitySet", "url": "Instances"}]})  # fmt: skip
        try:
            return self._instances(resource, person, request.args.to_dict())
        except BadQuery as error:
            return failure(400, "0x80060888", str(error))

    def _instances(self, resource: str, person: Person, query: Mapping[str, str]) -> Response:
        rows = [row for row in map(lambda one: self._row(one, person), self._directory.environments()) if row]  # noqa: C417
        keyed = KEYED.fullmatch(resource)
        if keyed:
            name, literal = keyed[1] or "Id", keyed[2].strip("'").replace("''", "'")
            if name not in ENTITY_KEYS:
                raise BadQuery("The key in the request URI is not valid for resource 'Instances'.")
            # Known by key or not, the answer is always a list.
            rows = [row for row in rows if row[name].lower() == literal.lower()]
        elif resource != "Instances":
            return failure(404, "0x8006088a", f"Resource not found for the segment '{resource}'.")
        for option in query:
            if option.startswith("$") and option not in OPTIONS:
                raise BadQuery(f"The query option '{option}' is not supported.")
        if query.get("$filter"):
            wanted = read_filter(query["$filter"], set(COLUMNS))
            rows = [row for row in rows if wanted(row)]
        if query.get("$top"):
            rows = rows[: _number(query["$top"])]
        names = [name.strip() for name in query.get("$select", "").split(",") if name.strip()]
        for name in names:
            if name not in COLUMNS:
                raise BadQuery(
                    f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.Disco.Instance'."
                )
        chosen = [{name: row[name] for name in names} if names else row for row in rows]
        suffix = f"({','.join(names)})" if names else ""
        return _json({"@odata.context": self._context(f"#Instances{suffix}"), "value": chosen})

    def _row(self, environment: Environment, person: Person) -> dict[str, Any] | None:
        inhabitants = self._inhabitants(environment.url_name)
        if (
            environment.tenant_id != person.tenant_id
            or not inhabitants
            or not inhabitants.has_user(person.oid)
        ):
            return None
        return {
            "Id": environment.id,
            "UniqueName": environment.unique_name,
            "UrlName": environment.url_name,
            "FriendlyName": environment.friendly_name,
            "State": 0,
            "Version": environment.version,
            "Url": environment.origin,
            "ApiUrl": environment.origin,
            "LastUpdated": "2026-01-05T08:00:00Z",
            "SchemaType": "Full",
            "TenantId": environment.tenant_id,
            "EnvironmentId": environment.environment_id,
            "Region": environment.region,
            "DatacenterId": "sandbox",
            "DatacenterName": "sandbox",
            "OrganizationType": 5 if "dev" in environment.url_name else 0,
            "Purpose": None,
            "TrialExpirationDate": None,
            "StatusMessage": 0,
            "IsUserSysAdmin": inhabitants.is_administrator(person.oid),
        }

    def _person(self, authorization: str) -> Person:
        kind, _, bearer = authorization.partition(" ")
        claims = self._tokens.verify(
            bearer.strip() if kind.lower() == "bearer" else "", self._places.discovery
        )
        person = None if claims.is_application else self._directory.person(claims.oid)
        if person is None or not person.enabled or "user_impersonation" not in claims.scp:
            raise InvalidToken("audience", "The caller must be a user.")
        return person

    def _unauthorized(self, message: str) -> Response:
        response = failure(401, "0x80048306", message)
        response.headers["WWW-Authenticate"] = (
            f"Bearer authorization_uri={self._places.login}/common/oauth2/authorize, "
            f"resource_id={self._places.discovery}/"
        )
        return response

    def _context(self, suffix: str) -> str:
        return f"{self._places.discovery}{ROOT}/$metadata{suffix}"


COLUMNS = (
    "Id",
    "UniqueName",
    "UrlName",
    "FriendlyName",
    "State",
    "Version",
    "Url",
    "ApiUrl",
    "LastUpdated",
    "SchemaType",
    "TenantId",
    "EnvironmentId",
    "Region",
    "DatacenterId",
    "DatacenterName",
    "OrganizationType",
    "Purpose",
    "TrialExpirationDate",
    "StatusMessage",
    "IsUserSysAdmin",
)


def failure(status: int, code: str, message: str) -> Response:
    return _json({"error": {"code": code, "message": message}}, status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json; odata.metadata=minimal")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadQuery(f"Invalid value '{text}' for $top query option found.")
    return int(text[:9])
