"""Who is told when a mirror fails or falls behind."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F

from accounts.actors import Actor
from accounts.addresses import builders_of
from core import clock, notifications
from core.problems import Unavailable
from jobs import services as jobs
from jobs.models import JobRun
from sync.models import Sync, SyncEntity

KIND = "sync.notify"


def look() -> int:
    """Ask for a notice of every run that failed and every mirror that lags, once each; how many."""
    return _failures() + _lags()


def lag_of(row: SyncEntity) -> timedelta | None:
    """How far the mirror is behind Dynamics; None before its first run has ended."""
    return None if row.as_of is None else clock.now() - row.as_of


def _failures() -> int:
    failed = SyncEntity.objects.filter(enabled=True, run__state=JobRun.State.FAILED)
    untold = failed.exclude(told=F("run_id")).select_related("sync__team", "run")
    for row in untold:
        if row.run is not None and SyncEntity.objects.filter(pk=row.pk).exclude(told=row.run.pk).update(
            told=row.run.pk
        ):
            _ask(row.sync, "failed", entity=row.logical_name, why=row.run.error.get("message", ""))
    return len(untold)


def _lags() -> int:
    told = 0
    for sync in Sync.objects.filter(lag_limit__isnull=False).select_related("team", "schedule"):
        moments = [
            row.as_of for row in sync.entities.filter(enabled=True) if row.as_of is not None or row.run_id
        ]
        oldest = min((each for each in moments if each), default=sync.created_at)
        late = clock.now() - oldest > timedelta(seconds=sync.lag_limit or 0)
        if late and sync.lag_told_at is None:
            Sync.objects.filter(pk=sync.pk).update(lag_told_at=clock.now())
            _ask(sync, "late", entity="", why=f"The oldest state it shows is of {oldest:%Y-%m-%d %H:%M} UTC.")
            told += 1
        elif not late and sync.lag_told_at is not None:
            Sync.objects.filter(pk=sync.pk).update(lag_told_at=None)
    return told


def _ask(sync: Sync, event: str, **more: str) -> None:
    jobs.request(
        KIND, actor=Actor.system("sync"), subject=sync, payload={"event": event, **more}, priority=-1
    )


def send(sync: Sync, event: str, entity: str = "", why: str = "") -> int:
    """Write to the builders and owners of the team; how many were written to.

    Raises:
        Unavailable: the mail server did not take it; try again.

    """
    to = builders_of(sync.team)
    page = f"{settings.SITE_URL}{sync.get_absolute_url()}"
    if event == "failed":
        subject = f"The sync {sync.name} failed for {entity}"
        text = (
            f"{why}\n\nReaders still have what was mirrored before. What to do stands on its page: {page}\n"
        )
    else:
        subject = f"The sync {sync.name} is behind"
        text = f"{why}\nYou asked to be told when it is more than {(sync.lag_limit or 0) // 60} minutes.\n\n{page}\n"
    if to and not notifications.send(to, subject, text):
        raise Unavailable("The mail server did not take a notice.")
    return len(to)
