"""How a filter reads: “Industry is Consulting”."""

from collections.abc import Mapping

from entities.query import TO, Condition
from entities.widgets import yes_no
from integrations.definition import Attribute
from integrations.filters import LABELS, Operator
from integrations.kinds import Kind, kind_of


def describe(condition: Condition, attribute: Attribute, names: Mapping[str, str] | None = None) -> str:
    """The words on a chip. `names` has those of linked records by their id."""
    called = attribute.label or attribute.name
    if condition.operator in (Operator.LAST_DAYS, Operator.NEXT_DAYS):
        way = "last" if condition.operator is Operator.LAST_DAYS else "next"
        return f"{called} is within the {way} {condition.value} days"
    if condition.operator is Operator.BETWEEN:
        begin, _, end = condition.value.partition(TO)
        return f"{called} is between {begin} and {end}"
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
    return ", ".join(words.get(part, part) for part in parts)
