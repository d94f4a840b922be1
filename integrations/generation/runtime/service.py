"""How calls reach the service: address and key from the environment, short waits where it asks for them."""

import os
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

import requests

from .errors import NotAuthorizedError, ServiceError, UnavailableError, error_for

TIMEOUT = (10, 150)  # seconds to connect and to wait for an answer; Dataverse itself takes up to 120
TRIES = 4
LONGEST_WAIT = 30.0  # seconds; whoever has to wait longer is told so


class Service:
    """One version of one service. Threads may share it."""

    def __init__(self, name: str, version: int) -> None:
        self._name = name
        self._version = version
        self._local = threading.local()
        self.entities: dict[str, Any] = {}  # by their names in the service

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool = False,
    ) -> requests.Response:
        """Send one request and return its answer.

        `repeat` says that sending it twice does no harm: then a lost answer or a short pause is tried again.

        Raises:
            ServiceError: see `errors`.

        """
        content = {"params": params, "json": body, "data": data}
        for attempt in range(1, TRIES + 1):
            try:
                return self._send(method, path, headers or {}, content)
            except ServiceError as error:
                wait = _wait_after(error, attempt)
                if not repeat or wait is None or attempt == TRIES:
                    raise
            time.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], content: Mapping[str, Any]
    ) -> requests.Response:
        address, key = self._settings()
        try:
            answer = self._session().request(
                method,
                f"{address}/v{self._version}/{path}",
                headers={
                    "Authorization": f"Bearer {key}",
                    "Accept": "application/json",
                    "X-Request-Id": str(uuid.uuid4()),
                    **headers,
                },
                timeout=TIMEOUT,
                allow_redirects=False,  # the key goes to this address and to no other
                **content,
            )
        except requests.RequestException as error:
            raise UnavailableError(
                f"{self._name} cannot be reached at {address}: {type(error).__name__}."
            ) from error
        if answer.status_code >= 300 and answer.status_code != 304:
            raise error_for(answer.status_code, _problem(answer), _seconds(answer.headers.get("Retry-After")))
        return answer

    def _settings(self) -> tuple[str, str]:
        prefix = self._name.upper()
        address, key = os.environ.get(f"{prefix}_URL", ""), os.environ.get(f"{prefix}_KEY", "")
        if not address or not key:
            raise NotAuthorizedError(
                f"Set {prefix}_URL and {prefix}_KEY in the environment.",
                advice="The integration's page “Use it” shows the address; its page “Keys” makes a key.",
            )
        return address.rstrip("/"), key

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session


def _problem(answer: requests.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _wait_after(error: ServiceError, attempt: int) -> float | None:
    """Seconds before another attempt, None when it makes no sense."""
    if error.status not in {0, 429, 502, 503, 504} or isinstance(error, NotAuthorizedError):
        return None
    wait = error.retry_after if error.retry_after is not None else 0.5 * float(2 ** (attempt - 1))
    return wait if wait <= LONGEST_WAIT else None


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
