"""The filters of records as SQL. Names come from the definition and are quoted; values are parameters only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from core.problems import BadInput
from integrations.filters import LABELS, AllOf, Filter, Not, Operator, Where, operators_for
from integrations.kinds import TEXTS, kind_of
from integrations.searching.conditions import literal
from integrations.values.scalars import Unfit
from integrations.values.writing import checked
from sync.destinations.quoting import quoted
from sync.reading.dialects import Dialect
from sync.reading.held import Held


class Sql(NamedTuple):
    """A piece of a statement and its parameters, in order."""

    text: str
    values: tuple[Any, ...] = ()


def joined(parts: Iterable[Sql], word: str) -> Sql:
    found = list(parts)
    text = f" {word} ".join(f"({each.text})" for each in found)
    return Sql(text, tuple(value for each in found for value in each.values))


def negated(part: Sql) -> Sql:
    """What is not known not to be so: as Dynamics, which counts the empty ones in."""
    return Sql(f"NOT coalesce({part.text}, FALSE)", part.values)


def condition(dialect: Dialect, held: Mapping[str, Held], where: Filter) -> Sql:
    """A filter whose values have been judged already, and whose days are spelled out.

    Raises:
        BadInput: it asks for an attribute that the mirror lacks, or for what only Dynamics can tell.

    """
    if isinstance(where, Not):
        return negated(condition(dialect, held, where.part))
    if not isinstance(where, Where):
        word = "AND" if isinstance(where, AllOf) else "OR"
        return joined((condition(dialect, held, part) for part in where.parts), word)
    found = held.get(where.attribute)
    if found is None:
        raise not_held(where.attribute)
    try:
        return _Asked(dialect, found).of(where)
    except Unfit as unfit:
        raise BadInput(
            f"The filter cannot be used. {where.attribute}: {unfit}", fields={where.attribute: str(unfit)}
        ) from None


def not_held(name: str) -> BadInput:
    return BadInput(
        f"The mirror does not hold “{name[:60]}”, so it can neither be filtered nor sorted by that.",
        advice="Show the list live, or run the sync once it follows the published integration.",
    )


class _Asked:
    """Conditions on one attribute."""

    def __init__(self, dialect: Dialect, held: Held) -> None:
        self._dialect, self._attribute = dialect, held.attribute
        self._kind = kind_of(held.attribute)
        self._column = quoted(held.value)

    def of(self, where: Where) -> Sql:
        operator, value = where.operator, where.value
        if operator not in operators_for(self._attribute):
            raise Unfit(f"'{LABELS[operator]}' does not suit {self._kind.value}.")
        if operator in _OPPOSITES:
            return negated(self.of(replace(where, operator=_OPPOSITES[operator])))
        if operator in _SIGNS:
            return self._compared(_SIGNS[operator], value)
        if operator in _PATTERNS:
            return self.like(_PATTERNS[operator](_escaped(str(literal(self._attribute, value)))))
        if operator in _WAYS:
            return _WAYS[operator](self, value)
        raise Unfit(f"'{LABELS[operator]}' can only be asked of Dynamics itself.")

    def like(self, pattern: str) -> Sql:
        return Sql(self._dialect.like(self._column, pattern), (pattern,))

    def empty(self, _value: Any) -> Sql:
        return Sql(f"{self._column} IS NULL")

    def between(self, value: Any) -> Sql:
        least, most = value.split("..") if isinstance(value, str) else value
        return joined((self._compared(">=", least), self._compared("<=", most)), "AND")

    def any_of(self, value: Any) -> Sql:
        given = value.split(",") if isinstance(value, str) else value
        return joined((self._compared("=", each) for each in given), "OR")

    def overlaps(self, value: Any) -> Sql:
        chosen = checked(self._attribute, value)
        return Sql(self._dialect.overlaps(self._column, len(chosen)), tuple(chosen))

    def _compared(self, sign: str, value: Any) -> Sql:
        dialect, kind = self._dialect, self._kind
        if kind in TEXTS:  # which are only asked whether they are the same, whatever the case
            return self.like(_escaped(str(literal(self._attribute, value))))
        text = f"{dialect.compared(self._column, kind)} {sign} {dialect.parameter(kind)}"
        return Sql(text, (stored(literal(self._attribute, value)),))


def stored(value: Any) -> Any:
    """A value as the columns of a mirror hold it: what is no number is text, moments are in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + ("Z" if value.tzinfo else "")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in text)


_SIGNS = {
    Operator.EQ: "=",
    Operator.GT: ">",
    Operator.GE: ">=",
    Operator.LT: "<",
    Operator.LE: "<=",
}
_PATTERNS: dict[Operator, Callable[[str], str]] = {
    Operator.CONTAINS: lambda text: f"%{text}%",
    Operator.STARTS_WITH: lambda text: f"{text}%",
    Operator.ENDS_WITH: lambda text: f"%{text}",
}
_OPPOSITES = {
    Operator.NE: Operator.EQ,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NOT_IN: Operator.IN,
    Operator.HAS_NONE: Operator.HAS_ANY,
    Operator.NOT_EMPTY: Operator.EMPTY,
}
_WAYS: dict[Operator, Callable[[_Asked, Any], Sql]] = {
    Operator.EMPTY: _Asked.empty,
    Operator.BETWEEN: _Asked.between,
    Operator.IN: _Asked.any_of,
    Operator.HAS_ANY: _Asked.overlaps,
}
