"""A program in front of a service, with a key and nothing else."""

import json
from typing import Any

from django.test import Client

from integrations.services import keys
from integrations.services.stages import stage_of
from tests.people import HOST


class Caller:
    """Calls one service. `problem` checks that an answer is problem details, and returns them."""

    def __init__(self, service: str, key: str = "", version: int | None = None) -> None:
        self.root = f"/api/{service}" + (f"/v{version}" if version else "")
        self.key = key
        self.client = Client(SERVER_NAME=HOST, raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.generic(
            method,
            f"{self.root}/{path}",
            b"" if body is None else content,
            content_type="application/json" if body is not None else "",
            headers=sent | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)


def key_for(actor, integration, stage="development", name="Webshop", **options) -> str:
    _row, text = keys.create_key(actor, integration, stage_of(integration.team, stage), name, **options)
    return text


def problem(answer, status: int, code: str = "") -> dict[str, Any]:
    """The problem details of an answer, checked to be whole."""
    assert answer.status_code == status, (answer.status_code, answer.content[:500])
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    assert body["status"] == status
    assert body.get("advice") or body.get("fields")
    assert body["ids"]["request_id"] == answer.headers["X-Request-Id"]
    if code:
        assert body["code"] == code, body
    return body
