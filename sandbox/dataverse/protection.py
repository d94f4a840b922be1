"""Service protection limits: what one user may ask of an environment within a sliding window.

https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.errors import ApiError

# A request that does not wait as it was told makes the wait longer by this much.
GROWTH_SECONDS = 2


@dataclass(frozen=True)
class Limits:
    """A limit of 0 means none."""

    requests: int = 6000
    seconds: float = 1200.0
    concurrent: int = 52
    window: float = 300.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Limits":
        """From the control plane's settings."""
        return cls(
            int(settings["dataverse_requests"]),
            float(settings["dataverse_execution_seconds"]),
            int(settings["dataverse_concurrent"]),
            float(settings["dataverse_window_seconds"]),
        )


@dataclass(slots=True)
class Entry:
    """One request: when it came, how long it took, and whether the window has passed it."""

    moment: float
    seconds: float = 0.0
    gone: bool = False


@dataclass
class Usage:
    """What one user has done within the window. `wait` is what the latest refusal asked for."""

    done: deque[Entry] = field(default_factory=deque)
    spent: float = 0.0
    running: int = 0
    crowded: int = 0
    blocked_until: float = 0.0
    wait: float = 0.0

    def begin(self, moment: float) -> Entry:
        entry = Entry(moment)
        self.done.append(entry)
        self.running += 1
        return entry

    def end(self, entry: Entry, seconds: float) -> None:
        self.running -= 1
        if not entry.gone:
            entry.seconds = seconds
            self.spent += seconds

    def forget(self, before: float) -> None:
        while self.done and self.done[0].moment <= before:
            entry = self.done.popleft()
            entry.gone = True
            self.spent -= entry.seconds


@dataclass(frozen=True)
class Standing:
    """What is left to a user."""

    requests: int
    seconds: float

    def headers(self) -> dict[str, str]:
        return {
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{self.seconds:,.2f}",
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(self.requests),
        }


class Protection:
    """Counts the requests of each user of one environment, as one web server does."""

    def __init__(self, limits: Callable[[], Limits], now: Callable[[], float]) -> None:
        """`now` is the sandbox's clock in seconds, so that moving it forward empties the window."""
        self._limits = limits
        self._now = now
        self._lock = threading.Lock()
        self._users: dict[str, Usage] = {}

    @contextmanager
    def admit(self, user_id: str) -> Iterator[Standing]:
        """Count a request while it runs. Raises a 429 that says how long to wait."""
        limits, moment = self._limits(), self._now()
        with self._lock:
            usage = self._users.setdefault(user_id, Usage())
            usage.forget(moment - limits.window)
            self._check(usage, limits, moment)
            entry = usage.begin(moment)
            standing = _standing(usage, limits)
        started = time.perf_counter()
        try:
            yield standing
        finally:
            with self._lock:
                usage.end(entry, time.perf_counter() - started)

    def standing(self, user_id: str) -> Standing:
        """For the answer to a request that was refused."""
        with self._lock:
            return _standing(self._users.get(user_id, Usage()), self._limits())

    def _check(self, usage: Usage, limits: Limits, moment: float) -> None:
        if limits.concurrent and usage.running >= limits.concurrent:
            usage.crowded += 1
            message = f"Number of concurrent requests exceeded the limit of {limits.concurrent}."
            raise _refusal("0x80072326", message, usage.crowded)
        usage.crowded = 0
        refused = _exceeded(usage, limits)
        if refused is None and moment >= usage.blocked_until:
            return
        code, message = refused or ("0x80072322", _requests(limits))
        if moment < usage.blocked_until:
            usage.wait += GROWTH_SECONDS
        else:
            usage.wait = usage.done[0].moment + limits.window - moment if usage.done else 1.0
        usage.wait = min(max(usage.wait, 1.0), limits.window)
        usage.blocked_until = moment + usage.wait
        raise _refusal(code, message, math.ceil(usage.wait))


def _standing(usage: Usage, limits: Limits) -> Standing:
    """Without a limit nothing is ever used up: what is left stays the usual figure."""
    requests = max(0, limits.requests - len(usage.done)) if limits.requests else Limits.requests
    seconds = max(0.0, limits.seconds - usage.spent) if limits.seconds else Limits.seconds
    return Standing(requests, seconds)


def _exceeded(usage: Usage, limits: Limits) -> tuple[str, str] | None:
    if limits.requests and len(usage.done) >= limits.requests:
        return "0x80072322", _requests(limits)
    if limits.seconds and usage.spent > limits.seconds:
        return "0x80072321", (
            "Combined execution time of incoming requests exceeded limit of "
            f"{limits.seconds * 1000:,.0f} milliseconds over time window of {limits.window:.0f} seconds. "
            "Decrease number of concurrent requests or reduce the duration of requests and try again later."
        )
    return None


def _requests(limits: Limits) -> str:
    return (
        f"Number of requests exceeded the limit of {limits.requests} over time window of "
        f"{limits.window:.0f} seconds."
    )


def _refusal(code: str, message: str, seconds: int) -> ApiError:
    return ApiError(
        "TooManyRequests", message, status=429, code=code, headers={"Retry-After": str(max(1, seconds))}
    )
