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
class Always:
    truth: bool


Filter = Condition | ColumnComparison | Group | Not | Exists | Always


@dataclass(eq=False, slots=True)
class Join:
    """`source` by `source.right = left.source.left`; `kind` is left or inner."""

    source: Source
    left: Ref
    right: str
    kind: str = "left"


@dataclass(eq=False, slots=True)
class Scope:
    """A root table, what is joined to it, and the condition on all of them."""

    root: Source
    joins: list[Join] = field(default_factory=list)
    where: Filter = field(default_factory=lambda: Always(truth=True))


@dataclass(frozen=True, slots=True)
class Order:
    """`by_label` sorts a choice by its text (FetchXML) instead of its number (OData)."""

    ref: Ref
    descending: bool = False
    by_label: bool = False


@dataclass(eq=False, slots=True)
class Query:
    """A list of rows: what to read, which rows, in which order and how many."""

    scope: Scope
    columns: list[Ref] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    top: int | None = None
    distinct: bool = False


class Aliases:
    """Hands out aliases that are unique within one statement."""

    def __init__(self) -> None:
        self._count = 0

    def source(self, entity: Entity) -> Source:
        self._count += 1
        return Source(entity, f"t{self._count}")
