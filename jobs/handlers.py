"""The kinds of job there are. Apps register theirs in <app>/tasks.py with the `job` decorator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.running import Running

Handler = Callable[["Running"], dict[str, Any] | None]

LEASE = 15.0  # seconds a silent worker keeps a run; with a tick every two this bounds the recovery


@dataclass(frozen=True)
class Kind:
    """What is known about one kind of job, whoever asks for it."""

    name: str
    title: str
    handler: Handler
    max_attempts: int
    lease: float
    limit: float
    duty: str


_kinds: dict[str, Kind] = {}


def job(
    name: str,
    *,
    title: str,
    max_attempts: int = 8,
    lease: float = LEASE,
    limit: float = 3600,
    duty: str = "",
) -> Callable[[Handler], Handler]:
    """Register `handler(run: Running) -> dict | None` under a dotted name; the dict becomes the result.

    Args:
        name: `<app>.<verb>`; stored in the run, so it must stay what it is.
        title: what people read.
        max_attempts: how many transient failures in a row end the run.
        lease: seconds after which a worker that went silent loses the run.
        limit: seconds that one attempt may take.
        duty: in whose name it runs where a schedule and no person asked; the name itself by default.

    """

    def register(handler: Handler) -> Handler:
        if name in _kinds and _kinds[name].handler is not handler:
            raise ValueError(f"There are two handlers for the job {name}.")
        _kinds[name] = Kind(name, title, handler, max_attempts, lease, limit, duty or name)
        return handler

    return register


def kind(name: str) -> Kind:
    """The kind of that name.

    Raises:
        LookupError: when no app has registered it.

    """
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No app has registered a job named {name}.") from None


def names() -> list[str]:
    return sorted(_kinds)


def title(name: str) -> str:
    """What people read for a kind; the bare name where its app is no longer installed."""
    return _kinds[name].title if name in _kinds else name
