"""The HTTP client that MSAL is given: our door's session, with configuration documents kept for a day."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from microsoft.http import Door
from microsoft.wire import retry_after_of

TIMEOUT = (10.0, 30.0)
KEEP_SECONDS = 24 * 3600.0


class Documents:
    """OpenID configuration documents by address. Without this every MSAL object would begin with a request."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, requests.Response]] = {}
        self._lock = threading.Lock()

    def get(self, url: str) -> requests.Response | None:
        with self._lock:
            until, answer = self._kept.get(url, (0.0, None))
        return answer if time.monotonic() < until else None

    def keep(self, url: str, answer: requests.Response) -> None:
        with self._lock:
            self._kept[url] = (time.monotonic() + KEEP_SECONDS, answer)


@dataclass(frozen=True)
class LastAnswer:
    """What the server said last; MSAL hides it from its errors."""

    status: int | None = None
    retry_at: float | None = None  # on the monotonic clock

    def retry_after(self) -> float | None:
        return None if self.retry_at is None else max(0.0, self.retry_at - time.monotonic())


class Transport:
    """The `http_client` of one MSAL application. MSAL calls `get`, `post` and `close`."""

    def __init__(self, door: Door, documents: Documents) -> None:
        self._door = door
        self._documents = documents
        self.last = LastAnswer()

    def get(self, url: str, **kwargs: Any) -> requests.Response:
        kept = self._documents.get(url)
        if kept is not None:
            return kept
        answer = self._noted(self._door.session.get(url, **{**kwargs, "timeout": TIMEOUT}))
        if answer.status_code == 200:
            self._documents.keep(url, answer)
        return answer

    def post(self, url: str, **kwargs: Any) -> requests.Response:
        return self._noted(self._door.session.post(url, **{**kwargs, "timeout": TIMEOUT}))

    def close(self) -> None:
        """The door owns the connections."""

    def _noted(self, answer: requests.Response) -> requests.Response:
        wait = retry_after_of(answer.headers)
        self.last = LastAnswer(answer.status_code, None if wait is None else time.monotonic() + wait)
        return answer
