"""Which of our own requests a call belongs to, and which ids Microsoft gave its answers.

with traced("6f9619ff-8b86-d011-b42d-00cf4fc964ff") as trail:
client.get("accounts", id)
trail.request_ids  # one for each request that was sent
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Trail:
    """`correlation_id` goes along with every request; `request_ids` are the server's, in order."""

    correlation_id: str
    request_ids: list[str] = field(default_factory=list)


_current: ContextVar[Trail | None] = ContextVar("trail", default=None)


@contextmanager
def traced(correlation_id: str) -> Iterator[Trail]:
    """Within the block, every request of this thread carries the id and notes the server's."""
    trail = Trail(correlation_id)
    token = _current.set(trail)
    try:
        yield trail
    finally:
        _current.reset(token)


def headers() -> dict[str, str]:
    """What a request carries besides its own id."""
    trail = _current.get()
    return {"x-ms-correlation-id": trail.correlation_id} if trail else {}


def note(request_id: str) -> None:
    """The server has given an answer this id."""
    trail = _current.get()
    if trail and request_id:
        trail.request_ids.append(request_id)
