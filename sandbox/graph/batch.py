"""$batch: up to twenty requests in one, in any order but for what they depend on.

https://learn.microsoft.com/graph/json-batching
"""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.graph.errors import bad_request
from sandbox.graph.request import Call, answer

MOST_REQUESTS = 20
FAILED_DEPENDENCY = {
    "error": {"code": "FailedDependency", "message": "A request this one depends on has failed."}
}
# What a header's value cannot hold.
UNPRINTABLE = re.compile(r"[^ -~]")
Step = dict[str, Any]


class Batch:
    """Answers a batch. `serve` answers one request of it, errors included."""

    def __init__(self, serve: Callable[[Request], Response]) -> None:
        self._serve = serve

    def answer(self, call: Call) -> Response:
        """200 whatever its parts come to. Raises GraphError 400 for what is no batch."""
        statuses: dict[str, int] = {}
        responses = []
        for step in _ordered(_steps(call.body())):
            if any(statuses[name] >= 400 for name in step.get("dependsOn", ())):
                part: dict[str, Any] = {"id": step["id"], "status": 424, "body": FAILED_DEPENDENCY}
            else:
                part = self._run(call, step)
            statuses[step["id"]] = part["status"]
            responses.append(part)
        return answer({"responses": responses})

    def _run(self, call: Call, step: Step) -> dict[str, Any]:
        response = self._serve(Request(_environ(call, step)))
        found: dict[str, Any] = {"id": step["id"], "status": response.status_code}
        found["headers"] = {
            name: value for name, value in response.headers.items() if name in {"Content-Type", "Location"}
        }
        if response.get_data():
            found["body"] = json.loads(response.get_data())
        return found


def _environ(call: Call, step: Step) -> dict[str, Any]:
    """Of one request: the batch's own, with the headers that say how the caller got in and no others."""
    path, _, query = step["url"].partition("?")
    path = f"/{call.version}/{path.lstrip('/')}"
    outer: dict[str, Any] = call.request.environ
    kept = {
        name: value
        for name, value in outer.items()
        if not name.startswith(("HTTP_", "CONTENT_", "werkzeug."))
        or name in {"HTTP_AUTHORIZATION", "HTTP_HOST"}
    }
    asked = {
        f"HTTP_{str(name).upper().replace('-', '_')}": UNPRINTABLE.sub("", str(value))
        for name, value in step.get("headers", {}).items()
        if str(name).lower() not in {"authorization", "host"}
    }
    body = json.dumps(step["body"]).encode() if "body" in step else b""
    return (
        kept
        | asked
        | {
            "REQUEST_METHOD": step["method"],
            "PATH_INFO": path.encode("utf-8", "replace").decode("latin-1"),
            "QUERY_STRING": query.encode("utf-8", "replace").decode("latin-1"),
            "RAW_URI": f"{path}?{query}" if query else path,
            "CONTENT_TYPE": asked.get("HTTP_CONTENT_TYPE", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
    )


def _steps(document: dict[str, Any]) -> list[Step]:
    """The requests, each checked. Raises GraphError 400."""
    steps = document.get("requests")
    if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
        raise bad_request("Invalid batch payload format.", "BadRequest")
    if len(steps) > MOST_REQUESTS:
        raise bad_request(
            f"Number of batch request steps exceeds max value of {MOST_REQUESTS}.", "BadRequest"
        )
    for step in steps:
        _check(step)
    ids = [step["id"] for step in steps]
    if len(set(ids)) < len(ids):
        raise bad_request("Invalid batch request: the ids of requests must be unique.", "BadRequest")
    if not all(set(step.get("dependsOn", ())) <= set(ids) - {step["id"]} for step in steps):
        raise bad_request("Invalid batch request: dependsOn names no request of the batch.", "BadRequest")
    return steps


def _check(step: Step) -> None:
    texts = all(isinstance(step.get(name), str) and step[name] for name in ("id", "method", "url"))
    depends = step.get("dependsOn", [])
    fits = (
        texts
        and isinstance(step.get("headers", {}), dict)
        and isinstance(depends, list)
        and all(isinstance(name, str) for name in depends)
    )
    if not fits:
        raise bad_request("Invalid batch payload format.", "BadRequest")
    if step["url"].lstrip("/").startswith("$batch"):
        raise bad_request("Invalid batch request: a batch cannot hold another one.", "BadRequest")
    headers = {str(name).lower() for name in step.get("headers", {})}
    if "body" in step and "content-type" not in headers:
        raise bad_request(
            f"Write request id : {step['id']} does not contain Content-Type header or body.", "BadRequest"
        )


def _ordered(steps: list[Step]) -> list[Step]:
    """Each after what it depends on. Raises GraphError 400 for a circle."""
    done: dict[str, Step] = {}
    waiting = list(steps)
    while waiting:
        ready = [step for step in waiting if set(step.get("dependsOn", ())) <= set(done)]
        if not ready:
            raise bad_request(
                "Invalid batch request: requests depend on one another in a circle.", "BadRequest"
            )
        done |= {step["id"]: step for step in ready}
        waiting = [step for step in waiting if step["id"] not in done]
    return list(done.values())
