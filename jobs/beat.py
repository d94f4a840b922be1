"""The clock of the installation: Celery's beat process, with one static tick that it carries out itself.

Done in a worker the tick would wait behind long jobs, and would need the broker to notice that the broker
had lost something. Two beats do no harm: everything a tick does is a conditional update.
"""

from collections.abc import Callable
from typing import Any

import structlog
from celery.beat import Scheduler
from django.db import close_old_connections

from core import clock
from jobs import reconciler, resumption, scheduling
from jobs.models import Pulse

EVERY = 2.0

log = structlog.get_logger(__name__)


def tick() -> None:
    """Due slots become runs, answered questions let runs go on, dead runs go back to the queue, lost wake-ups are sent again."""
    parts = (
        scheduling.run_due_schedules,
        resumption.resume_authorised,
        reconciler.reclaim,
        reconciler.top_up,
        _pulse,
    )
    for part in parts:
        _guarded(part)


def _guarded(part: Callable[[], object]) -> None:
    """One part that fails must not stop the others, nor the next tick."""
    close_old_connections()
    try:
        part()
    except Exception as error:
        log.warning("tick incomplete", part=part.__name__, exc_info=error)


def _pulse() -> None:
    Pulse.objects.update_or_create(pk="beat", defaults={"at": clock.now()})


class TickScheduler(Scheduler):
    """Set as CELERY_BEAT_SCHEDULER; keeps no schedule of its own, on disk or elsewhere."""

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        tick()
        return EVERY
