"""The state that all processes share, and what happens while Redis is away."""

import time
from functools import cache
from pathlib import Path
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.commands.core import Script

WITHOUT_REDIS = 30.0  # seconds until a Redis that did not answer is asked again

log = structlog.get_logger(__name__)
_blind_until = 0.0


@cache
def client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=0.5)


@cache
def _rules() -> Script:
    return client().register_script((Path(__file__).parent / "rules.lua").read_text())


def ask(key: str, question: str, *details: str | float) -> Any:
    """One round trip to the rules. None without Redis: calls then go out, and limits still come as 429.

    The braces let a cluster keep the three keys of one governor together.
    """
    if time.monotonic() < _blind_until:
        return None
    keys = [f"isthmus:governor:{{{key}}}:{part}" for part in ("state", "turns", "people")]
    try:
        return _rules()(keys=keys, args=[question, *details])
    except redis.RedisError as error:
        _go_blind(error)
        return None


def forget() -> None:
    """Meet Redis anew."""
    global _blind_until  # noqa: PLW0603  one clock for the process, as there is one client
    client.cache_clear()
    _rules.cache_clear()
    _blind_until = 0.0


def _go_blind(error: Exception) -> None:
    global _blind_until  # noqa: PLW0603
    _blind_until = time.monotonic() + WITHOUT_REDIS
    log.warning("the governor has no Redis and lets everything pass for a while", error=type(error).__name__)
