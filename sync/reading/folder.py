"""A mirror in a folder of Parquet files, read by DuckDB without loading it: nothing but the files it is told of."""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

from integrations.kinds import Kind
from sync.destinations import DestinationLost
from sync.destinations.quoting import literal, quoted
from sync.reading.dialects import EXACT_MACRO, Dialect, Duck
from sync.reading.places import too_long, unreadable

_VIEW = "mirrored"
_SETTINGS: dict[str, Any] = {
    "threads": 1,
    "async_threads": 0,
    "memory_limit": "256MB",
    "temp_directory": "",  # what does not fit is given up, not put on the disk
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "late_materialization_max_rows": 10_000,  # a page is found first, and only its rows are read whole
    "python_enable_replacements": False,  # names in SQL are never variables of ours
}
_Shape = tuple[tuple[str, str], ...]  # names and types of a file's columns


class Folder:
    """`folder` is the sync's. Each question sees the files that are published at its moment, of the table named.

    `patience` is how many seconds a question may take.
    """

    dialect: Dialect = Duck()

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder, self._patience, self._table = folder.absolute(), patience, ""

    def named(self, table: str) -> str:
        self._table = table
        return _VIEW

    def fetch(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            try:
                return self._asked(text, values)
            except duckdb.IOException:  # publications since the manifest was read have swept a file away
                return self._asked(text, values)
        except duckdb.InterruptException:
            raise too_long() from None
        except duckdb.OutOfMemoryException:
            raise DestinationLost(
                "The mirror takes more memory than a page may.",
                title="The mirror takes too much memory",
                advice="Filter the list so that less is to be sorted, or show it live.",
            ) from None
        except duckdb.IOException:
            raise unreadable("A file of this mirror is not there, or cannot be read.") from None
        except duckdb.Error:
            raise unreadable("The files of this mirror do not hold what they should.") from None

    def close(self) -> None:
        """Nothing is held open between questions."""

    def _asked(self, text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        columns, files = self._published()
        with closing(duckdb.connect(config=_SETTINGS)) as connection, _limited(connection, self._patience):
            _confine(connection, files)
            connection.execute(EXACT_MACRO)
            connection.execute(f"CREATE VIEW {_VIEW} AS {_union(connection, columns, files)}")
            return connection.execute(text, tuple(values)).fetchall()

    def _published(self) -> tuple[list[tuple[str, Kind]], list[str]]:
        """The columns and the files."""
        folder = self._folder / self._table
        try:
            found = json.loads((folder / "manifest.json").read_text())
            return [(name, Kind(kind)) for name, kind in found["columns"]], [
                str(folder / name) for name in found["files"]
            ]
        except (OSError, ValueError, LookupError, TypeError):
            raise unreadable("The folder of this mirror is not there, or cannot be read.") from None


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # so that it cannot come to a connection that is closed


def _confine(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> None:
    """No other file, no network, no extension; and no statement can change that."""
    connection.execute(f"SET allowed_paths = [{', '.join(map(literal, files))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET lock_configuration = true")


def _union(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[str, Kind]], files: Sequence[str]
) -> str:
    """All rows in the present columns: new ones are empty, those of another kind are converted."""
    types = {name: Duck.type_of(kind) for name, kind in [*columns, ("_deleted_at", Kind.INSTANT)]}
    alike: dict[_Shape, list[str]] = {}
    for file in files:
        found = connection.read_parquet(file)
        shape = tuple(zip(found.columns, map(str, found.types), strict=True))
        alike.setdefault(shape, []).append(file)
    parts = [
        f"{_select(types, dict(shape))} FROM read_parquet([{', '.join(map(literal, paths))}])"
        for shape, paths in alike.items()
    ]
    return " UNION ALL ".join(parts) or f"{_select(types, ())} WHERE FALSE"


def _select(types: Mapping[str, str], there: Container[str]) -> str:
    values = (
        f"CAST({quoted(name) if name in there else 'NULL'} AS {type_name}) AS {quoted(name)}"
        for name, type_name in types.items()
    )
    return f"SELECT {', '.join(values)}"
