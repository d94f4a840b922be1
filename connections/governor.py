"""Keeps every process within an environment's limits: one of them is told to wait, all of them wait.

Dataverse counts per user and web server, so there is one governor per environment and identity. It knows one
thing, until when Microsoft wants to be left alone, and keeps it in Redis.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/api-limits
"""

import time
from collections.abc import Callable, Mapping
from functools import cache

import redis
import structlog
from django.conf import settings

from connections.models import Environment
from microsoft.errors import Throttled

LONGEST_NAP = {"person": 2.0, "background": 0.5}  # a person rather waits a moment than sees an error
LONGEST_BAN = 300.0
WITHOUT_REDIS = 30.0  # seconds until a broker that did not answer is asked again

log = structlog.get_logger(__name__)


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def governor_for(environment: Environment, identity: str) -> "RetryAfterGovernor":
    """The governor that all processes share for one identity in one environment."""
    return RetryAfterGovernor(f"isthmus:governor:{environment.pk}:{identity}")


class RetryAfterGovernor:
    """Implements `microsoft.http.Governor`. Without Redis it lets everything pass: limits still come as 429."""

    _blind_until = 0.0

    def __init__(self, key: str) -> None:
        self._key = key

    def acquire(self, priority: str) -> None:
        """Return when a request may go out.

        Raises:
            microsoft.errors.Throttled: the wait would be longer than this priority naps.

        """
        wait = self._remaining()
        if wait > LONGEST_NAP.get(priority, LONGEST_NAP["background"]):
            raise Throttled("The environment asked for a pause, and it is not over yet.", retry_after=wait)
        if wait > 0:
            time.sleep(wait)

    def observe(self, status: int, headers: Mapping[str, str], seconds: float) -> None:  # noqa: ARG002
        """Take note of a 429."""
        if status != 429:
            return
        try:
            wait = min(LONGEST_BAN, max(1.0, float(headers.get("Retry-After", "1"))))
        except ValueError:
            wait = 1.0
        if wait > self._remaining():
            self._ask(lambda: _redis().set(self._key, 1, px=int(wait * 1000)))

    def _remaining(self) -> float:
        left = self._ask(lambda: _redis().pttl(self._key))
        return max(0.0, left / 1000) if isinstance(left, int) else 0.0

    def _ask(self, question: Callable[[], object]) -> object:
        if time.monotonic() < RetryAfterGovernor._blind_until:
            return None
        try:
            return question()
        except redis.RedisError:
            RetryAfterGovernor._blind_until = time.monotonic() + WITHOUT_REDIS
            log.warning("the governor has no Redis and lets everything pass for a while")
            return None
