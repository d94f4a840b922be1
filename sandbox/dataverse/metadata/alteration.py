"""One change of the metadata within a transaction: items come and go, and the data's tables follow at once."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from sandbox.dataverse.metadata.build import Items
from sandbox.dataverse.metadata.model import Column, Item, Key, same_kind
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.metadata.store import KINDS
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.security.provision import clear_tables, furnish_tables, grant_tables, revoke_tables
from sandbox.dataverse.storage import (
    column_definitions,
    column_names,
    create_indexes,
    create_table,
    create_view,
    quoted,
    type_column,
)


class Alteration:
    """Collects items to put and to remove; `apply` does it all. Use inside `organization.write()`."""

    def __init__(self, organization: Organization, connection: sqlite3.Connection) -> None:
        self._organization = organization
        self._connection = connection
        # What others committed in the meantime counts; what this transaction did before is not committed yet.
        self.before = organization.uncommitted or organization.metadata.latest()
        # Items by kind and id. Kinds hold items of one class each, which types cannot say here.
        self._items: dict[str, dict[str, Any]] = {
            kind: {item.metadata_id: item for item in getattr(self.before.items, kind)} for kind in KINDS
        }
        self._put: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self._gone: dict[str, set[str]] = {kind: set() for kind in KINDS}

    def put(self, kind: str, *items: Item) -> None:
        """Add items, or replace those with the same id. Raises msgspec.ValidationError for a field of a wrong type."""
        for item in items:
            # What cannot be read back must not be written: a client may have sent anything.
            msgspec.json.decode(msgspec.json.encode(item), type=type(item))
            self._items[kind][item.metadata_id] = item
            self._put[kind][item.metadata_id] = item
            self._gone[kind].discard(item.metadata_id)

    def remove(self, kind: str, *items: Item) -> None:
        for item in items:
            self._items[kind].pop(item.metadata_id, None)
            self._put[kind].pop(item.metadata_id, None)
            self._gone[kind].add(item.metadata_id)

    def add(self, items: Items) -> None:
        """Put a whole batch."""
        for kind in KINDS:
            self.put(kind, *getattr(items, kind))

    def apply(self) -> Snapshot:
        """Store the change, alter the tables, and let the rest of the transaction see it."""
        store = self._organization.metadata
        after = Snapshot(
            Items(**{kind: list(items.values()) for kind, items in self._items.items()}), store.next_version()
        )
        for kind, gone in self._gone.items():
            store.remove(kind, gone)
        store.save(Items(**{kind: list(items.values()) for kind, items in self._put.items()}))
        store.note(after.version, self._put, self._gone)
        self._alter(after)
        self._organization.changed_metadata(after)
        return after

    def _alter(self, after: Snapshot) -> None:
        old, new = _tables(self.before), _tables(after)
        for name in self.before.entities.keys() - old.keys():
            # A view would not survive a change of the tables it shows.
            self._connection.execute(f"DROP VIEW IF EXISTS {quoted(name)}")
        for name in old.keys() - new.keys():
            self._connection.execute(f"DROP TABLE {quoted(name)}")
        added = [entity for name, entity in new.items() if name not in old]
        for entity in added:
            create_table(self._connection, entity)
        for name in self._touched():
            if name in old and name in new:
                self._alter_table(old[name], new[name])
                create_indexes(self._connection, new[name])
        for entity in added:
            create_indexes(self._connection, entity)
        for entity in after.entities.values():
            if entity.table.is_view:
                create_view(self._connection, entity, after)
        self._provision([old[name] for name in old if name not in new], added, after)

    def _provision(self, gone: list[Entity], new: list[Entity], after: Snapshot) -> None:
        if gone:
            revoke_tables(self._organization, self._connection, gone, after)
            clear_tables(self._connection, gone)
        if new:
            grant_tables(self._organization, self._connection, new)
            furnish_tables(self._organization, self._connection, new, after)

    def _touched(self) -> Iterable[str]:
        """The tables whose columns, keys or links may have changed."""
        names: dict[str, None] = {}
        for kind in ("columns", "keys"):
            listed = {item.metadata_id: item for item in getattr(self.before.items, kind)}
            for key in (*self._put[kind], *self._gone[kind]):
                for item in (self._put[kind].get(key), listed.get(key)):
                    if isinstance(item, (Column, Key)):
                        names[item.table] = None
        return names

    def _alter_table(self, before: Entity, after: Entity) -> None:
        old = {column.name: column for column in before.stored}
        new = {column.name: column for column in after.stored}
        kept = {name for name in old.keys() & new.keys() if same_kind(old[name].kind, new[name].kind)}
        self._drop_keys(before, after, kept)
        for name in old.keys() - kept:
            for physical in column_names(old[name]):
                self._drop_column(after.name, physical)
        for name in new.keys() - kept:
            for definition in column_definitions(new[name], after.id):
                self._connection.execute(f"ALTER TABLE {quoted(after.name)} ADD COLUMN {definition}")
        for name in kept:
            self._alter_lookup(after, old[name], new[name])

    def _alter_lookup(self, entity: Entity, old: Column, new: Column) -> None:
        """A lookup that gains its second target must say from now on where it points, and the reverse."""
        table, companion = quoted(entity.name), type_column(new.name)
        if new.is_polymorphic and not old.is_polymorphic:
            self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(companion)} TEXT")
            if old.targets:
                self._connection.execute(
                    f"UPDATE {table} SET {quoted(companion)} = ? WHERE {quoted(new.name)} IS NOT NULL",
                    (old.targets[0],),
                )
        elif old.is_polymorphic and not new.is_polymorphic:
            self._drop_column(entity.name, companion)

    def _drop_keys(self, before: Entity, after: Entity, kept: set[str]) -> None:
        for key in before.keys.values():
            if key != after.keys.get(key.name) or not set(key.columns) <= kept:
                self._connection.execute(f"DROP INDEX IF EXISTS {quoted(f'key${before.name}${key.name}')}")

    def _drop_column(self, table: str, name: str) -> None:
        """SQLite lets go of a column only after its indexes."""
        for row in self._connection.execute(f"PRAGMA index_list({quoted(table)})").fetchall():
            columns = self._connection.execute(f"PRAGMA index_info({quoted(row['name'])})").fetchall()
            if name in {column["name"] for column in columns} and row["origin"] == "c":
                self._connection.execute(f"DROP INDEX {quoted(row['name'])}")
        self._connection.execute(f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(name)}")


def _tables(snapshot: Snapshot) -> dict[str, Entity]:
    """The tables that are tables in SQLite, too."""
    return {name: entity for name, entity in snapshot.entities.items() if not entity.table.is_view}
