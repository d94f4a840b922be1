"""Orders of several columns, and going on behind a row: by what it was sorted by, not by how many came before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.kinds import Kind, kind_of
from integrations.searching.query import Order
from sync.columns import ID
from sync.destinations.quoting import quoted
from sync.reading.conditions import Sql, joined, not_held
from sync.reading.dialects import Dialect
from sync.reading.held import Held


@dataclass(frozen=True)
class Key:
    """One thing to sort by. What is empty comes first, or last where it is `descending`: as in Dynamics."""

    compared: str
    parameter: str
    descending: bool = False

    @property
    def term(self) -> str:
        return f"{self.compared} {'DESC NULLS LAST' if self.descending else 'ASC NULLS FIRST'}"

    def same(self, value: Any) -> Sql:
        if value is None:
            return Sql(f"{self.compared} IS NULL")
        return Sql(f"{self.compared} = {self.parameter}", (value,))

    def behind(self, value: Any) -> Sql:
        if value is None:
            return Sql("FALSE" if self.descending else f"{self.compared} IS NOT NULL")
        if self.descending:
            return Sql(f"{self.compared} < {self.parameter} OR {self.compared} IS NULL", (value,))
        return Sql(f"{self.compared} > {self.parameter}", (value,))


def keys(dialect: Dialect, held: Mapping[str, Held], order_by: Order) -> list[Key]:
    """What an order sorts by; the id at the end settles ties. Links sort by the name that is shown for them."""
    found = []
    for name, direction in order_by:
        if name not in held:
            raise not_held(name)
        each = held[name]
        kind = Kind.TEXT if each.name else kind_of(each.attribute)
        column = quoted(each.name or each.value)
        found.append(_key(dialect, column, kind, descending=direction == "desc"))
    return [*found, _key(dialect, quoted(ID), Kind.ID)]


def _key(dialect: Dialect, column: str, kind: Kind, *, descending: bool = False) -> Key:
    return Key(dialect.compared(column, kind), dialect.carried(kind), descending)


def after(order: Sequence[Key], values: Sequence[Any]) -> Sql:
    """The rows behind the one that had these values."""
    first, value = order[0], values[0]
    behind = first.behind(value)
    if len(order) == 1:
        return behind
    return joined((behind, joined((first.same(value), after(order[1:], values[1:])), "AND")), "OR")
