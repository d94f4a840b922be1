"""Redis for what a service may lose: counts and recent calls. A server that is away is not waited for."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings

WITHOUT = 30.0  # seconds until a server that did not answer is asked again

log = structlog.get_logger(__name__)


class _Sight:
    blind_until = 0.0


@cache
def _server(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def ask(question: Callable[[Any], object]) -> object:
    """The answer to `question(server)`, or None while the server is away."""
    if time.monotonic() < _Sight.blind_until:
        return None
    try:
        return question(_server(settings.REDIS_URL))
    except redis.RedisError:
        _Sight.blind_until = time.monotonic() + WITHOUT
        log.warning("services have no Redis: calls are neither limited nor counted for a while")
        return None


def see_again() -> None:
    """Ask the server at the next occasion, whatever happened before."""
    _Sight.blind_until = 0.0
