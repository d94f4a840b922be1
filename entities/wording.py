"""How a filter reads: “Industry is Consulting”."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from entities.cells import day_or_moment
from entities.query import TO, Condition
from entities.widgets import yes_no
from integrations.definition import Attribute
from integrations.filters import LABELS, Operator
from integrations.kinds import DATES, NUMBERS, Kind, kind_of

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")


def describe(condition: Condition, attribute: Attribute, names: Mapping[str, str] | None = None) -> str:
    """The words on a chip. `names` has those of linked records by their id."""
    called = attribute.label or attribute.name
    if condition.operator in (Operator.LAST_DAYS, Operator.NEXT_DAYS):
        way = "last" if condition.operator is Operator.LAST_DAYS else "next"
        return f"{called} is within the {way} {condition.value} days"
    if condition.operator is Operator.BETWEEN:
        begin, _, end = condition.value.partition(TO)
        return f"{called} is between {_written(attribute, begin)} and {_written(attribute, end)}"
    return f"{called} {LABELS[condition.operator]} {_value(condition, attribute, names or {})}".strip()


def _value(condition: Condition, attribute: Attribute, names: Mapping[str, str]) -> str:
    words: dict[str, str] = {str(option.value): option.label for option in attribute.options}
    parts = condition.value.split(",")
    match kind_of(attribute):
        case Kind.BOOLEAN:
            words = dict(yes_no(attribute))
        case Kind.LOOKUP:
            words = {part: names.get(part.lower(), "the chosen record") for part in parts if part}
        case Kind.TEXT | Kind.LONG_TEXT:
            parts = [condition.value]
    return ", ".join(words.get(part) or _written(attribute, part) for part in parts)


def _written(attribute: Attribute, text: str) -> str:
    """A number with its thousands apart and a moment in the person's zone, as the list shows them."""
    kind = kind_of(attribute)
    if kind in NUMBERS and _NUMBER.fullmatch(text.strip()):
        return f"{Decimal(text.strip()):,f}"
    if kind in DATES and "T" in text:
        try:
            return day_or_moment(datetime.fromisoformat(text.strip()))
        except ValueError:
            return text
    return text
