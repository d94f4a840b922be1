"""Environments that take long to build are kept, and copied the next time."""

import contextlib
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sandbox.database import Database
from sandbox.dataverse.organization import Organization

PACKAGE = Path(__file__).resolve().parent.parent
SOURCES = ("schema", "scenarios", "dataverse", "directory")


def folder() -> Path:
    """SANDBOX_CACHE, or a folder among the user's caches."""
    given = os.environ.get("SANDBOX_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(base) / "isthmus-sandbox"


@cache
def _edition() -> str:
    """Another program makes other data: the name of a copy depends on every source that could matter."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((PACKAGE / source).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _file(organization: Organization) -> Path:
    return folder() / f"large-{organization.environment.unique_name}-{_edition()}.sqlite3"


def provide(organization: Organization, build: Callable[[Organization], None]) -> None:
    """Fill an empty environment from the kept copy, which is built first if need be."""
    path = _file(organization)
    if path.is_file():
        _restore(organization, path)
        return
    with tempfile.TemporaryDirectory(dir=_writable(path.parent)) as folder:
        draft = Path(folder) / "draft.sqlite3"
        _build(organization, draft, build)
        _restore(organization, draft)
        with contextlib.suppress(OSError):  # a cache that cannot be written is none
            for old in path.parent.glob(f"large-{organization.environment.unique_name}-*.sqlite3"):
                old.unlink()
            draft.replace(path)


def _writable(wanted: Path) -> Path | None:
    """The cache's folder, or None, which means the system's folder for temporary files."""
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return wanted if os.access(wanted, os.W_OK) else None


def _build(organization: Organization, path: Path, build: Callable[[Organization], None]) -> None:
    """In a file that nobody else reads there is no need for journals: it is thrown away if anything fails."""
    database = Database(path)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = MEMORY"):
        database.read().execute(f"PRAGMA {pragma}")
    build(Organization(organization.environment, database, organization.directory, organization.clock))
    database.close()


def _restore(organization: Organization, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as source:
        source.backup(organization.read())
    organization.metadata.reload()
