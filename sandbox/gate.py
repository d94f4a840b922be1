"""What stands before every emulated service: faults, the request log, and a wall against our own mistakes."""

import base64
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.wrappers import Response

from sandbox.clock import Clock
from sandbox.connection import Sever
from sandbox.faults import Faults, Rule, Wish, wait
from sandbox.journal import Journal

# status, error code ('' for the service's usual one), message ('' likewise) → that service's error body
ErrorBody = Callable[[int, str, str], dict[str, Any]]


class Gate:
    """A WSGI application around another one. `services` are the names a fault may use for it."""

    def __init__(
        self,
        application: WSGIApplication,
        services: list[str],
        error_body: ErrorBody,
        *,
        faults: Faults,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._application = application
        self._services = services
        self._error_body = error_body
        self._faults = faults
        self._journal = journal
        self._clock = clock

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        when, started = self._clock.now(), time.perf_counter()
        status = [0]

        def noting(line: str, headers: Any, exc_info: Any = None) -> Any:
            status[0] = int(line[:3])
            return start_response(line, headers, exc_info)

        try:
            rules = self._faults.strike(set(self._services), environ["RAW_URI"], environ["REQUEST_METHOD"])
            return self._run(rules, environ, noting)
        finally:
            self._journal.add(self._services[0], environ, when, status[0], time.perf_counter() - started)

    def _run(self, rules: list[Rule], environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        kinds = {rule.kind: rule for rule in rules}
        if rules:
            environ["sandbox.notes"] = {"faults": [rule.kind for rule in rules]}
            wait([rule for rule in rules if rule.kind == "latency"])
        if "reset" in kinds:
            raise Sever
        if "status" in kinds:
            return self._failure(kinds["status"].wish)(environ, start_response)
        if "claims_challenge" in kinds and environ.get("HTTP_AUTHORIZATION"):
            return challenge()(environ, start_response)
        if "drop_response" in kinds:
            self._drop(environ)
        return self._guarded(environ, start_response)

    def _drop(self, environ: dict[str, Any]) -> None:
        """Do all of the work and tell nobody: the worst moment for a network to fail."""
        chunks = self._guarded(environ, lambda *_: None)
        for _ in chunks:
            continue
        if hasattr(chunks, "close"):
            chunks.close()
        raise Sever

    def _guarded(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return self._application(environ, start_response)
        except Sever:
            raise
        except Exception:  # noqa: BLE001 - a bug of ours must still look like the service
            traceback.print_exc(file=sys.stderr)
            return self._response(500, self._error_body(500, "", ""))(environ, start_response)

    def _failure(self, wish: Wish) -> Response:
        response = self._response(wish.status, self._error_body(wish.status, wish.code, wish.message))
        if wish.retry_after is not None:
            response.headers["Retry-After"] = str(wish.retry_after)
        return response

    def _response(self, status: int, body: dict[str, Any]) -> Response:
        return Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")


def challenge() -> Response:
    """Continuous access evaluation: the token is genuine, but Entra must be asked again.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    claims = base64.b64encode(b'{"access_token":{"acrs":{"essential":true,"value":"c1"}}}').decode()
    body = {
        "error": {
            "code": "InvalidAuthenticationToken",
            "message": "Continuous access evaluation resulted in challenge with result: InteractionRequired and"
            " code: TokenIssuedBeforeRevocationTimestamp",
        }
    }
    header = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
    return Response(
        json.dumps(body), status=401, content_type="application/json", headers={"WWW-Authenticate": header}
    )
