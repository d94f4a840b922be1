"""What the operations take and give: records, links and pages of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Link:
    """A lookup's value: the id of a record, the logical name of its entity, and how people call it."""

    id: str
    entity: str
    label: str = ""

    def __str__(self) -> str:
        return self.label or self.id


Value = str | int | bool | float | Decimal | date | datetime | Link | list[int] | None


@dataclass(frozen=True)
class Record:
    """One record, under the names of the integration.

    `values` holds Python values: text, int, Decimal, float, bool, date, aware datetime (naive for
    attributes that are independent of time zones), int for a choice, list[int] for several, Link for a
    lookup, None for nothing. `labels` holds what Dynamics shows for them, where it differs from the value.
    `expanded` holds the related records that were asked for: one, None, or a list.
    """

    id: str
    etag: str
    values: dict[str, Value]
    labels: dict[str, str] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    expanded: "dict[str, Record | list[Record] | None]" = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A page of records. `next_cursor` is opaque, and None on the last page."""

    records: Sequence[Record]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Upserted:
    """The record that an upsert wrote, and whether it is new."""

    id: str
    created: bool


@dataclass(frozen=True)
class Tally:
    """A quick count: exact up to Dataverse's bound of 5,000, beyond it only `at_least`, or `about` as of the last day."""

    count: int
    at_least: bool = False
    about: bool = False

    def __str__(self) -> str:
        how = "about " if self.about else "more than " if self.at_least else ""
        return f"{how}{self.count:,}"
