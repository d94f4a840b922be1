"""Opens a mirror for reading alone: nothing is created, changed or locked."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import quote

import psycopg

from sync.destinations import DestinationLost, folder_of, own_database
from sync.destinations.postgres import lost
from sync.destinations.quoting import quoted
from sync.models import Sync
from sync.reading.dialects import Dialect, Postgres, Sqlite, sortable

PATIENCE = 15.0  # seconds, for somebody who looks at a page
CONNECT_TIMEOUT = 5  # seconds


class Place(Protocol):
    """An open destination."""

    dialect: Dialect

    def named(self, table: str) -> str:
        """The quoted name of a table of this sync."""

    def fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows of a question. Raises DestinationLost."""

    def close(self) -> None: ...


@contextmanager
def open_place(sync: Sync) -> Iterator[Place]:
    """Where the sync's tables lie.

    Raises:
        DestinationLost: it is not there, or does not answer.

    """
    place = _opened(sync)
    try:
        yield place
    finally:
        place.close()


def _opened(sync: Sync) -> Place:
    if sync.destination == Sync.Destination.POSTGRES:
        return _Schema(sync)
    if sync.destination == Sync.Destination.PARQUET:
        from sync.reading.folder import Folder  # DuckDB is only loaded where it is needed

        return Folder(folder_of(sync), PATIENCE)
    return _File(sync)


class _File:
    dialect: Dialect = Sqlite()

    def __init__(self, sync: Sync) -> None:
        path = folder_of(sync) / "mirror.sqlite3"
        try:
            self._connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=PATIENCE)
        except sqlite3.Error:
            raise unreadable("The file of this mirror is not there, or cannot be opened.") from None
        until = time.monotonic() + PATIENCE
        self._connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        self._connection.create_function("sortable", 1, sortable, deterministic=True)
        self._connection.create_function("fold", 1, _folded, deterministic=True)

    def named(self, table: str) -> str:
        return quoted(table)

    def fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(text, tuple(values)).fetchall()
        except (sqlite3.Error, ArithmeticError) as error:
            if "interrupted" in str(error):
                raise too_long() from None
            raise unreadable("The file of this mirror does not hold what it should.") from None

    def close(self) -> None:
        self._connection.close()


class _Schema:
    dialect: Dialect = Postgres()

    def __init__(self, sync: Sync) -> None:
        self._schema = sync.schema
        try:
            self._connection = psycopg.connect(
                sync.place.url or own_database(),
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT,
                application_name="isthmus-records",
                options=f"-c statement_timeout={int(PATIENCE * 1000)} -c timezone=UTC"
                " -c default_transaction_read_only=on",
            )
        except psycopg.Error as error:
            raise lost(error) from None

    def named(self, table: str) -> str:
        return f"{quoted(self._schema)}.{quoted(table)}"

    def fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(text, tuple(values)).fetchall()
        except psycopg.errors.QueryCanceled:
            raise too_long() from None
        except psycopg.ProgrammingError:
            raise unreadable("The schema of this mirror does not hold what it should.") from None
        except psycopg.Error as error:
            raise lost(error) from None

    def close(self) -> None:
        self._connection.close()


def unreadable(message: str) -> DestinationLost:
    return DestinationLost(
        message,
        title="The mirror cannot be read",
        advice="Run a full refresh of the sync; until then show the list live.",
    )


def too_long() -> DestinationLost:
    return DestinationLost(
        f"The mirror took longer than {PATIENCE:.0f} seconds.",
        title="The mirror takes too long",
        advice="Filter the list so that less is to be sorted, or show it live.",
    )


def _folded(text: str | None) -> str | None:
    return text.lower() if isinstance(text, str) else text
