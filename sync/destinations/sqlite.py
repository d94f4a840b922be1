"""A mirror in a SQLite file."""
# Identifiers are quoted, values are parameters.
# ruff: noqa: S608

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from integrations.kinds import Kind
from sync.columns import Column
from sync.destinations.base import DestinationLost
from sync.destinations.quoting import quoted
from sync.destinations.sql import SqlStore

BUSY = 60.0  # seconds that one writer waits for another
AT_ONCE = (
    2_000  # values in one statement: enough to leave the interpreter to others, few enough to cost no memory
)

# Numbers that must stay exact travel as the text that came and are cast within the database; so nothing has to
# be done for each value in Python.
_VALUES = {
    Kind.DECIMAL: "nullif(cast(? AS TEXT), 'null')",
    Kind.MONEY: "nullif(cast(? AS TEXT), 'null')",
    Kind.CHOICES: "'[' || ? || ']'",
    Kind.DATE: "substr(?, 1, 10)",
    Kind.CLOCK: "rtrim(?, 'Z')",
}
_WIRE: dict[Kind, Any] = {
    Kind.INTEGER: int,
    Kind.CHOICE: int,
    Kind.FLOAT: float,
    Kind.BOOLEAN: bool,
    Kind.DECIMAL: msgspec.Raw,
    Kind.MONEY: msgspec.Raw,
}


class SqliteStore(SqlStore):
    """Decimals and money are text, digit for digit; moments are ISO text in UTC; several choices a JSON list."""

    types = dict.fromkeys(
        (Kind.TEXT, Kind.LONG_TEXT, Kind.ID, Kind.LOOKUP, Kind.DATE, Kind.INSTANT, Kind.CLOCK), "TEXT"
    ) | {
        Kind.INTEGER: "INTEGER",
        Kind.CHOICE: "INTEGER",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.FLOAT: "REAL",
        Kind.DECIMAL: "DECIMAL_TEXT",
        Kind.MONEY: "DECIMAL_TEXT",
        Kind.CHOICES: "JSON_TEXT",
    }
    mark = "?"
    shared = True
    unlike = "IS NOT"
    place = "rowid"
    clash = sqlite3.IntegrityError
    now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"

    def __init__(self, path: Path, table: str, columns: Sequence[Column]) -> None:
        super().__init__(table, columns)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
        except (sqlite3.OperationalError, OSError) as error:
            raise DestinationLost(f"The SQLite file cannot be opened: {error}") from error
        self._values = [_VALUES.get(each.kind, "?") for each in self.columns]
        self._batch = max(1, AT_ONCE // max(1, len(self.columns)))

    def wire(self, kind: Kind) -> Any:
        return _WIRE.get(kind, str)

    def named(self, table: str) -> str:
        return quoted(table)

    def execute(self, text: str, *values: Any) -> sqlite3.Cursor:
        try:
            return self._connection.execute(text, values)
        except sqlite3.OperationalError as error:
            raise DestinationLost(f"The SQLite file cannot be written: {error}") from error

    @contextmanager
    def transaction(self, *, alone: bool = True) -> Iterator[None]:  # noqa: ARG002  every writer is alone
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def savepoint(self) -> AbstractContextManager[Any]:
        return nullcontext()  # a statement that fails is undone by itself

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows in one statement: the interpreter is free for the reader while SQLite works.

        The statements are the same ones each time; each other one would be kept prepared, at half a MiB.
        """
        now = (datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),)
        row = f"({', '.join(self._values)}, ?)"
        head = f"INSERT OR REPLACE INTO {self.stage} ({', '.join(self.names)}, _synced_at) VALUES "
        for start in range(0, len(rows), self._batch):
            part = rows[start : start + self._batch]
            try:
                self._connection.execute(
                    head + ", ".join([row] * len(part)),
                    tuple(chain.from_iterable(each + now for each in part)),
                )
            except sqlite3.OperationalError as error:
                raise DestinationLost(f"The SQLite file cannot be written: {error}") from error

    def exists(self, table: str) -> bool:
        found = self.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table)
        return found.fetchone() is not None

    def close(self) -> None:
        self._connection.close()
