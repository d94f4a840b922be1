"""Asking for runs: at most one unfinished run for each entity, whoever asks however often."""

from uuid import uuid4

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role
from core.problems import Clash, Missing
from jobs import services as jobs
from jobs.models import JobRun
from sync import drift
from sync.models import Sync, SyncEntity
from sync.work import KIND


def run_now(actor: Actor, sync: Sync, *, full: bool = False, only: SyncEntity | None = None) -> list[JobRun]:
    """Ask for a run of every entity that is switched on, or of one; `full` reads and compares everything.

    An entity whose run is not finished keeps it: a full reading then follows with its next run.

    Raises:
        NotPermitted, Missing: it takes the role builder.

    """
    require_role(actor, sync.team, Role.BUILDER)
    with transaction.atomic():
        audit.record(actor, "asked for a full refresh of" if full else "ran", sync, team=sync.team)
        return fan_out(actor, sync, full=full, only=only)


def fan_out(
    actor: Actor, sync: Sync, *, full: bool = False, only: SyncEntity | None = None, priority: int = 0
) -> list[JobRun]:
    """The runs that were asked for, in the caller's transaction. Entities under way are left out."""
    wanted = sync.entities.select_for_update(of=("self",)).select_related("run")
    wanted = wanted.filter(pk=only.pk) if only else wanted.filter(enabled=True)
    asked = []
    for row in wanted:
        row.full_wanted = row.full_wanted or full
        if row.run is None or row.run.is_finished:
            row.run = jobs.request(
                KIND,
                actor=actor,
                subject=row,
                team=sync.team,
                key=f"{KIND}:{row.pk}:{uuid4()}",
                priority=priority,
            )
            asked.append(row.run)
        row.save(update_fields=["full_wanted", "run"])
    return asked


def pause(actor: Actor, sync: Sync) -> None:
    """No run begins by itself any more; what is under way goes on."""
    _enable(actor, sync, "paused", enabled=False)


def resume(actor: Actor, sync: Sync) -> None:
    """Runs begin by themselves again, with the next slot."""
    _enable(actor, sync, "resumed", enabled=True)


def _enable(actor: Actor, sync: Sync, verb: str, *, enabled: bool) -> None:
    require_role(actor, sync.team, Role.BUILDER)
    if sync.schedule is None:
        raise Clash("This sync has no schedule: it only runs when somebody asks.")
    with transaction.atomic():
        sync.schedule.enabled = enabled
        sync.schedule.save(update_fields=["enabled"])
        audit.record(actor, verb, sync, team=sync.team)


def switch(actor: Actor, row: SyncEntity, *, enabled: bool) -> None:
    """Take an entity into the sync's runs or out of them. Its mirror stays as it is."""
    require_role(actor, row.team, Role.BUILDER)
    with transaction.atomic():
        SyncEntity.objects.filter(pk=row.pk).update(enabled=enabled)
        message = f"{row.logical_name} {'on' if enabled else 'off'}"
        audit.record(actor, "switched", row.sync, team=row.team, message=message)


def accept(actor: Actor, row: SyncEntity) -> None:
    """Let the changed columns be mirrored, and the run that waited for that go on.

    Raises:
        Missing: nothing waits for a decision.

    """
    require_role(actor, row.team, Role.BUILDER)
    with transaction.atomic():
        held = SyncEntity.objects.select_for_update(of=("self",)).select_related("run", "sync").get(pk=row.pk)
        if not held.drifted:
            raise Missing("Nothing waits for a decision here any more.")
        held.accepted = held.proposed or drift.Accepted().model_dump(mode="json")
        texts = [each["text"] for each in held.drifted]
        held.drifted, held.proposed = [], {}
        held.save(update_fields=["accepted", "drifted", "proposed"])
        audit.record(actor, "accepted changed columns of", held.sync, team=held.team, message=" ".join(texts))
        if held.run is not None and held.run.state == JobRun.State.WAITING:
            jobs.resume(actor, held.run)
