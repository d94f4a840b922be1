"""What becomes of a run after its handler returned or raised: the columns to write, as data."""

import random
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from core import clock
from core.problems import NotPermitted, Problem, Remedy, Unavailable, problem_from
from core.redaction import redact, redact_text
from jobs.models import JobRun
from jobs.running import Cancelled, Released, Running, TimedOut, WaitForPerson
from microsoft.errors import MicrosoftError, NoTurn, Transient

FIRST_DELAY = 2.0
LONGEST_DELAY = 900.0
State = JobRun.State

log = structlog.get_logger(__name__)


def back_off(failures: int, retry_after: float | None = None) -> float:
    """Seconds to wait after so many failures in a row: doubling, spread by chance, never before retry_after."""
    delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures - 1, 20))
    spread = random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing
    return float(max(delay * spread, (retry_after or 0.0) * (0.9 + spread / 5)))


def success(result: dict[str, Any] | None) -> dict[str, Any]:
    return _finished(State.SUCCEEDED, result=redact(result or {}), error={})


def failure(run: Running, error: Exception) -> dict[str, Any]:
    """The columns for an exception that left the handler."""
    columns: dict[str, Any]
    match error:
        case Cancelled():
            columns = cancelled()
        case Released():
            columns = queued(0, message=str(error) or "Interrupted by a restart; it goes on by itself.")
        case WaitForPerson():
            columns = _waiting(described(error.message, remedy=error.remedy))
        case TimedOut():
            columns = _failed(_too_long(run.kind.limit))
        case NoTurn():
            columns = _later(error)
        case Transient() | Unavailable() | OperationalError() | InterfaceError():
            columns = _again(run, error)
        case NotPermitted(remedy=Remedy()):
            columns = _waiting(described_problem(error))
        case Problem():
            columns = _failed(described_problem(error))
        case MicrosoftError():
            columns = _failed(described_problem(problem_from(error)))
        case _:
            log.error("job broke", exc_info=error)
            columns = _failed(_our_mistake())
    return columns


def _too_long(seconds: float) -> dict[str, Any]:
    return described(
        f"It took longer than {max(1, round(seconds / 60))} min and was stopped.",
        advice="Try again. If it stops here every time, ask for less at once.",
    )


def _our_mistake() -> dict[str, Any]:
    return described(
        "Something broke inside Isthmus, and it has been logged.",
        title="Our mistake",
        advice="Try again. If it happens again, give your administrator the id of this run.",
    )


def cancelled() -> dict[str, Any]:
    return _finished(State.CANCELLED, error={})


def crashed(kind_title: str) -> dict[str, Any]:
    """The columns for a run whose workers kept dying."""
    return _failed(
        described(
            f"The worker died each time it tried: {kind_title}.",
            advice="Look into the worker's log for the reason (often memory), then retry.",
        )
    )


def described(
    message: str,
    *,
    title: str = "",
    advice: str = "",
    code: str = "",
    ids: Any = None,
    remedy: Remedy | None = None,
) -> dict[str, Any]:
    """The `error` column: message, title, advice, code, ids, remedy; empty ones left out."""
    error = {
        "message": redact_text(message),
        "title": title,
        "advice": redact_text(advice),
        "code": code,
        "ids": dict(ids or {}),
        "remedy": remedy and {"label": remedy.label, "url": remedy.url, "post": remedy.post},
    }
    return {name: value for name, value in error.items() if value}


def described_problem(problem: Problem) -> dict[str, Any]:
    return described(
        problem.message,
        title=problem.title,
        advice=problem.advice,
        code=problem.code,
        ids=problem.ids,
        remedy=problem.remedy,
    )


def _again(run: Running, error: Exception) -> dict[str, Any]:
    failures = run.failures + 1
    if isinstance(error, MicrosoftError):
        problem: Problem = problem_from(error)
    elif isinstance(error, Problem):
        problem = error
    else:
        log.warning("database did not answer", exc_info=error)
        problem = Unavailable("The database of Isthmus did not answer.")
    if failures >= run.kind.max_attempts:
        return _failed(described_problem(problem)) | {"failures": failures}
    return queued(back_off(failures, problem.retry_after)) | {
        "failures": failures,
        "error": described_problem(problem),
    }


def _later(error: NoTurn) -> dict[str, Any]:
    """Our own governor has no turn for it: nothing was sent and nothing went wrong, so it is no failure."""
    problem = problem_from(error)
    problem.advice = "Isthmus keeps within what the environment allows, and others use that just now. It goes on by itself."
    return queued(back_off(1, error.retry_after), error=described_problem(problem) | {"waits": True})


def queued(delay: float, **more: Any) -> dict[str, Any]:
    return {"state": State.QUEUED, "not_before": clock.after(delay), "lease_until": None, **more}


def _waiting(error: dict[str, Any]) -> dict[str, Any]:
    return {"state": State.WAITING, "not_before": clock.now(), "lease_until": None, "error": error}


def _failed(error: dict[str, Any]) -> dict[str, Any]:
    return _finished(State.FAILED, error=error)


def _finished(state: str, **more: Any) -> dict[str, Any]:
    return {"state": state, "finished_at": clock.now(), "lease_until": None, **more}
