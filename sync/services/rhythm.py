"""When a sync runs: one row in the job engine's table of schedules."""

from jobs.models import Schedule
from jobs.scheduling import ensure_schedule
from sync.models import Sync

KIND = "sync.run"
SHORTEST = 60  # seconds


def set_rhythm(sync: Sync, *, cron: str, interval: int | None, time_zone: str) -> None:
    """Give the sync its schedule, or take it away where neither a cron text nor an interval is given.

    Raises:
        BadInput: the cron text or the zone make no sense.

    """
    if not cron and not interval:
        drop_rhythm(sync)
        return
    sync.schedule = ensure_schedule(
        f"Sync {sync.pk}",
        KIND,
        cron=cron,
        interval=interval,
        time_zone=time_zone or "UTC",
        team=sync.team,
        payload={"sync": str(sync.pk)},
    )
    sync.save(update_fields=["schedule"])


def drop_rhythm(sync: Sync) -> None:
    if sync.schedule_id:
        Schedule.objects.filter(pk=sync.schedule_id).delete()
        sync.schedule = None


def spoken(schedule: Schedule | None) -> str:
    """The rhythm in words: "every 15 minutes", "0 6 * * * (Europe/Vienna)"."""
    if schedule is None:
        return "only when asked"
    if schedule.cron:
        return f"{schedule.cron} ({schedule.time_zone})"
    seconds = schedule.interval or 0
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            number = seconds // size
            return f"every {word}" if number == 1 else f"every {number} {word}s"
    return f"every {seconds} seconds"
