"""One call of Graph: its path taken apart, its body read, its answer built."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from sandbox.graph.caller import Caller
from sandbox.graph.errors import GraphError, bad_request

COLLECTIONS = {"applications", "servicePrincipals", "users", "owners", "deletedItems", "directoryObjects"}
KEYED = re.compile(r"(\w+)\((?:(\w+)\s*=\s*)?(?:'((?:[^']|'')*)'|([^()']*))\)")


@dataclass(frozen=True, slots=True)
class Key:
    """How one item of a collection is named: by `id` or by an alternate key."""

    name: str
    value: str


@dataclass(slots=True)
class Call:
    request: Request
    caller: Caller
    version: str
    origin: str
    keys: list[Key]

    @property
    def query(self) -> dict[str, str]:
        return self.request.args.to_dict()

    @property
    def tenant_id(self) -> str:
        return self.caller.claims.tid

    def body(self) -> dict[str, Any]:
        """Raises GraphError 400 for anything but a JSON object."""
        try:
            parsed = json.loads(self.request.get_data())
        except (ValueError, RecursionError) as error:
            raise _unreadable() from error
        if not isinstance(parsed, dict):
            raise _unreadable()
        return parsed

    def prefers(self, preference: str) -> bool:
        words = self.request.headers.get("Prefer", "").lower().split(",")
        return preference in {word.strip() for word in words}

    def context(self, suffix: str) -> str:
        return f"{self.origin}/{self.version}/$metadata#{suffix}"


def split(path: str) -> tuple[str, str, list[Key]]:
    """Version, shape (keys shown as *) and keys of a raw path. Raises GraphError 400."""
    segments = [segment for segment in path.split("/") if segment]
    version = segments[0] if segments else ""
    if version not in {"v1.0", "beta"}:
        raise bad_request("Invalid version: " + (unquote(version) or "none"), "BadRequest")
    shape: list[str] = []
    keys: list[Key] = []
    for raw in segments[1:]:
        segment = unquote(raw)
        keyed = KEYED.fullmatch(segment)
        if keyed and keyed[1] in COLLECTIONS:
            shape += [keyed[1], "*"]
            keys.append(Key(keyed[2] or "id", (keyed[3] or "").replace("''", "'") or keyed[4] or ""))
        elif shape and shape[-1] in COLLECTIONS and not segment.startswith(("$", "microsoft.graph.")):
            shape.append("*")
            keys.append(Key("id", segment))
        else:
            shape.append(segment)
    return version, "/".join(shape), keys


def answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(
        json.dumps(body),
        status=status,
        content_type="application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
        headers={"OData-Version": "4.0"},
    )


def nothing() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def _unreadable() -> GraphError:
    return bad_request(
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON "
        "format.",
        "BadRequest",
    )
