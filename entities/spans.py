"""Days as whoever asks counts them.

Dynamics answers “today” for the user it sees, which is the application; the person may live elsewhere. So what
is asked about days becomes a beginning and an end in the person's time zone before it is sent.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.utils import timezone

from integrations.definition import Attribute
from integrations.filters import RELATIVE, AllOf, Filter, Operator, Where
from integrations.kinds import DATES, Kind, kind_of

O = Operator  # noqa: E741  the tables below read better short
Span = tuple[date | None, date | None]  # from this day, to before that one
DAYS = frozenset(
    {O.ON, O.ON_OR_BEFORE, O.ON_OR_AFTER, O.BETWEEN, O.LAST_DAYS, O.NEXT_DAYS, *RELATIVE},
)


def in_persons_days(attribute: Attribute, where: Where, zone: tzinfo) -> Filter:
    """The condition with its days made explicit. One that is not about days comes back as it is."""
    if kind_of(attribute) not in DATES or where.operator not in DAYS:
        return where
    begin, end = span(where.operator, where.value, timezone.localdate(timezone=zone))
    parts = [
        replace(where, operator=operator, value=_moment(attribute, day, zone))
        for operator, day in ((O.GE, begin), (O.LT, end))
        if day is not None
    ]
    return AllOf(tuple(parts)) if parts else Where(where.attribute, O.NOT_EMPTY)


def span(operator: Operator, value: Any, today: date) -> Span:
    """The days that a valid condition means. Weeks begin on Monday (ISO 8601)."""
    if operator in _CALENDAR:
        return _CALENDAR[operator](today)
    if operator in (O.LAST_DAYS, O.NEXT_DAYS):
        days = int(str(value).strip())
        return (
            (_shift(today, -days), _after(today))
            if operator is O.LAST_DAYS
            else (today, _shift(today, days + 1))
        )
    ends = [date.fromisoformat(part.strip()) for part in str(value).split("..")]
    begin = None if operator is O.ON_OR_BEFORE else ends[0]
    return begin, None if operator is O.ON_OR_AFTER else _after(ends[-1])


def _moment(attribute: Attribute, day: date, zone: tzinfo) -> date:
    kind = kind_of(attribute)
    if kind is Kind.DATE:
        return day
    midnight = datetime.combine(day, time())
    return midnight if kind is Kind.CLOCK else timezone.make_aware(midnight, zone)


def _shift(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days)
    except OverflowError:
        return None


def _after(day: date) -> date | None:
    return _shift(day, 1)


def _days(begin: int, end: int) -> Callable[[date], Span]:
    return lambda today: (_shift(today, begin), _shift(today, end))


def _weeks(ahead: int) -> Callable[[date], Span]:
    def found(today: date) -> Span:
        monday = -today.weekday() + 7 * ahead
        return _shift(today, monday), _shift(today, monday + 7)

    return found


def _months(ahead: int) -> Callable[[date], Span]:
    return lambda today: (_first(today, ahead), _first(today, ahead + 1))


def _years(ahead: int) -> Callable[[date], Span]:
    return lambda today: (date(today.year + ahead, 1, 1), date(today.year + ahead + 1, 1, 1))


def _first(today: date, ahead: int) -> date:
    months = today.year * 12 + today.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


_CALENDAR: dict[Operator, Callable[[date], Span]] = {
    O.TODAY: _days(0, 1),
    O.YESTERDAY: _days(-1, 0),
    O.TOMORROW: _days(1, 2),
    O.THIS_WEEK: _weeks(0),
    O.LAST_WEEK: _weeks(-1),
    O.NEXT_WEEK: _weeks(1),
    O.THIS_MONTH: _months(0),
    O.LAST_MONTH: _months(-1),
    O.NEXT_MONTH: _months(1),
    O.THIS_YEAR: _years(0),
    O.LAST_YEAR: _years(-1),
}
