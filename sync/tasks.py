"""The job handlers of syncs."""

from typing import Any

from celery.signals import beat_init
from django.db import transaction

from accounts.actors import Actor
from jobs.handlers import job
from jobs.running import Running
from jobs.scheduling import ensure_schedule
from sync import crew, helping, work
from sync.models import Sync, SyncEntity
from sync.services import notices, rhythm, runs

WATCH = "sync.watch"
WATCH_EVERY = 120
RELATED = ("sync__team", "sync__integration__team", "sync__stage")


@job(rhythm.KIND, title="Start a sync", limit=60, duty="sync")
def start(run: Running) -> dict[str, Any]:
    """Ask for a run of each entity; one whose last run is still under way is left to that."""
    sync = Sync.objects.select_related("team").filter(pk=run.payload["sync"]).first()
    if sync is None:
        return {"asked for": 0}
    with transaction.atomic():
        asked = runs.fan_out(Actor.system("sync"), sync, priority=-1)
    return {"asked for": len(asked)}


@job(work.KIND, title="Mirror an entity", max_attempts=40, limit=5 * 3600, duty="sync")
def mirror(run: Running) -> dict[str, Any]:
    return work.carry_out(run, SyncEntity.objects.select_related(*RELATED).get(pk=run.subject_id))


@job(crew.KIND, title="Help to mirror an entity", max_attempts=40, limit=5 * 3600, duty="sync")
def lend_a_hand(run: Running) -> dict[str, Any]:
    row = SyncEntity.objects.select_related(*RELATED).filter(pk=run.subject_id).first()
    return helping.carry_out(run, row) if row else {}


@job(WATCH, title="Look for syncs in trouble", limit=300, duty="sync")
def watch(_run: Running) -> dict[str, Any]:
    return {"asked to tell": notices.look()}


@job(notices.KIND, title="Write to a team about a sync", max_attempts=8, limit=120, duty="sync")
def notify(run: Running) -> dict[str, Any]:
    return {"written to": notices.send(Sync.objects.get(pk=run.subject_id), **run.payload)}


@job(notices.WEBHOOK, title="Tell a webhook about a sync", max_attempts=8, limit=120, duty="sync")
def tell(run: Running) -> dict[str, Any]:
    sync = Sync.objects.select_related("team").get(pk=run.subject_id)
    return {"told": notices.post(sync, run.payload, str(run.id))}


@beat_init.connect
def keep_schedules(**_kwargs: Any) -> None:
    ensure_schedule("Syncs: watch", WATCH, interval=WATCH_EVERY)
