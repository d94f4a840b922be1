"""The job handlers of the workspace."""

from typing import Any

from celery.signals import beat_init
from django.db import models
from django.utils import timezone

from core import clock
from core.problems import Missing
from entities.bulk.customs import zone_of
from entities.bulk.exporting import export as write_export
from entities.bulk.working import carry_out as carry_bulk_out
from entities.models import Bulk, FileTransfer, StoredFile
from entities.services.bulk import CARRY_OUT, EXPORT
from jobs.handlers import job
from jobs.models import JobRun
from jobs.running import Running
from jobs.scheduling import ensure_schedule

FORGET = "entities.forget"
LONG = 5 * 3600
HOUR = 3600
UNFINISHED = (JobRun.State.QUEUED, JobRun.State.RUNNING, JobRun.State.WAITING)


def _bulk(run: Running) -> Bulk:
    found = Bulk.objects.select_related("integration__team", "owner", "file", "undoes")
    bulk = found.filter(pk=run.subject_id).first()
    if bulk is None:
        raise Missing("This work has been forgotten, so there is nothing to go on with.")
    return bulk


@job(CARRY_OUT, title="Work on many records", max_attempts=20, limit=LONG)
def carry_out(run: Running) -> dict[str, Any]:
    bulk = _bulk(run)
    with timezone.override(zone_of(bulk)):
        return carry_bulk_out(run, bulk)


@job(EXPORT, title="Export records", max_attempts=8, limit=LONG)
def export(run: Running) -> dict[str, Any]:
    bulk = _bulk(run)
    with timezone.override(zone_of(bulk)):
        return write_export(run, bulk)


@job(FORGET, title="Forget old files and results", limit=900, duty="retention")
def forget(run: Running) -> dict[str, Any]:
    """Drop what is kept only for a while: it holds copies of records."""
    now = clock.now()
    old: dict[str, models.QuerySet[Any]] = {
        "files": StoredFile.objects.filter(expires_at__lte=now),
        "uploads": FileTransfer.objects.filter(expires_at__lte=now),
        "results": Bulk.objects.filter(expires_at__lte=now).exclude(run__state__in=UNFINISHED),
    }
    forgotten = {}
    for what, rows in old.items():
        forgotten[what] = 0
        for row in rows.iterator():
            run.progress(step=f"Forgetting {what}")
            row.delete()
            forgotten[what] += 1
    return forgotten


@beat_init.connect
def keep_schedules(**_kwargs: Any) -> None:
    ensure_schedule("Files and results: forget the old ones", FORGET, interval=HOUR)
