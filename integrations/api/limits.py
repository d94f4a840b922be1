"""So many calls a minute for each key, counted by all processes together."""

import time

from integrations.api.problems import TooManyCalls
from integrations.metering.shared import ask
from integrations.models import ServiceKey

MINUTE = 60


def take_turn(key: ServiceKey) -> None:
    """Count a call. Without Redis nobody is refused.

    Raises:
        TooManyCalls: the minute's calls are used up; `retry_after` is what is left of the minute.

    """
    now = time.time()
    window = int(now // MINUTE)
    name = f"isthmus:calls:{key.pk}:{window}"
    counted = ask(
        lambda server: server.pipeline(transaction=False).incr(name).expire(name, 2 * MINUTE).execute()
    )
    if isinstance(counted, list) and counted[0] > key.calls_per_minute:
        raise TooManyCalls(
            f"The key {key.name} may call {key.calls_per_minute} times a minute.",
            retry_after=(window + 1) * MINUTE - now,
            code="rate_limit",
        )
