"""One identity's turns in one environment, as the door asks for them."""

import math
import random
import time
import uuid
from collections.abc import Mapping

from connections.governor import shared
from connections.governor.reading import Reading
from connections.models import Connection, Environment
from microsoft.errors import NoTurn
from microsoft.wire import retry_after_of

# Seconds: whoever would wait longer for the end of a pause is told so at once, for a turn after that time.
PATIENCE = {"person": (2.0, 10.0), "background": (5.0, 10.0)}
LONGEST_PAUSE = 300.0
NAP = (0.02, 0.2)  # seconds between two questions while all turns are taken, the first and the longest

# Which of the three limits a refusal speaks of.
HITS = {"0x80072326": "concurrency", "0x80072322": "requests", "0x80072321": "time"}
_WHY = {
    "pause": "The environment asked for a pause, and it is not over yet.",
    "budget": "Little is left of what the environment allows in five minutes; background work goes slowly.",
    "full": "As many requests are under way as the environment takes at once.",
}


def governor_for(environment: Environment, identity: str) -> "SharedGovernor":
    """The governor that all processes share for one identity in one environment."""
    return SharedGovernor(f"{environment.pk}:{identity}")


def governor_of(connection: Connection) -> "SharedGovernor":
    """The governor of a connection's own identity, its application user."""
    return governor_for(connection.environment, str(connection.pk))


class SharedGovernor:
    """Implements `microsoft.http.Governor`. Without Redis it lets everything pass: limits still come as 429."""

    def __init__(self, key: str) -> None:
        self.key = key

    def acquire(self, priority: str) -> str:
        """Wait for a turn and return its name, for `observe`. People ("person") go before everybody else.

        Raises:
            microsoft.errors.NoTurn: the wait would be longer than this priority's patience.

        """
        turn, nap = uuid.uuid4().hex, NAP[0]
        for_a_pause, for_a_turn = PATIENCE.get(priority, PATIENCE["background"])
        deadline = time.monotonic() + for_a_turn
        while True:
            left = deadline - time.monotonic()
            answer = shared.ask(self.key, "acquire", turn, priority, int(for_a_pause * 1000))
            if answer is None:
                return turn
            granted, wait, why = answer[0], answer[1] / 1000, answer[2].decode()
            if granted:
                time.sleep(wait)
                return turn
            if left <= 0 or wait > for_a_pause:
                raise NoTurn(_WHY[why], retry_after=max(wait, 1.0))
            time.sleep(wait or min(left, nap * random.uniform(0.5, 1.0)))  # noqa: S311 (jitter, not a secret)
            nap = min(NAP[1], nap * 1.5)

    def observe(
        self, turn: str, status: int, headers: Mapping[str, str], seconds: float, code: str = ""
    ) -> None:
        """Give the turn back, and learn from the answer: its status, error code, and what its headers say is left."""
        shared.ask(
            self.key,
            "observe",
            turn,
            status,
            HITS.get(code.lower(), "requests") if status == 429 else "",
            int(_pause(status, headers) * 1000),
            int(seconds * 1000),
            _figure(headers, "x-ms-dop-hint"),
            _figure(headers, "x-ms-ratelimit-burst-remaining-xrm-requests"),
            _figure(headers, "x-ms-ratelimit-time-remaining-xrm-requests"),
        )

    def parallelism(self, priority: str = "background") -> int:
        """How many calls of this priority make sense at once right now, in all processes together; at least 1.

        It moves within seconds: ask again for every handful of calls. Nothing is held by asking, so more callers
        than this only wait for their turns. Without Redis it is a cautious 4.
        """
        answer = shared.ask(self.key, "parallelism", priority)
        return 4 if answer is None else int(answer)

    def read(self) -> Reading | None:
        """What is going on, for people to look at. None without Redis."""
        answer = shared.ask(self.key, "read")
        return None if answer is None else Reading.of(answer)


def _pause(status: int, headers: Mapping[str, str]) -> float:
    """Seconds for which Microsoft wants to be left alone; an outage may name some as well."""
    if status not in (429, 503):
        return 0.0
    wait = retry_after_of({name.lower(): value for name, value in headers.items()})
    if wait is None:
        return 1.0 if status == 429 else 0.0
    return min(LONGEST_PAUSE, max(1.0, wait))


def _figure(headers: Mapping[str, str], name: str) -> str:
    """A number as Lua reads it, without the comma between thousands; "" for none or anything else."""
    try:
        figure = float(headers.get(name, "").replace(",", ""))
    except ValueError:
        return ""
    return str(max(0.0, figure)) if math.isfinite(figure) else ""
