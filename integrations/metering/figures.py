"""What the usage of an integration comes to: totals, latencies, and the pieces of its picture."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core import clock
from integrations.models import Integration, UsageHour
from integrations.models.usage import BUCKETS, no_calls


@dataclass(frozen=True)
class Period:
    """How far to look back, in how many bars of what width."""

    slug: str
    label: str
    bars: int
    width: timedelta

    @property
    def length(self) -> timedelta:
        return self.bars * self.width


PERIODS = (
    Period("day", "24 hours", 24, timedelta(hours=1)),
    Period("week", "7 days", 28, timedelta(hours=6)),
    Period("month", "30 days", 30, timedelta(days=1)),
)


@dataclass
class Figures:
    """Calls, errors and latency of some hours. Latencies are the upper ends of buckets, in milliseconds."""

    calls: int = 0
    errors: int = 0
    milliseconds: int = 0
    buckets: list[int] = field(default_factory=no_calls)

    def add(self, row: UsageHour) -> None:
        self.calls += row.calls
        self.errors += row.errors
        self.milliseconds += row.milliseconds
        self.buckets = [mine + more for mine, more in zip(self.buckets, row.buckets, strict=True)]

    @property
    def good(self) -> int:
        return self.calls - self.errors

    @property
    def error_share(self) -> float:
        return 100 * self.errors / self.calls if self.calls else 0.0

    @property
    def median(self) -> str:
        return self._below(0.5)

    @property
    def slow(self) -> str:
        """Nineteen of twenty calls were quicker."""
        return self._below(0.95)

    def _below(self, share: float) -> str:
        passed = 0
        for end, calls in zip(BUCKETS, self.buckets, strict=False):
            passed += calls
            if self.calls and passed >= share * self.calls:
                return f"≤ {end:,} ms"
        return f"> {BUCKETS[-1]:,} ms" if self.calls else "—"


@dataclass(frozen=True)
class Bar:
    """One bar of the picture, in its coordinates: errors stand on top of what went well."""

    start: datetime
    figures: Figures
    x: float
    width: float
    good_y: float
    good_height: float
    error_y: float
    error_height: float


HEIGHT, WIDTH, GAP = 160.0, 960.0, 4.0


def period_of(slug: str) -> Period:
    """The period of this name, a day for any other."""
    return next((each for each in PERIODS if each.slug == slug), PERIODS[0])


def rows_of(integration: Integration, period: Period) -> list[UsageHour]:
    """The hours of the period."""
    return list(integration.usage.filter(hour__gte=_first(period)))


def total(rows: Iterable[UsageHour]) -> Figures:
    figures = Figures()
    for row in rows:
        figures.add(row)
    return figures


def grouped(rows: Iterable[UsageHour], by: Callable[[UsageHour], Any]) -> list[tuple[Any, Figures]]:
    """Figures for each group, the busiest first."""
    found: dict[Any, Figures] = defaultdict(Figures)
    for row in rows:
        found[by(row)].add(row)
    return sorted(found.items(), key=lambda pair: (-pair[1].calls, str(pair[0])))


def bars(rows: Iterable[UsageHour], period: Period) -> list[Bar]:
    """The picture's bars, oldest first, scaled to the highest."""
    first = _first(period)
    found = [Figures() for _ in range(period.bars)]
    for row in rows:
        place = int((row.hour - first) / period.width)
        if 0 <= place < period.bars:
            found[place].add(row)
    highest = max([each.calls for each in found] + [1])
    step = WIDTH / period.bars
    return [
        _bar(first + number * period.width, figures, number * step, step - GAP, highest)
        for number, figures in enumerate(found)
    ]


def _bar(start: datetime, figures: Figures, x: float, width: float, highest: int) -> Bar:
    good, bad = (HEIGHT * part / highest for part in (figures.good, figures.errors))
    return Bar(
        start,
        figures,
        round(x + GAP / 2, 1),
        round(width, 1),
        good_y=round(HEIGHT - good, 1),
        good_height=round(good, 1),
        error_y=round(HEIGHT - good - bad, 1),
        error_height=round(bad, 1),
    )


def _first(period: Period) -> datetime:
    """When the first bar begins: on a full hour, so that the last one holds this hour."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return hour - period.length
