"""When a schedule falls due. Pure: no database, no clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from core.problems import BadInput

CATCH_UP = 10_000  # slots that are stepped over one by one; beyond it the next future slot is looked up


def following(after: datetime, *, cron: str, interval: int | None, time_zone: str) -> datetime:
    """The first slot later than `after`, in UTC. A cron text means wall-clock time in its zone.

    Raises:
        BadInput: for a cron text, an interval or a zone that make no sense.

    """
    if interval:
        return after + timedelta(seconds=interval)
    local = after.astimezone(zone(time_zone))
    try:
        return next(CronSim(cron, local)).astimezone(UTC)
    except (CronSimError, StopIteration):
        raise BadInput(
            f"“{cron}” is not a cron expression that ever falls due.", fields={"cron": "Not understood"}
        ) from None


def latest(due: datetime, now: datetime, *, cron: str, interval: int | None, time_zone: str) -> datetime:
    """The last slot not later than `now`, given that `due` is one: whatever was missed in between is one run."""
    if interval:
        passed = int((now - due).total_seconds() // interval)
        return due + timedelta(seconds=interval * passed)
    slot = due
    for _ in range(CATCH_UP):
        further = following(slot, cron=cron, interval=None, time_zone=time_zone)
        if further > now:
            break
        slot = further
    return slot


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"There is no time zone {name}.", fields={"time_zone": "Unknown"}) from None
