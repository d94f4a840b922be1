"""In whose name and time zone a bulk is carried out."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accounts.actors import Actor
from core.problems import NotPermitted
from entities.models import Bulk
from jobs.running import Running


def owner_of(run: Running, bulk: Bulk) -> Actor:
    """The person whose work this is.

    Raises:
        NotPermitted: somebody else has retried the run. With their rights, its owner would see what they may not.

    """
    actor = run.actor
    if actor.user is None or actor.user.pk != bulk.owner_id:
        raise NotPermitted(f"This is the work of {bulk.owner}. Only they can go on with it.")
    return actor


def zone_of(bulk: Bulk) -> ZoneInfo:
    """The zone of the person who asked: what “today” means in a filter, and a time without a zone in a file."""
    try:
        return ZoneInfo(bulk.owner.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
