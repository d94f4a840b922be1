"""Microsoft Graph on the wire: the part that concerns applications and who is who."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox.clock import Clock
from sandbox.directory import Directory
from sandbox.graph.applications import Applications
from sandbox.graph.batch import Batch
from sandbox.graph.bin import RecycleBin
from sandbox.graph.caller import identify
from sandbox.graph.errors import GraphError, bad_request, body, no_segment
from sandbox.graph.owners import Owners
from sandbox.graph.people import People
from sandbox.graph.principals import Principals
from sandbox.graph.request import Call, split
from sandbox.places import Places
from sandbox.tokens import TokenAuthority

Handler = Callable[[Call], Response]
MAX_BODY = 4 * 1024 * 1024


class GraphRequest(Request):
    max_content_length = MAX_BODY


class GraphApplication:
    """A WSGI application for Graph's origin."""

    def __init__(self, directory: Directory, tokens: TokenAuthority, clock: Clock, places: Places) -> None:
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._places = places
        self._routes = _routes(directory)
        self._routes["$batch"] = {"POST": Batch(self._answer).answer}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self._answer(GraphRequest(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        """One request's answer, its errors included."""
        request_id = str(uuid.uuid4())
        client_request_id = request.headers.get("client-request-id", "")[:64] or request_id
        try:
            response = self._respond(request)
        except GraphError as error:
            response = self._failure(error, request_id, client_request_id)
        except HTTPException as problem:
            told = problem.description or "Bad request."
            refused = GraphError(problem.code or 400, "Request_BadRequest", told)
            response = self._failure(refused, request_id, client_request_id)
        response.headers["Cache-Control"] = "no-store, no-cache"
        response.headers["request-id"] = request_id
        response.headers["client-request-id"] = client_request_id
        return response

    def _respond(self, request: Request) -> Response:
        path = request.environ["RAW_URI"].partition("?")[0]
        caller = identify(
            request.headers.get("Authorization", ""), self._tokens, self._directory, self._places.graph
        )
        version, shape, keys = split(path)
        methods = self._routes.get(shape)
        if methods is None:
            raise no_segment(shape.replace("/*", "").rpartition("/")[2] or shape)
        handler = methods.get(request.method)
        if handler is None:
            raise GraphError(
                405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."
            )
        if any(not key.value for key in keys):
            raise bad_request("The key in the request URL is empty.")
        return handler(Call(request, caller, version, self._places.graph, keys))

    def _failure(self, error: GraphError, request_id: str, client_request_id: str) -> Response:
        told = body(error, self._clock.now(), request_id, client_request_id)
        response = Response(json.dumps(told), status=error.status, content_type="application/json")
        if error.status == 401:
            response.headers["WWW-Authenticate"] = (
                f'Bearer realm="", authorization_uri="{self._places.login}/common/oauth2/authorize", '
                'client_id="00000003-0000-0000-c000-000000000000"'
            )
        return response


def _routes(directory: Directory) -> dict[str, dict[str, Handler]]:
    """Shape of the path, keys as *, then method."""
    applications, principals = Applications(directory), Principals(directory)
    owners, people, deleted = Owners(directory, applications), People(directory), RecycleBin(directory)
    roles: dict[str, Handler] = {"GET": people.my_roles}
    return {
        "applications": {"GET": applications.list, "POST": applications.create},
        "applications/*": {
            "GET": applications.get,
            "PATCH": applications.patch,
            "DELETE": applications.delete,
        },
        "applications/*/addKey": {"POST": applications.add_key},
        "applications/*/removeKey": {"POST": applications.remove_key},
        "applications/*/addPassword": {"POST": applications.add_password},
        "applications/*/removePassword": {"POST": applications.remove_password},
        "applications/*/owners": {"GET": owners.list},
        "applications/*/owners/$ref": {"POST": owners.add},
        "applications/*/owners/*/$ref": {"DELETE": owners.remove},
        "servicePrincipals": {"GET": principals.list, "POST": principals.create},
        "servicePrincipals/*": {
            "GET": principals.get,
            "PATCH": principals.patch,
            "DELETE": principals.delete,
        },
        "directory/deletedItems/microsoft.graph.application": {"GET": deleted.applications},
        "directory/deletedItems/microsoft.graph.servicePrincipal": {"GET": deleted.principals},
        "directory/deletedItems/*": {"GET": deleted.get, "DELETE": deleted.purge},
        "directory/deletedItems/*/restore": {"POST": deleted.restore},
        "me": {"GET": people.me},
        "me/memberOf": roles,
        "me/memberOf/microsoft.graph.directoryRole": roles,
        "me/transitiveMemberOf": roles,
        "me/transitiveMemberOf/microsoft.graph.directoryRole": roles,
        "users": {"GET": people.list},
        "users/*": {"GET": people.get},
        "organization": {"GET": people.organization},
        "policies/authorizationPolicy": {"GET": people.authorization_policy},
    }
