"""Brings back what a dead worker or a lost message left behind."""

from typing import Any

import redis
import structlog
from celery import current_app
from django.conf import settings

from core import clock
from jobs import engine, handlers, outcomes
from jobs.models import JobRun
from jobs.wakeup import wake

CRASH_LIMIT = 5
AT_ONCE = 200

State = JobRun.State
log = structlog.get_logger(__name__)


def reclaim() -> int:
    """Requeue or end the runs whose worker went silent; how many there were."""
    expired = JobRun.objects.filter(state=State.RUNNING, lease_until__lt=clock.now())
    return sum(_reclaim(run) for run in expired[:AT_ONCE])


def _reclaim(run: JobRun) -> bool:
    columns = _columns(run)
    # The conditions are asked again: the worker may have renewed its lease since.
    taken = JobRun.objects.filter(
        pk=run.pk, state=State.RUNNING, attempt=run.attempt, lease_until__lt=clock.now()
    ).update(**columns)
    if taken:
        log.warning(
            "lease expired", run_id=str(run.pk), job=run.kind, worker=run.worker, state=str(columns["state"])
        )
    return bool(taken)


def _columns(run: JobRun) -> dict[str, Any]:
    crashes = run.crashes + 1
    if run.cancel_requested_at:
        return outcomes.cancelled()
    if crashes >= CRASH_LIMIT:
        return outcomes.crashed(handlers.title(run.kind)) | {"crashes": crashes}
    return outcomes.queued(outcomes.FIRST_DELAY * (crashes - 1)) | {
        "crashes": crashes,
        "message": "Its worker stopped; it goes on by itself.",
    }


def top_up() -> int:
    """Send as many wake-ups as there are due runs without one; how many were sent.

    A wake-up is not tied to its run, so counting is enough, and messages cannot pile up behind busy workers.
    """
    due = list(engine.due().values_list("pk", flat=True)[:AT_ONCE])
    if not due:
        return 0
    missing = len(due) - _messages()
    sent = 0
    for run_id in due[: max(missing, 0)]:
        if not wake(run_id):
            break
        sent += 1
    return sent


def _messages() -> int:
    """How many wake-ups lie in the broker; none where it does not answer, for publishing will say so itself."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)
    try:
        return int(client.llen(current_app.conf.task_default_queue))
    except redis.RedisError:
        return 0
    finally:
        client.close()
