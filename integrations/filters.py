"""Structured filters: what may be asked of which kind of attribute, and how that is said in OData.

    AllOf((Where("name", Operator.CONTAINS, "coffee"), Where("revenue", Operator.GE, Decimal("1000"))))

or the same as JSON, for REST and for addresses:

    {"and": [{"attribute": "name", "operator": "contains", "value": "coffee"}, …]}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.problems import BadInput
from integrations.definition import Attribute
from integrations.kinds import BLOBS, DATES, NUMBERS, TEXTS, Kind, kind_of
from integrations.records import Link


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    IN = "in"
    NOT_IN = "not_in"
    HAS_ANY = "has_any"
    HAS_NONE = "has_none"
    ON = "on"
    ON_OR_BEFORE = "on_or_before"
    ON_OR_AFTER = "on_or_after"
    LAST_DAYS = "last_days"
    NEXT_DAYS = "next_days"
    BETWEEN = "between"
    TODAY = "today"
    YESTERDAY = "yesterday"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    NEXT_WEEK = "next_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    NEXT_MONTH = "next_month"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    ME = "me"
    NOT_ME = "not_me"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"


O = Operator  # noqa: E741  the tables below read better short
EMPTINESS = (O.EMPTY, O.NOT_EMPTY)
# Spans of days that move with the calendar of whoever asks.
RELATIVE = (
    *(O.TODAY, O.YESTERDAY, O.TOMORROW, O.THIS_WEEK, O.LAST_WEEK, O.NEXT_WEEK),
    *(O.THIS_MONTH, O.LAST_MONTH, O.NEXT_MONTH, O.THIS_YEAR, O.LAST_YEAR),
)
WHO = (O.ME, O.NOT_ME)
# These say it all by themselves.
WITHOUT_VALUE = frozenset({*EMPTINESS, *RELATIVE, *WHO})
USERS = "systemuser"
_ORDER = (O.GT, O.GE, O.LT, O.LE)
_TEXT = (O.CONTAINS, O.EQ, O.STARTS_WITH, O.ENDS_WITH, O.NE, O.NOT_CONTAINS, O.IN, O.NOT_IN, *EMPTINESS)
_NUMBER = (O.EQ, O.NE, *_ORDER, O.BETWEEN, O.IN, O.NOT_IN, *EMPTINESS)
_DAYS = (O.ON, O.ON_OR_AFTER, O.ON_OR_BEFORE, O.BETWEEN, O.LAST_DAYS, O.NEXT_DAYS, *RELATIVE)
_PICK = (O.EQ, O.NE, O.IN, O.NOT_IN, *EMPTINESS)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    **dict.fromkeys(TEXTS, _TEXT),
    **dict.fromkeys(NUMBERS, _NUMBER),
    **dict.fromkeys(DATES, (*_DAYS, O.EQ, O.NE, *_ORDER, *EMPTINESS)),
    Kind.BOOLEAN: (O.EQ, O.NE, *EMPTINESS),
    Kind.CHOICE: _PICK,
    Kind.CHOICES: (O.HAS_ANY, O.HAS_NONE, *EMPTINESS),
    Kind.LOOKUP: _PICK,
    Kind.ID: _PICK,
    **dict.fromkeys(BLOBS, EMPTINESS),
}

LABELS: dict[Operator, str] = {
    O.EQ: "is",
    O.NE: "is not",
    O.GT: "is more than",
    O.GE: "is at least",
    O.LT: "is less than",
    O.LE: "is at most",
    O.CONTAINS: "contains",
    O.NOT_CONTAINS: "does not contain",
    O.STARTS_WITH: "begins with",
    O.ENDS_WITH: "ends with",
    O.IN: "is one of",
    O.NOT_IN: "is none of",
    O.HAS_ANY: "has any of",
    O.HAS_NONE: "has none of",
    O.ON: "is on",
    O.ON_OR_BEFORE: "is on or before",
    O.ON_OR_AFTER: "is on or after",
    O.LAST_DAYS: "is within the last days",
    O.NEXT_DAYS: "is within the next days",
    O.BETWEEN: "is between",
    O.TODAY: "is today",
    O.YESTERDAY: "was yesterday",
    O.TOMORROW: "is tomorrow",
    O.THIS_WEEK: "is this week",
    O.LAST_WEEK: "was last week",
    O.NEXT_WEEK: "is next week",
    O.THIS_MONTH: "is this month",
    O.LAST_MONTH: "was last month",
    O.NEXT_MONTH: "is next month",
    O.THIS_YEAR: "is this year",
    O.LAST_YEAR: "was last year",
    O.ME: "is me",
    O.NOT_ME: "is not me",
    O.EMPTY: "is empty",
    O.NOT_EMPTY: "is not empty",
}

LISTS = frozenset({O.IN, O.NOT_IN, O.HAS_ANY, O.HAS_NONE})


def operators_for(attribute: Attribute) -> tuple[Operator, ...]:
    """What may be asked of this attribute, the most natural question first."""
    usual = OPERATORS[kind_of(attribute)]
    return (*usual, *WHO) if USERS in attribute.targets else usual


@dataclass(frozen=True)
class Where:
    """One condition on one attribute, by its name in the integration."""

    attribute: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True)
class AllOf:
    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Not:
    part: "Filter"


Filter = Where | AllOf | AnyOf | Not

_GROUPS: dict[str, type[AllOf | AnyOf]] = {"and": AllOf, "or": AnyOf}
MAX_DEPTH = 8


def filter_from(data: Any, depth: int = 0) -> Filter:
    """The filter that JSON describes.

    Raises:
        BadInput: when the shape is not that of a filter. Names and values are checked when it is used.

    """
    if depth > MAX_DEPTH:
        raise BadInput(f"The filter is nested more than {MAX_DEPTH} deep.")
    if not isinstance(data, Mapping):
        raise BadInput("A filter is an object: a condition, or 'and' / 'or' with a list of them.")
    if "not" in data:
        if len(data) != 1:
            raise BadInput("'not' stands alone and takes one filter.")
        return Not(filter_from(data["not"], depth + 1))
    for word, group in _GROUPS.items():
        if word in data:
            parts = data[word]
            if len(data) != 1 or not isinstance(parts, list) or not parts:
                raise BadInput(f"'{word}' stands alone and takes a list of at least one filter.")
            return group(tuple(filter_from(part, depth + 1) for part in parts))
    try:
        operator = Operator(data.get("operator", "eq"))
    except ValueError:
        raise BadInput(f"There is no operator {str(data.get('operator'))[:40]!r}.") from None
    attribute = data.get("attribute")
    if not isinstance(attribute, str) or not attribute:
        raise BadInput("Each condition of a filter names its attribute.")
    return Where(attribute, operator, data.get("value"))


def as_json(where: Filter) -> dict[str, Any]:
    """The JSON that `filter_from` reads back."""
    if isinstance(where, Where):
        return {
            "attribute": where.attribute,
            "operator": where.operator.value,
            "value": _plain(where.value),
        }
    if isinstance(where, Not):
        return {"not": as_json(where.part)}
    word = "and" if isinstance(where, AllOf) else "or"
    return {word: [as_json(part) for part in where.parts]}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Link):
        return {"entity": value.entity, "id": value.id}
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
