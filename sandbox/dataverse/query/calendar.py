"""Which stretch of time an operator such as last-x-days means, in the user's zone.

"Last x days" counts whole past days plus today so far; weeks begin on Sunday; the fiscal year is the calendar
year and its periods are quarters, as in a new organisation.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from sandbox.dataverse.errors import ApiError

Stretch = tuple[datetime | None, datetime | None]
MIDNIGHT = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
MOST = 100_000


class Calendar:
    """`now` seen from a time zone."""

    def __init__(self, now: datetime, zone: tzinfo = UTC) -> None:
        self.now = now.astimezone(zone).replace(microsecond=0)
        self.today = self.now.replace(**MIDNIGHT)  # type: ignore[arg-type]

    def days(self, count: int) -> datetime:
        return self.today + timedelta(days=count)

    def months(self, count: int, day: datetime | None = None) -> datetime:
        """So many months away, on the last day of a shorter month."""
        start = day or self.today
        index = start.year * 12 + start.month - 1 + count
        year, month = divmod(index, 12)
        for last in (start.day, 30, 29, 28):
            try:
                return start.replace(year=year, month=month + 1, day=min(start.day, last))
            except ValueError:
                if not 1 <= year <= 9999:
                    raise
        return start

    @property
    def week(self) -> datetime:
        return self.days(-((self.today.weekday() + 1) % 7))

    @property
    def month(self) -> datetime:
        return self.today.replace(day=1)

    @property
    def year(self) -> datetime:
        return self.today.replace(month=1, day=1)

    @property
    def quarter(self) -> datetime:
        return self.today.replace(month=(self.today.month - 1) // 3 * 3 + 1, day=1)


def _around(
    name: str, start: Callable[[Calendar], datetime], months: int
) -> dict[str, Callable[[Calendar], Stretch]]:
    return {
        f"this-{name}": lambda c: (start(c), c.months(months, start(c))),
        f"last-{name}": lambda c: (c.months(-months, start(c)), start(c)),
        f"next-{name}": lambda c: (c.months(months, start(c)), c.months(2 * months, start(c))),
    }


FIXED: dict[str, Callable[[Calendar], Stretch]] = {
    "today": lambda c: (c.days(0), c.days(1)),
    "yesterday": lambda c: (c.days(-1), c.days(0)),
    "tomorrow": lambda c: (c.days(1), c.days(2)),
    "last-seven-days": lambda c: (c.days(-7), c.now + timedelta(seconds=1)),
    "next-seven-days": lambda c: (c.now, c.days(8)),
    "this-week": lambda c: (c.week, c.week + timedelta(days=7)),
    "last-week": lambda c: (c.week - timedelta(days=7), c.week),
    "next-week": lambda c: (c.week + timedelta(days=7), c.week + timedelta(days=14)),
    **_around("month", lambda c: c.month, 1),
    **_around("year", lambda c: c.year, 12),
    **_around("fiscal-year", lambda c: c.year, 12),
    **_around("fiscal-period", lambda c: c.quarter, 3),
}
STEPS: dict[str, Callable[[Calendar, int], datetime]] = {
    "minutes": lambda c, n: c.now + timedelta(minutes=n),
    "hours": lambda c, n: c.now + timedelta(hours=n),
    "days": lambda c, n: c.days(n),
    "weeks": lambda c, n: c.days(7 * n),
    "months": lambda c, n: c.months(n),
    "years": lambda c, n: c.months(12 * n),
    "fiscal-periods": lambda c, n: c.months(3 * n, c.quarter),
    "fiscal-years": lambda c, n: c.months(12 * n, c.year),
}


def stretch(calendar: Calendar, operator: str, count: int = 0) -> Stretch:
    """From (inclusive) and until (exclusive) of a relative operator. Raises a 400 for absurd counts."""
    if operator in FIXED:
        return FIXED[operator](calendar)
    direction, _, unit = operator.partition("-x-")
    if not 0 < count <= MOST:
        raise ApiError("InvalidArgument", f"The value {count} is not valid for the operator '{operator}'.")
    try:
        if direction == "last":
            return STEPS[unit](calendar, -count), calendar.now + timedelta(seconds=1)
        if direction == "next":
            end = STEPS[unit](calendar, count)
            return calendar.now, end if unit == "hours" else end + timedelta(days=1)
        return None, STEPS[unit](calendar, -count)
    except (ValueError, OverflowError) as error:
        raise ApiError("InvalidArgument", f"The value {count} is out of range for '{operator}'.") from error


def is_relative(operator: str) -> bool:
    """Is this an operator that `stretch` knows?"""
    if operator in FIXED:
        return True
    direction, _, unit = operator.partition("-x-")
    return direction in {"last", "next", "olderthan"} and unit in STEPS


def fiscal(operator: str, calendar: Calendar, values: tuple[int, ...]) -> Stretch:
    """in-fiscal-year(y), in-fiscal-period(p), in-fiscal-period-and-year(p, y) and its or-before, or-after."""
    if operator == "in-fiscal-year":
        year, first, months = values[0], 1, 12
    else:
        period = values[0]
        year = values[1] if len(values) > 1 else calendar.today.year
        first, months = period * 3 - 2, 3
    if not (1 <= first <= 12 and 1753 <= year <= 9998):
        raise ApiError("InvalidArgument", f"The value is not a fiscal period or year: {values}.")
    start = calendar.today.replace(year=year, month=first, day=1)
    end = calendar.months(months, start)
    if operator.startswith("in-or-before"):
        return None, end
    if operator.startswith("in-or-after"):
        return start, None
    return start, end
