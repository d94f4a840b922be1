"""Moments and dates as Dataverse takes, keeps and shows them."""

import re
from datetime import UTC, date, datetime

STORED = "%Y-%m-%dT%H:%M:%SZ"
EARLIEST = 1753
MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|z|[+-]\d\d:?\d\d)?)?\Z"
)


def parse_moment(text: str) -> datetime:
    """A moment in UTC, whole seconds; without offset it is UTC already. Raises ValueError."""
    found = MOMENT.match(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    zone = found.group(7)
    if zone and zone not in "Zz":
        sign = -1 if zone[0] == "+" else 1
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        moment = datetime.fromtimestamp(moment.timestamp() + sign * minutes * 60, UTC)
    if moment.year < EARLIEST:
        raise ValueError(text)
    return moment


def store_moment(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}Z"


def parse_date(text: str) -> date:
    """A calendar date, from a date or a moment. Raises ValueError."""
    return parse_moment(text).date()


def show_moment(stored: str) -> str:
    """M/D/YYYY h:mm AM/PM, as the English (United States) locale has it."""
    hour = int(stored[11:13])
    half = "AM" if hour < 12 else "PM"
    return f"{show_date(stored)} {hour % 12 or 12}:{stored[14:16]} {half}"


def show_date(stored: str) -> str:
    return f"{int(stored[5:7])}/{int(stored[8:10])}/{stored[:4]}"
