"""What “today” and the like mean to somebody, wherever they live."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from entities.spans import in_persons_days, span
from integrations.definition import Attribute
from integrations.filters import Operator, Where

O = Operator  # noqa: E741
WEDNESDAY = date(2025, 12, 31)


@pytest.mark.parametrize(
    ("operator", "value", "begin", "end"),
    [
        (O.TODAY, None, date(2025, 12, 31), date(2026, 1, 1)),
        (O.YESTERDAY, None, date(2025, 12, 30), date(2025, 12, 31)),
        (O.THIS_WEEK, None, date(2025, 12, 29), date(2026, 1, 5)),
        (O.LAST_WEEK, None, date(2025, 12, 22), date(2025, 12, 29)),
        (O.THIS_MONTH, None, date(2025, 12, 1), date(2026, 1, 1)),
        (O.NEXT_MONTH, None, date(2026, 1, 1), date(2026, 2, 1)),
        (O.LAST_YEAR, None, date(2024, 1, 1), date(2025, 1, 1)),
        (O.LAST_DAYS, "7", date(2025, 12, 24), date(2026, 1, 1)),
        (O.NEXT_DAYS, "7", date(2025, 12, 31), date(2026, 1, 8)),
        (O.BETWEEN, "2025-01-01..2025-01-31", date(2025, 1, 1), date(2025, 2, 1)),
        (O.ON_OR_BEFORE, "2025-01-01", None, date(2025, 1, 2)),
        (O.ON_OR_AFTER, "9999-12-31", date(9999, 12, 31), None),
        (O.ON, "9999-12-31", date(9999, 12, 31), None),
    ],
)
def test_spans(operator, value, begin, end):
    assert span(operator, value, WEDNESDAY) == (begin, end)


def test_a_day_begins_at_the_persons_midnight():
    created = Attribute(logical_name="createdon", name="created", type="DateTime")
    where = in_persons_days(created, Where("created", O.ON, "2025-07-01"), ZoneInfo("Asia/Tokyo"))
    begin, end = where.parts
    assert begin.value.astimezone(UTC) == datetime(2025, 6, 30, 15, tzinfo=UTC)
    assert end.value.astimezone(UTC) == datetime(2025, 7, 1, 15, tzinfo=UTC)


def test_what_is_not_about_days_stays():
    where = Where("name", O.EQ, "today")
    assert in_persons_days(Attribute(logical_name="name", name="name", type="String"), where, UTC) is where
