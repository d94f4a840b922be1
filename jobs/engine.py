"""Claims a run and carries it out. Two workers never hold one run: the attempt number is the fence."""

import os
import socket
from contextlib import nullcontext
from typing import Any

import structlog
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from core import clock
from jobs import handlers, outcomes
from jobs.heartbeat import heartbeat
from jobs.models import JobRun
from jobs.running import LeaseLost, Running

State = JobRun.State
log = structlog.get_logger(__name__)


def due() -> QuerySet[JobRun]:
    """Runs that could start now, in the order in which they should."""
    return JobRun.objects.filter(
        state=State.QUEUED, not_before__lte=clock.now(), kind__in=handlers.names()
    ).order_by("-priority", "not_before", "created_at")


def claim() -> JobRun | None:
    """Take the first due run, or None when there is none. Safe with any number of workers."""
    while candidates := list(due()[:5]):
        for run in candidates:
            if _take(run):
                return JobRun.objects.select_related("requested_by", "team").get(pk=run.pk)
    return None


def _take(run: JobRun) -> bool:
    lease = handlers.kind(run.kind).lease
    return bool(
        JobRun.objects.filter(pk=run.pk, state=State.QUEUED, attempt=run.attempt).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            worker=f"{socket.gethostname()}:{os.getpid()}",
            lease_until=clock.after(lease),
            started_at=Coalesce(F("started_at"), clock.now()),
            error={},
        )
    )


def carry_out(row: JobRun, *, beat: bool = True) -> None:
    """Run the handler of a claimed run and record what came of it. Never raises for the handler's sake."""
    kind = handlers.kind(row.kind)
    run = Running(row, kind)
    with structlog.contextvars.bound_contextvars(run_id=str(row.pk), job=row.kind, attempt=row.attempt):
        log.info("job started")
        with heartbeat(run) if beat else nullcontext():
            columns = _attempt(run)
        if columns is None or not _settle(run, columns):
            log.warning("job lost its lease; its outcome is not recorded")
        else:
            log.info("job ended", state=str(columns["state"]))


def _attempt(run: Running) -> dict[str, Any] | None:
    try:
        return outcomes.success(run.kind.handler(run))
    except LeaseLost:
        return None
    except Exception as error:  # noqa: BLE001  whatever a handler raises becomes an outcome
        return outcomes.failure(run, error)


def _settle(run: Running, columns: dict[str, Any]) -> bool:
    return bool(run.mine().update(**{**run.unwritten, **columns}))
