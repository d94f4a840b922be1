"""Metadata in SQLite, one row an item, and the snapshot that the rest of the program reads."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sandbox.database import Database
from sandbox.dataverse.metadata.build import Items
from sandbox.dataverse.metadata.model import Choice, Column, Key, ManyToMany, OneToMany, Table
from sandbox.dataverse.metadata.snapshot import Snapshot

# Kind of item, its class, and how a row of it is named for people who look into the file.
KINDS: dict[str, tuple[type[Any], Any]] = {
    "tables": (Table, lambda item: item.name),
    "columns": (Column, lambda item: f"{item.table}.{item.name}"),
    "one_to_many": (OneToMany, lambda item: item.schema_name),
    "many_to_many": (ManyToMany, lambda item: item.schema_name),
    "keys": (Key, lambda item: f"{item.table}.{item.name}"),
    "choices": (Choice, lambda item: item.name),
}
HISTORY = """
CREATE TABLE IF NOT EXISTS "metadata$change" (
    version INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, gone INTEGER NOT NULL
)
"""
SCHEMA = """
CREATE TABLE IF NOT EXISTS "metadata$item" (
    kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, definition BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID
"""


class MetadataStore:
    """Reads are lock-free: `current` is an immutable snapshot, replaced after a change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    @property
    def current(self) -> Snapshot:
        snapshot = self._snapshot
        return snapshot if snapshot is not None else self.reload()

    def create(self) -> None:
        with self._database.write() as connection:
            connection.execute(SCHEMA)

    def save(self, items: Items) -> None:
        """Insert or replace items. The caller reloads once its transaction is through."""
        with self._database.write() as connection:
            for kind, (_, name) in KINDS.items():
                rows = [(kind, i.metadata_id, name(i), msgspec.json.encode(i)) for i in getattr(items, kind)]
                connection.executemany('INSERT OR REPLACE INTO "metadata$item" VALUES (?, ?, ?, ?)', rows)

    def remove(self, kind: str, ids: Iterable[str]) -> None:
        with self._database.write() as connection:
            connection.executemany(
                'DELETE FROM "metadata$item" WHERE kind = ? AND id = ?', [(kind, i) for i in ids]
            )

    def note(self, version: int, put: Mapping[str, Iterable[str]], gone: Mapping[str, Iterable[str]]) -> None:
        """Keep which items (ids by kind) a version added, changed or took away. Call in a transaction."""
        with self._database.write() as connection:
            connection.execute(HISTORY)  # a file of an earlier release has no such table yet
            for flag, items in ((0, put), (1, gone)):
                rows = [(version, kind, one, flag) for kind, ids in items.items() for one in ids]
                connection.executemany('INSERT INTO "metadata$change" VALUES (?, ?, ?, ?)', rows)

    def since(self, version: int) -> tuple[set[str], dict[str, list[str]]]:
        """The ids of what was added or changed after a version, and by kind those of what went."""
        connection = self._database.read()
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'metadata$change'").fetchone()
        rows = (
            connection.execute('SELECT kind, id, gone FROM "metadata$change" WHERE version > ?', (version,))
            if known
            else []
        )
        changed: set[str] = set()
        gone: dict[str, list[str]] = {}
        for kind, one, is_gone in rows:
            if is_gone:
                gone.setdefault(kind, []).append(one)
            else:
                changed.add(one)
        return changed, gone

    def reload(self) -> Snapshot:
        """Read everything anew."""
        with self._lock:
            items = Items()
            version = self._version()
            rows = self._database.read().execute('SELECT kind, definition FROM "metadata$item"').fetchall()
            decoders = {kind: msgspec.json.Decoder(cls) for kind, (cls, _) in KINDS.items()}
            for kind, definition in rows:
                getattr(items, kind).append(decoders[kind].decode(definition))
            self._snapshot = Snapshot(items, version)
            return self._snapshot

    def _version(self) -> int:
        row = (
            self._database.read()
            .execute("SELECT value FROM \"system$counter\" WHERE name = 'metadataversion'")
            .fetchone()
        )
        return row[0] if row else 0

    def latest(self) -> Snapshot:
        """What is committed, even if whoever committed it has not handed it out yet. Call in a transaction."""
        return self.current if self.current.version == self._version() else self.reload()

    def next_version(self) -> int:
        """Count a change. Call in a transaction."""
        with self._database.write() as connection:
            row = connection.execute(
                "INSERT INTO \"system$counter\" VALUES ('metadataversion', 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
            ).fetchone()
        return int(row[0])

    def hand_out(self, snapshot: Snapshot) -> None:
        """Let everybody see a committed change."""
        with self._lock:
            if self._snapshot is None or snapshot.version >= self._snapshot.version:
                self._snapshot = snapshot
