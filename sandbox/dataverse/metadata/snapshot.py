"""All metadata of an environment at one moment, indexed for use. Never changed, only replaced."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sandbox.dataverse.metadata.build import Items
from sandbox.dataverse.metadata.model import Choice, Column, Key, ManyToMany, OneToMany, Option, Table


@dataclass(frozen=True, slots=True)
class Navigation:
    """A navigation property. `kind` is one (a lookup), many (its other end) or both (N:N).

    `column` is the referencing lookup for one and many; for both, `near` and `far` are the intersect's columns.
    """

    name: str
    kind: str
    target: str
    relationship: OneToMany | ManyToMany
    column: str = ""
    near: str = ""
    far: str = ""

    @property
    def is_single(self) -> bool:
        return self.kind == "one"


class Entity:
    """A table with what belongs to it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = table.name
        self.id = table.primary_id
        self.primary_name = table.primary_name
        self.columns: dict[str, Column] = {}
        self.navigations: dict[str, Navigation] = {}
        self.keys: dict[str, Key] = {}
        self.references: list[OneToMany] = []
        self.referenced_by: list[OneToMany] = []
        self.many_to_many: list[ManyToMany] = []
        # Relationships whose other table is not here: metadata shows them, records know nothing of them.
        self.dormant: list[OneToMany | ManyToMany] = []

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns.values() if column.is_stored)

    @cached_property
    def by_wire(self) -> dict[str, Column]:
        """Columns by the name they have in records."""
        return {column.wire: column for column in self.stored if column.can_read}

    @cached_property
    def lookups(self) -> tuple[Column, ...]:
        return tuple(column for column in self.stored if column.is_lookup)

    @cached_property
    def has_owner(self) -> bool:
        return "ownerid" in self.columns and self.table.ownership == "UserOwned"

    @cached_property
    def unit_column(self) -> str | None:
        """The column that says to which business unit a row belongs."""
        if self.has_owner:
            return "owningbusinessunit"
        if self.name == "businessunit":
            return "businessunitid"
        return (
            "businessunitid"
            if self.table.ownership == "BusinessOwned" and "businessunitid" in self.columns
            else None
        )

    def lookup_navigations(self, column: str) -> list[Navigation]:
        """The navigation properties of a lookup, one for each target."""
        return [n for n in self.navigations.values() if n.kind == "one" and n.column == column]


class Snapshot:
    """Tables by logical name and by set name, choices by name, relationships by schema name."""

    def __init__(self, items: Items, version: int = 0) -> None:
        """Columns and keys of unknown tables are left out. `version` grows with every change."""
        self.items = items
        self.version = version
        self.entities: dict[str, Entity] = {table.name: Entity(table) for table in items.tables}
        self.sets: dict[str, Entity] = {e.table.set_name: e for e in self.entities.values()}
        self.choices: dict[str, Choice] = {choice.name: choice for choice in items.choices}
        self._options: dict[str, dict[int, Option]] = {}
        for column in sorted(items.columns, key=lambda c: c.number):
            self.entities[column.table].columns[column.name] = column
        for key in items.keys:
            self.entities[key.table].keys[key.name] = key
        self.next_key_due = min((key.due for key in items.keys if key.due is not None), default=None)
        self._add_one_to_many(items.one_to_many)
        self._add_many_to_many(items.many_to_many)

    def _add_one_to_many(self, relationships: Iterable[OneToMany]) -> None:
        for one in relationships:
            if self._is_dormant(one, one.referencing, one.referenced):
                continue
            many, single = self.entities[one.referencing], self.entities[one.referenced]
            many.references.append(one)
            single.referenced_by.append(one)
            many.navigations[one.lookup_name] = Navigation(
                one.lookup_name, "one", one.referenced, one, one.column
            )
            if one.collection_name:
                single.navigations.setdefault(
                    one.collection_name,
                    Navigation(one.collection_name, "many", one.referencing, one, one.column),
                )

    def _add_many_to_many(self, relationships: Iterable[ManyToMany]) -> None:
        for both in relationships:
            if self._is_dormant(both, both.first, both.second) or both.intersect not in self.entities:
                continue
            ends = (
                (both.first, both.second, both.first_name, both.first_column, both.second_column),
                (both.second, both.first, both.second_name, both.second_column, both.first_column),
            )
            for here, there, name, near, far in ends:
                entity = self.entities[here]
                if both not in entity.many_to_many:
                    entity.many_to_many.append(both)
                entity.navigations[name] = Navigation(name, "both", there, both, near=near, far=far)

    def _is_dormant(self, relationship: OneToMany | ManyToMany, *tables: str) -> bool:
        known = [self.entities[name] for name in dict.fromkeys(tables) if name in self.entities]
        column = relationship.column if isinstance(relationship, OneToMany) else None
        if len(known) == len(set(tables)) and (column is None or column in self.entities[tables[0]].columns):
            return False
        for entity in known:
            entity.dormant.append(relationship)
        return True

    def options(self, choice: str) -> dict[int, Option]:
        """The options of a choice by value."""
        found = self._options.get(choice)
        if found is None:
            options = self.choices[choice].options if choice in self.choices else ()
            found = self._options[choice] = {option.value: option for option in options}
        return found
