"""A mirror in a schema of a PostgreSQL database."""
# Identifiers are quoted, values are parameters.
# ruff: noqa: S608

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from integrations.kinds import Kind
from sync.columns import ID, Column
from sync.destinations.base import Counts, DestinationLost
from sync.destinations.quoting import quoted
from sync.destinations.sql import SqlStore

CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 3600  # seconds; a merge of a very large table takes its time
_WIRE: dict[Kind, Any] = {
    Kind.INTEGER: int,
    Kind.CHOICE: int,
    Kind.FLOAT: float,
    Kind.BOOLEAN: bool,
    Kind.DECIMAL: Decimal,
    Kind.MONEY: Decimal,
}


class PostgresStore(SqlStore):
    """Decimals and money are numeric, moments timestamptz, ids uuid, several choices an array."""

    types = {
        Kind.TEXT: "text",
        Kind.LONG_TEXT: "text",
        Kind.INTEGER: "bigint",
        Kind.CHOICE: "integer",
        Kind.CHOICES: "integer[]",
        Kind.BOOLEAN: "boolean",
        Kind.FLOAT: "double precision",
        Kind.DECIMAL: "numeric",
        Kind.MONEY: "numeric",
        Kind.DATE: "date",
        Kind.INSTANT: "timestamptz",
        Kind.CLOCK: "timestamp",
        Kind.LOOKUP: "uuid",
        Kind.ID: "uuid",
    }
    mark = "%s"
    shared = True
    unlike = "IS DISTINCT FROM"
    now = "date_trunc('second', clock_timestamp())"
    place = "ctid"
    clash = psycopg.errors.UniqueViolation

    def __init__(self, url: str, schema: str, table: str, columns: Sequence[Column]) -> None:
        self.schema = schema
        super().__init__(table, columns)
        try:
            self._connection = psycopg.connect(
                url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT,
                application_name="isthmus-sync",
                options=f"-c statement_timeout={STATEMENT_TIMEOUT * 1000} -c timezone=UTC",
            )
            with self._connection.transaction():
                self._lock(schema)  # IF NOT EXISTS alone fails where two do it at once
                self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        except psycopg.Error as error:
            raise lost(error) from None
        self._several = [
            at for at, each in enumerate(self.columns) if each.kind is Kind.CHOICES and each.part == "value"
        ]

    def wire(self, kind: Kind) -> Any:
        return _WIRE.get(kind, str)

    def named(self, table: str) -> str:
        return f"{quoted(self.schema)}.{quoted(table)}"

    def execute(self, text: str, *values: Any) -> Any:
        try:
            return self._connection.execute(text, values or None)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise lost(error) from None

    @contextmanager
    def transaction(self, *, alone: bool = True) -> Iterator[None]:
        try:
            with self._connection.transaction():
                if alone:
                    # Attempts of one mirror wait for each other here; without it both could pass the fence.
                    self._lock(f"{self.schema}.{self.table}")
                yield
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise lost(error) from None

    def savepoint(self) -> AbstractContextManager[Any]:
        return self._connection.transaction()

    def _lock(self, name: str) -> None:
        self.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", name)

    def _prepare(self) -> None:
        self._lock(self.schema)
        super()._prepare()

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """COPY; where an id is there already, by way of a table of this page alone."""
        try:
            with self.savepoint():
                self._copy(self.stage, rows)
        except psycopg.errors.UniqueViolation:
            self._upsert(rows)

    def _upsert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.execute(f"CREATE TEMP TABLE _page (LIKE {self.stage}) ON COMMIT DROP")
        self._copy("_page", rows)
        names = ", ".join([*self.names, "_synced_at"])
        sets = ", ".join(f"{name} = excluded.{name}" for name in (*self.names[1:], "_synced_at"))
        self.execute(
            f"INSERT INTO {self.stage} ({names}) SELECT DISTINCT ON ({ID}) {names} FROM _page"
            f" ON CONFLICT ({ID}) DO UPDATE SET {sets}"
        )
        self.execute("DROP TABLE _page")

    def _copy(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        now = (datetime.now(UTC).replace(microsecond=0).isoformat(),)
        text = f"COPY {table} ({', '.join([*self.names, '_synced_at'])}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(text) as copy:
            for row in map(self._arrayed, rows) if self._several else rows:
                copy.write_row(row + now)

    def _swapped(self) -> Counts:
        key = quoted(self._key_name())
        counts = super()._swapped()
        self.execute(f"ALTER TABLE {self.target} ADD PRIMARY KEY USING INDEX {key}")
        return counts

    def _arrayed(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for at in self._several:
            values[at] = None if row[at] is None else f"{{{row[at]}}}"
        return tuple(values)

    def exists(self, table: str) -> bool:
        found = self.execute("SELECT to_regclass(%s)", self.named(table)).fetchone()
        return bool(found[0])

    def retype(self, name: str, type_name: str) -> None:
        try:
            self.execute(
                f"ALTER TABLE {self.target} ALTER COLUMN {name} TYPE {type_name} USING {name}::text::{type_name}"
            )
        except psycopg.DataError:
            raise DestinationLost(
                f"The column {name} holds values that do not fit its new type {type_name}.",
                advice="Delete the mirror's table and run a full refresh.",
            ) from None

    def close(self) -> None:
        self._connection.close()


def lost(error: psycopg.Error) -> DestinationLost:
    """In words that hold neither the password nor the whole address."""
    why = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return DestinationLost(f"PostgreSQL does not answer as it should: {why}")
