"""In whose time zone the times of a bulk are: what “today” means in a filter, and a time without a zone in a file."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from entities.models import Bulk


def zone_of(bulk: Bulk) -> ZoneInfo:
    """The zone of the person who asked."""
    try:
        return ZoneInfo(bulk.owner.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
