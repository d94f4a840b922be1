"""The one door through which every request to Microsoft goes."""

import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import requests

from . import tracing
from .clouds import Cloud
from .errors import ClaimsChallenge, NoTurn, OriginRefused, Transient, Unreachable
from .odata import build_url
from .session import Bearer, GuardedSession, SessionPool
from .verdicts import error_of
from .wire import Response, encode_json, taken

__all__ = ["Door", "Governor", "Response", "TokenProvider"]

SHORT_WAIT = 5.0  # seconds in all; whoever has to wait longer is told so and can do something else meanwhile
TRIES = 3
_REPEATABLE = (429, 502, 503, 504)


class TokenProvider(Protocol):
    """Whoever can give a token. Raises errors of the tree: SignInExpired, InteractionRequired, Transient…"""

    def token(self, scope: str, *, claims: str | None = None) -> str:
        """An access token for one scope; `claims` answers a claims challenge, verbatim."""


class Governor(Protocol):
    """Whoever keeps all callers together within the server's limits.

    Each `acquire` is followed by one `observe`, with status 0 when no answer came.
    """

    def acquire(self, priority: str) -> str:
        """Wait for a turn and return its name; raises NoTurn when the wait would be long."""

    def observe(
        self, turn: str, status: int, headers: Mapping[str, str], seconds: float, code: str = ""
    ) -> None:
        """Take the turn back, and learn from the answer; `code` is that of its error."""


class Door:
    """Sends requests to one cloud: checked addresses, tokens, timeouts, short retries, answers turned to errors.

    `proxies` as requests takes them ({"https": "http://proxy:3128"}); nothing is read from the environment.
    `ca_file` replaces the usual roots, for networks whose proxy opens TLS. A door may be shared by threads.
    """

    def __init__(
        self,
        cloud: Cloud,
        *,
        proxies: Mapping[str, str] | None = None,
        ca_file: str | None = None,
        user_agent: str = "Isthmus/0.1",
        connect_timeout: float = 10,
        read_timeout: float = 150,
    ) -> None:
        self.cloud = cloud
        self._pool = SessionPool(
            cloud,
            ca_file=ca_file,
            proxies=proxies,
            timeout=(connect_timeout, read_timeout),
            user_agent=user_agent,
        )

    @property
    def session(self) -> GuardedSession:
        """The session of this thread; it checks addresses and sets timeouts by itself."""
        return self._pool.session()

    def close(self) -> None:
        """Close this thread's connections."""
        self._pool.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        tokens: TokenProvider | None = None,
        scope: str = "",
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        governor: Governor | None = None,
        priority: str = "person",
        retry: bool | None = None,
        admit: Callable[[], None] | None = None,
    ) -> Response:
        """Send one request and return its answer, or raise the error it means.

        `json` is encoded with exact decimals; `data` goes as it is. With `tokens`, a token for `scope` is sent
        along; a claims challenge is answered once, silently if that can be, else it is raised. `retry` says that
        the request may be repeated after a short wait; by default that holds for GET and HEAD alone. `admit` is called
        when a good answer has begun and before its body is taken: it may wait until there is room for it.
        """
        address = build_url(url, params=params)
        if not self.cloud.allows(address):
            raise OriginRefused(f"This address does not belong to {self.cloud.label}; nothing was sent")
        sent = dict(headers or {})
        if json is not None:
            data = encode_json(json)
            sent.setdefault("Content-Type", "application/json; charset=utf-8")
        call = _Call(
            door=self,
            method=method.upper(),
            address=address,
            data=data,
            headers=sent,
            governor=governor,
            priority=priority,
            admit=admit,
        )
        repeatable = call.method in ("GET", "HEAD") if retry is None else retry
        try:
            return call.send(_bearer(tokens, scope), repeatable=repeatable)
        except ClaimsChallenge as challenge:
            if tokens is None:
                raise
            # A 401 means that nothing was done, so asking again is safe whatever the method.
            return call.send(_bearer(tokens, scope, challenge.claims), repeatable=repeatable)


class _Call:
    """One request, possibly sent several times."""

    def __init__(
        self,
        *,
        door: Door,
        method: str,
        address: str,
        data: bytes | Mapping[str, str] | None,
        headers: dict[str, str],
        governor: Governor | None,
        priority: str,
        admit: Callable[[], None] | None,
    ) -> None:
        self.door = door
        self.method = method
        self.address = address
        self.data = data
        self.headers = headers
        self.governor = governor
        self.priority = priority
        self.admit = admit
        self.hung = False  # the last attempt ended in a timeout: repeating that would take minutes

    def send(self, bearer: Bearer | None, *, repeatable: bool) -> Response:
        waited = 0.0
        for attempt in range(1, TRIES + 1):
            try:
                return self._send_once(bearer)
            except Transient as error:
                wait = None if self.hung else _wait_before_retry(error, attempt)
                if not repeatable or attempt == TRIES or wait is None or waited + wait > SHORT_WAIT:
                    raise
                waited += wait
                time.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send_once(self, bearer: Bearer | None) -> Response:
        correlation_id = str(uuid.uuid4())
        ids = {
            "client-request-id": correlation_id,
            "x-ms-client-request-id": correlation_id,
            **tracing.headers(),
        }
        turn = self.governor.acquire(self.priority) if self.governor is not None else ""
        started, seconds = time.monotonic(), None
        status, code = 0, ""
        headers: Mapping[str, str] = {}
        try:
            answer = self.door.session.request(
                self.method,
                self.address,
                data=self.data,
                headers={**self.headers, **ids},
                auth=bearer,
                stream=self.admit is not None,
            )
            seconds = time.monotonic() - started  # without the wait for room
            status, headers = answer.status_code, answer.headers
            content = taken(answer, self.admit) if self.admit is not None else None
            response = Response(answer, correlation_id, content)
            tracing.note(response.request_id)
            error = error_of(response) if response.status >= 300 else None
            code = error.code if error else ""
        except requests.RequestException as failure:
            status = 0
            self.hung = isinstance(failure, requests.Timeout | requests.exceptions.SSLError)
            raise unreachable(failure, self.address, correlation_id) from None
        finally:
            if self.governor is not None:
                self.governor.observe(turn, status, headers, seconds or time.monotonic() - started, code)
        if error is not None:
            raise error
        return response


def unreachable(error: requests.RequestException, address: str, correlation_id: str = "") -> Unreachable:
    """What a failed connection means, in words that hold neither the query nor any header."""
    host = address.partition("://")[2].partition("/")[0]
    if isinstance(error, requests.exceptions.SSLError):
        why, advice = (
            "its certificate could not be verified",
            "Check the CA file and the proxy in the settings.",
        )
    elif isinstance(error, requests.exceptions.ProxyError):
        why, advice = "the proxy did not let the request through", "Check the proxy in the settings."
    elif isinstance(error, requests.exceptions.ConnectTimeout):
        why, advice = "no connection within the time allowed", "Check the network and the proxy."
    elif isinstance(error, requests.exceptions.Timeout):
        why, advice = "no answer within the time allowed", ""
    else:
        why, advice = "the connection failed", ""
    return Unreachable(f"{host} cannot be reached: {why}", correlation_id=correlation_id, advice=advice)


def _wait_before_retry(error: Transient, attempt: int) -> float | None:
    """Seconds before the next attempt, None when another one makes no sense."""
    if isinstance(error, NoTurn):
        return None  # our own governor has waited as long as it wants to
    if error.status is not None and error.status not in _REPEATABLE:
        return None
    if error.retry_after is not None:
        return error.retry_after
    return random.uniform(0.2, 0.5) * (1, 2, 4)[attempt - 1]  # noqa: S311 (jitter, not a secret)


def _bearer(tokens: TokenProvider | None, scope: str, claims: str | None = None) -> Bearer | None:
    return Bearer(tokens.token(scope, claims=claims)) if tokens is not None else None
