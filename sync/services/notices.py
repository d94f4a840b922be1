"""Who is told when a mirror fails or falls behind."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from accounts.actors import Actor
from accounts.addresses import builders_of
from accounts.models import Webhook
from accounts.services import webhooks
from core import clock, notifications
from core.problems import Unavailable
from jobs import services as jobs
from jobs.models import JobRun
from sync.models import Sync, SyncEntity

KIND = "sync.notify"
WEBHOOK = "sync.webhook"


def look() -> int:
    """Ask for a notice of every run that failed and every mirror that lags, once each; how many."""
    return _failures() + _lags()


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
        shown = [row.as_of or sync.created_at for row in sync.entities.filter(enabled=True)]
        oldest = min(shown, default=clock.now())
        late = clock.now() - oldest > timedelta(seconds=sync.lag_limit or 0)
        if late and sync.lag_told_at is None:
            Sync.objects.filter(pk=sync.pk).update(lag_told_at=clock.now())
            _ask(sync, "late", entity="", why=f"The oldest state it shows is of {oldest:%Y-%m-%d %H:%M} UTC.")
            told += 1
        elif not late and sync.lag_told_at is not None:
            Sync.objects.filter(pk=sync.pk).update(lag_told_at=None)
    return told


def _ask(sync: Sync, event: str, **more: str) -> None:
    """Have it said, by e-mail and to each webhook of the team, by jobs of their own."""
    actor, payload = Actor.system("sync"), {"event": event, **more}
    jobs.request(KIND, actor=actor, subject=sync, payload=payload, priority=-1)
    for webhook in sync.team.webhooks.filter(enabled=True):
        at = {"webhook": str(webhook.pk), "at": clock.now().isoformat()}
        jobs.request(WEBHOOK, actor=actor, subject=sync, payload=payload | at, priority=-1)


def post(sync: Sync, payload: dict[str, str], delivery: str) -> str:
    """Tell one webhook; the receiver, or "" where it is gone or switched off. Raises as `webhooks.deliver`."""
    webhook = Webhook.objects.filter(pk=payload["webhook"], enabled=True).first()
    if webhook is None:
        return ""
    webhooks.deliver(
        webhook,
        delivery=delivery,
        kind=f"sync.{payload['event']}",
        at=datetime.fromisoformat(payload["at"]),
        data={
            "team": sync.team.name,
            "sync": {"id": str(sync.pk), "name": sync.name},
            "entity": payload["entity"],
            "message": payload["why"],
            "page": f"{settings.SITE_URL}{sync.get_absolute_url()}",
        },
    )
    return webhook.host


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
