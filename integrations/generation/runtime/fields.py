"""The attributes of an entity: what may be asked of them, and how their values are read.

accounts.fields.name.contains("coffee") & accounts.fields.revenue.at_least(Decimal(1000))
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from .values import Choice, Reference, encode

T = TypeVar("T")
C = TypeVar("C", bound=Choice)


@dataclass(frozen=True)
class Condition:
    """A question about records. Conditions are joined by & and |, and turned round by ~."""

    document: dict[str, Any]

    def __and__(self, other: "Condition") -> "Condition":
        """Both hold."""
        return Condition({"and": [self.document, other.document]})

    def __or__(self, other: "Condition") -> "Condition":
        """At least one holds."""
        return Condition({"or": [self.document, other.document]})

    def __invert__(self) -> "Condition":
        """It does not hold."""
        return Condition({"not": self.document})


@dataclass(frozen=True)
class Order:
    """One step of an order."""

    attribute: str
    direction: str


class Field(Generic[T]):
    """One attribute, by its name in the service."""

    def __init__(self, name: str) -> None:
        self.name = name

    def decode(self, value: Any) -> T | None:
        """What the JSON of the service means in Python."""
        return None if value is None else self._read(value)

    def _read(self, value: Any) -> T:
        read: T = value
        return read

    def _ask(self, operator: str, value: Any = None) -> Condition:
        return Condition({"attribute": self.name, "operator": operator, "value": encode(value)})

    def is_empty(self) -> Condition:
        """It holds nothing."""
        return self._ask("empty")

    def is_not_empty(self) -> Condition:
        """It holds something."""
        return self._ask("not_empty")

    def ascending(self) -> Order:
        """Smallest first."""
        return Order(self.name, "asc")

    def descending(self) -> Order:
        """Largest first."""
        return Order(self.name, "desc")


class FileField(Field[str]):
    """A file of a record: its value only says which one there is."""


class RelatedField:
    """Related records that `expand` brings along."""

    def __init__(self, name: str, entity: str) -> None:
        self.name = name
        self.entity = entity


class _Equal(Field[T]):
    def equals(self, value: T) -> Condition:
        """It is this."""
        return self._ask("eq", value)

    def not_equals(self, value: T) -> Condition:
        """It is not this."""
        return self._ask("ne", value)


class _Listed(_Equal[T]):
    def one_of(self, values: Iterable[T]) -> Condition:
        """It is one of these."""
        return self._ask("in", list(values))

    def none_of(self, values: Iterable[T]) -> Condition:
        """It is none of these."""
        return self._ask("not_in", list(values))


class _Ordered(_Equal[T]):
    def more_than(self, value: T) -> Condition:
        """It is larger, or later."""
        return self._ask("gt", value)

    def at_least(self, value: T) -> Condition:
        """It is this, or larger."""
        return self._ask("ge", value)

    def less_than(self, value: T) -> Condition:
        """It is smaller, or earlier."""
        return self._ask("lt", value)

    def at_most(self, value: T) -> Condition:
        """It is this, or smaller."""
        return self._ask("le", value)


class _Dated(_Ordered[T]):
    def on(self, day: dt.date) -> Condition:
        """On this day."""
        return self._ask("on", day)

    def on_or_before(self, day: dt.date) -> Condition:
        """On this day, or earlier."""
        return self._ask("on_or_before", day)

    def on_or_after(self, day: dt.date) -> Condition:
        """On this day, or later."""
        return self._ask("on_or_after", day)

    def last_days(self, days: int) -> Condition:
        """Within so many days up to now."""
        return self._ask("last_days", days)

    def next_days(self, days: int) -> Condition:
        """Within so many days from now."""
        return self._ask("next_days", days)


class TextField(_Listed[str]):
    """Text. Upper and lower case make no difference to questions."""

    def contains(self, text: str) -> Condition:
        """The text stands somewhere in it."""
        return self._ask("contains", text)

    def does_not_contain(self, text: str) -> Condition:
        """The text stands nowhere in it."""
        return self._ask("not_contains", text)

    def begins_with(self, text: str) -> Condition:
        """It begins so."""
        return self._ask("starts_with", text)

    def ends_with(self, text: str) -> Condition:
        """It ends so."""
        return self._ask("ends_with", text)


class _Number(_Ordered[T], _Listed[T]):
    """What all numbers can be asked."""


class IntegerField(_Number[int]):
    """A whole number."""


class FloatField(_Number[float]):
    """A floating point number."""

    def _read(self, value: Any) -> float:
        return float(value)


class DecimalField(_Number[Decimal]):
    """Money or a decimal number, exact."""

    def _read(self, value: Any) -> Decimal:
        return Decimal(str(value))


class BooleanField(_Equal[bool]):
    """Yes or no."""


class IdField(_Listed[str]):
    """A unique id."""


class DateField(_Dated[dt.date]):
    """A day."""

    def _read(self, value: Any) -> dt.date:
        return dt.date.fromisoformat(str(value)[:10])


class DateTimeField(_Dated[dt.datetime]):
    """A moment; aware and in UTC, or naive where the attribute is the same in every time zone."""

    def _read(self, value: Any) -> dt.datetime:
        return dt.datetime.fromisoformat(str(value))


class ReferenceField(_Listed[Reference]):
    """A lookup: it points to a record."""

    def _read(self, value: Any) -> Reference:
        return Reference(str(value.get("entity", "")), str(value["id"]), str(value.get("name") or ""))


class ChoiceField(_Listed[C]):
    """One of several choices."""

    def __init__(self, name: str, choices: type[C]) -> None:
        super().__init__(name)
        self.choices = choices

    def _read(self, value: Any) -> C:
        return self.choices(value["value"] if isinstance(value, dict) else value)


class ChoicesField(Field[tuple[C, ...]]):
    """Any number of several choices."""

    def __init__(self, name: str, choices: type[C]) -> None:
        super().__init__(name)
        self.choices = choices

    def has_any(self, values: Iterable[C]) -> Condition:
        """At least one of these is chosen."""
        return self._ask("has_any", list(values))

    def has_none(self, values: Iterable[C]) -> Condition:
        """None of these is chosen."""
        return self._ask("has_none", list(values))

    def _read(self, value: Any) -> tuple[C, ...]:
        return tuple(self.choices(item["value"] if isinstance(item, dict) else item) for item in value)
