"""Opens the place where a sync's mirror lies."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from core import outgoing
from sync.columns import Column
from sync.destinations.base import Counts, DestinationLost, Fenced, Label, Store
from sync.models import Sync

__all__ = [
    "Counts",
    "DestinationLost",
    "Fenced",
    "Label",
    "Store",
    "folder_of",
    "is_here",
    "open_store",
    "own_database",
    "pinned",
]


def folder_of(sync: Sync) -> Path:
    """Where files of this sync lie: below the data folder, so that nobody can point one elsewhere."""
    return Path(settings.DATA_DIR) / "mirrors" / str(sync.pk)


def is_here(sync: Sync) -> bool:
    """Whether a worker of this machine can see what another one has begun: files lie on one machine's disk."""
    return sync.destination == Sync.Destination.POSTGRES or folder_of(sync).exists()


def open_store(sync: Sync, table: str, columns: Sequence[Column]) -> Store:
    """The mirror of one entity, by the name that the integration gives it. Close it.

    Raises:
        DestinationLost: it does not answer.

    """
    if sync.destination == Sync.Destination.POSTGRES:
        from sync.destinations.postgres import PostgresStore

        url = sync.place.url
        return PostgresStore(pinned(url) if url else own_database(), sync.schema, table, columns)
    if sync.destination == Sync.Destination.PARQUET:
        from sync.destinations.parquet import ParquetStore

        return ParquetStore(folder_of(sync) / table, columns)
    from sync.destinations.sqlite import SqliteStore

    return SqliteStore(folder_of(sync) / "mirror.sqlite3", table, columns)


def pinned(url: str) -> str:
    """A typed address with the network address it leads to now, so that it cannot lead elsewhere a moment later.

    Raises:
        BadInput, Unavailable: as `core.outgoing.addresses_of`.

    """
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(url)
    host, port = str(parts["host"]), int(str(parts.get("port") or 5432))
    return make_conninfo(url, hostaddr=outgoing.addresses_of(host, port)[0])


def own_database() -> str:
    """The address of Isthmus's own PostgreSQL, "" where it runs on SQLite."""
    from urllib.parse import quote

    own = settings.DATABASES["default"]
    if not own["ENGINE"].endswith("postgresql"):
        return ""
    user = quote(str(own["USER"]), safe="")
    password = f":{quote(str(own['PASSWORD']), safe='')}" if own["PASSWORD"] else ""
    return f"postgresql://{user}{password}@{own['HOST'] or 'localhost'}:{own['PORT'] or 5432}/{own['NAME']}"
