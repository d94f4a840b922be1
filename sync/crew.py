"""The workers that read one load together: who is asked to help, who is still at work, and when help is over."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from core import clock
from jobs import engine
from jobs import services as jobs
from jobs.models import JobRun
from jobs.running import Running
from sync.models import SyncEntity

KIND = "sync.part"
PRIORITY = -5  # below everything else: a load that nobody helps with ends as well
PATIENCE = timedelta(seconds=2)  # that other work waits for a worker before helpers make room for it

State = JobRun.State


def recruit(run: Running, row: SyncEntity, load: str, wanted: int) -> None:
    """Ask for so many helpers of a load, less those that were asked for already. Nobody waits for them."""
    asked = JobRun.objects.filter(kind=KIND, payload__load=load).exclude(state__in=JobRun.FINISHED).count()
    with transaction.atomic():
        for number in range(asked, wanted):
            jobs.request(
                KIND,
                actor=Actor.system("sync"),
                subject=row,
                payload={"lead": str(run.id), "load": load},
                key=f"{KIND}:{load}:{run.attempt}:{number}",
                priority=PRIORITY,
            )


def dismiss(lead: UUID) -> None:
    """Forget helpers that never began, so that they do not fill the list of runs."""
    idle = JobRun.objects.filter(kind=KIND, payload__lead=str(lead), attempt=0)
    idle.filter(state=State.QUEUED).update(state=State.CANCELLED, finished_at=clock.now())
    idle.filter(state=State.CANCELLED).delete()


def helping(lead: UUID) -> int:
    """How many helpers are at work."""
    return JobRun.objects.filter(kind=KIND, payload__lead=str(lead), state=State.RUNNING).count()


def owner_of(run: Running) -> str:
    """What an attempt is called in the destination."""
    return f"{run.id}:{run.attempt}"


def living(owners: set[str]) -> set[str]:
    """Those of these attempts that hold their lease."""
    ids = {each.partition(":")[0] for each in owners}
    found = JobRun.objects.filter(pk__in=ids, state=State.RUNNING, lease_until__gt=clock.now())
    return owners & {f"{pk}:{attempt}" for pk, attempt in found.values_list("pk", "attempt")}


def is_led(lead: str) -> bool:
    """Whether somebody is going to end what a helper would help with: at work, or about to be again."""
    under_way = JobRun.objects.filter(state__in=[State.QUEUED, State.RUNNING], cancel_requested_at=None)
    return under_way.filter(pk=lead).exists()


def is_in_the_way(run: Running) -> bool:
    """Whether more urgent work waits for a worker, which a helper would better be."""
    waiting = engine.due().filter(priority__gt=run.row.priority, not_before__lt=clock.now() - PATIENCE)
    return waiting.exists()
