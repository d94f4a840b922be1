"""A query by resolved tables and columns: what OData, FetchXML and SQL are turned into.

Operators are FetchXML's (`eq`, `like`, `last-x-days`, `under`, …): the richest of the three vocabularies.
Values are in stored form already.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Navigation


@dataclass(eq=False, slots=True)
class Source:
    """A table in a query under an alias."""

    entity: Entity
    alias: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A column of a source."""

    source: Source
    column: Column


@dataclass(frozen=True, slots=True)
class Condition:
    ref: Ref
    operator: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """Two columns of the same row. `operator` is eq, ne, gt, ge, lt or le."""

    left: Ref
    operator: str
    right: Ref


@dataclass(frozen=True, slots=True)
class Group:
    """`kind` is and or or; an empty group is true."""

    kind: str
    items: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: "Filter"


@dataclass(frozen=True, slots=True)
class Exists:
    """Some related row satisfies the scope's filter."""

    outer: Source
    navigation: Navigation
    scope: "Scope"


@dataclass(frozen=True, slots=True)
class Related:
    """Some row of the scope's root has in `right` what `left` holds, and satisfies the scope's filter."""

    left: Ref
    right: str
    scope: "Scope"


@dataclass(frozen=True, slots=True)
class Always:
    truth: bool


Filter = Condition | ColumnComparison | Group | Not | Exists | Related | Always


@dataclass(eq=False, slots=True)
class Join:
    """`source` by `source.right = left.source.left`, and `on`; `kind` is left, inner or first.

    A first join is a left join that finds at most one row.
    """

    source: Source
    left: Ref
    right: str
    kind: str = "left"
    on: Filter = field(default_factory=lambda: Always(truth=True))

    @property
    def multiplies(self) -> bool:
        """May several rows of `source` belong to one on the left?"""
        return self.kind != "first" and self.right != self.source.entity.id


@dataclass(eq=False, slots=True)
class Scope:
    """A root table, what is joined to it, and the condition on all of them."""

    root: Source
    joins: list[Join] = field(default_factory=list)
    where: Filter = field(default_factory=lambda: Always(truth=True))


@dataclass(frozen=True, slots=True)
class Output:
    """One property of a result row: a column, a group's key or an aggregate.

    `name` is what the query calls it; `plain` says that records call it so, too. `use` is empty, group, count,
    countcolumn, sum, avg, min, max or children; `part` is the dategrouping of a group.
    """

    ref: Ref
    name: str
    plain: bool = False
    use: str = ""
    distinct: bool = False
    part: str = ""

    @property
    def is_aggregate(self) -> bool:
        return self.use not in {"", "group", "children"}


@dataclass(frozen=True, slots=True)
class Order:
    """`by_label` sorts a choice by its text (FetchXML) instead of its number (OData); `raw` sorts by what is stored.

    `output` is set when the order is that of a group's key or an aggregate.
    """

    ref: Ref
    descending: bool = False
    by_label: bool = False
    raw: bool = False
    output: Output | None = None


@dataclass(eq=False, slots=True)
class Query:
    """A list of rows: what to read, which rows, in which order and how many."""

    scope: Scope
    outputs: list[Output] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    distinct: bool = False
    aggregate: bool = False


class Aliases:
    """Hands out aliases that are unique within one statement."""

    def __init__(self) -> None:
        self._count = 0

    def source(self, entity: Entity) -> Source:
        self._count += 1
        return Source(entity, f"t{self._count}")
