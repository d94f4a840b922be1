"""Turns due slots into runs: one run per (schedule, slot), missed slots into one."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from accounts.models import Team
from core import clock
from core.problems import Problem
from jobs import handlers, slots
from jobs.models import JobRun, Schedule
from jobs.wakeup import wake_on_commit

SKEW = timedelta(minutes=1)  # by so much the clocks of two machines may differ

log = structlog.get_logger(__name__)


def ensure_schedule(
    name: str,
    kind: str,
    *,
    cron: str = "",
    interval: int | None = None,
    time_zone: str = "UTC",
    team: Team | None = None,
    payload: dict[str, Any] | None = None,
) -> Schedule:
    """Create or change a schedule by its name; its next slot is counted from now when its rhythm changed.

    Raises:
        BadInput: the cron text or the zone make no sense.
        LookupError: no app has registered that kind.

    """
    handlers.kind(kind)
    rhythm = {"cron": cron, "interval": interval, "time_zone": time_zone}
    following = slots.following(clock.now(), cron=cron, interval=interval, time_zone=time_zone)
    columns = {"kind": kind, "team": team, "payload": payload or {}, **rhythm}
    with transaction.atomic():
        schedule, created = Schedule.objects.select_for_update().get_or_create(
            name=name, defaults=columns | {"next_slot": following}
        )
        if not created:
            if {field: getattr(schedule, field) for field in rhythm} == rhythm:
                following = schedule.next_slot or following
            for field, value in (columns | {"next_slot": following}).items():
                setattr(schedule, field, value)
            schedule.save()
    return schedule


def run_due_schedules() -> int:
    """Make the runs that have fallen due; how many."""
    now = clock.now()
    _meet_a_clock_set_back(now)
    schedules = Schedule.objects.filter(enabled=True, kind__in=handlers.names()).exclude(next_slot__gt=now)
    return sum(_run(schedule, now) for schedule in schedules)


def _meet_a_clock_set_back(now: datetime) -> None:
    """No slot lies further ahead than one step, unless the clock was ahead when it was counted."""
    for schedule in Schedule.objects.filter(enabled=True, kind__in=handlers.names(), next_slot__gt=now):
        try:
            following = slots.following(
                now, cron=schedule.cron, interval=schedule.interval, time_zone=schedule.time_zone
            )
        except Problem:
            continue  # told when it falls due
        if schedule.next_slot is not None and schedule.next_slot - following > SKEW:
            _move(schedule, following)


def _run(schedule: Schedule, now: datetime) -> bool:
    rhythm: dict[str, Any] = {
        "cron": schedule.cron,
        "interval": schedule.interval,
        "time_zone": schedule.time_zone,
    }
    try:
        if schedule.next_slot is None:  # typed into the admin: it starts with its next slot
            _move(schedule, slots.following(now, **rhythm))
            return False
        if schedule.runs.exclude(state__in=JobRun.FINISHED).exists():
            return False  # the one before is not done: what passes meanwhile becomes one run after it
        slot = slots.latest(schedule.next_slot, now, **rhythm)
        following = slots.following(slot, **rhythm)
        if following <= now:  # more was missed than is worth stepping over
            following = slots.following(now, **rhythm)
    except Problem as problem:
        Schedule.objects.filter(pk=schedule.pk).update(enabled=False)
        log.warning("schedule switched off", schedule=schedule.name, reason=problem.message)
        return False
    try:
        with transaction.atomic():
            if not _move(schedule, following):
                return False  # another beat was faster
            run = _create(schedule, slot, now)
    except IntegrityError:
        return False  # that slot has its run
    log.info("schedule due", schedule=schedule.name, slot=slot.isoformat(), run_id=str(run.pk))
    return True


def _move(schedule: Schedule, following: datetime) -> int:
    return Schedule.objects.filter(pk=schedule.pk, next_slot=schedule.next_slot).update(next_slot=following)


def _create(schedule: Schedule, slot: datetime, now: datetime) -> JobRun:
    run = JobRun.objects.create(
        kind=schedule.kind,
        key=f"schedule:{schedule.pk}:{slot.isoformat()}",
        schedule=schedule,
        slot=slot,
        subject_label=schedule.name,
        team=schedule.team,
        duty=handlers.kind(schedule.kind).duty,
        payload=schedule.payload,
        priority=-1,  # people go first
        not_before=now,
        created_at=now,
    )
    wake_on_commit(run.pk)
    return run
