"""The content of file columns, kept in pieces so that neither upload nor download holds all of it."""

import sqlite3
import uuid
from dataclasses import dataclass

PIECE = 4 * 1024 * 1024
TABLES = (
    """CREATE TABLE IF NOT EXISTS "system$file" (
        id TEXT PRIMARY KEY, tablename TEXT NOT NULL, record TEXT NOT NULL, columnname TEXT NOT NULL,
        name TEXT NOT NULL, mimetype TEXT NOT NULL, size INTEGER, session TEXT, ready INTEGER NOT NULL
    ) WITHOUT ROWID""",
    'CREATE INDEX IF NOT EXISTS "system$file_record" ON "system$file" (record)',
    """CREATE TABLE IF NOT EXISTS "system$piece" (
        file TEXT NOT NULL, start INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (file, start)
    )""",
)


@dataclass(frozen=True)
class Place:
    """A file column of a row."""

    table: str
    record: str
    column: str


@dataclass(frozen=True)
class Blob:
    """A file, or one that is being uploaded; `size` is unknown until the first piece says it."""

    id: str
    name: str
    mime_type: str
    size: int | None
    ready: bool


class Blobs:
    """Files of one environment, in the calling thread's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for statement in TABLES:
            connection.execute(statement)

    def begin(self, place: Place, name: str, mime_type: str, session: str | None = None) -> Blob:
        """A new file without content; `session` names the upload."""
        blob = Blob(str(uuid.uuid4()), name, mime_type, None, ready=False)
        self._connection.execute(
            'INSERT INTO "system$file" VALUES (?, ?, ?, ?, ?, ?, NULL, ?, 0)',
            (blob.id, place.table, place.record, place.column, name, mime_type, session),
        )
        return blob

    def upload(self, place: Place, session: str) -> Blob | None:
        """The file that an upload makes."""
        return self._one("session = ? AND tablename = ? AND record = ? AND columnname = ?", session, place)

    def find(self, place: Place, file_id: str) -> Blob | None:
        """A file that is there wholly."""
        return self._one(
            "ready AND id = ? AND tablename = ? AND record = ? AND columnname = ?", file_id, place
        )

    def _one(self, where: str, key: str, place: Place) -> Blob | None:
        row = self._connection.execute(
            f'SELECT id, name, mimetype, size, ready FROM "system$file" WHERE {where}',  # noqa: S608 - fixed texts
            (key, place.table, place.record, place.column),
        ).fetchone()
        return Blob(row[0], row[1], row[2], row[3], bool(row[4])) if row else None

    def size_is(self, blob: Blob, size: int) -> None:
        self._connection.execute('UPDATE "system$file" SET size = ? WHERE id = ?', (size, blob.id))

    def received(self, blob: Blob) -> int:
        """How far the pieces reach."""
        row = self._connection.execute(
            'SELECT max(start + length(content)) FROM "system$piece" WHERE file = ?', (blob.id,)
        ).fetchone()
        return int(row[0] or 0)

    def add(self, blob: Blob, start: int, content: bytes) -> None:
        for at in range(0, len(content), PIECE):
            self._connection.execute(
                'INSERT OR REPLACE INTO "system$piece" VALUES (?, ?, ?)',
                (blob.id, start + at, content[at : at + PIECE]),
            )

    def finish(self, blob: Blob, place: Place) -> None:
        """The file is whole: it takes the place of the one that was there."""
        self._drop(
            "record = ? AND tablename = ? AND columnname = ? AND ready",
            place.record,
            place.table,
            place.column,
        )
        self._connection.execute('UPDATE "system$file" SET ready = 1 WHERE id = ?', (blob.id,))

    def read(self, blob: Blob, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, which is not included."""
        rows = self._connection.execute(
            'SELECT start, content FROM "system$piece" WHERE file = ? AND start < ? AND start + length(content) > ?'
            " ORDER BY start",
            (blob.id, end, start),
        )
        return b"".join(content[max(0, start - at) : end - at] for at, content in rows)

    def remove(self, place: Place) -> None:
        self._drop("record = ? AND tablename = ? AND columnname = ?", place.record, place.table, place.column)

    def remove_all(self, table: str, record: str) -> None:
        """All files of a row."""
        self._drop("record = ? AND tablename = ?", record, table)

    def _drop(self, where: str, *values: str) -> None:
        files = f'SELECT id FROM "system$file" WHERE {where}'  # noqa: S608 - fixed texts
        self._connection.execute(f'DELETE FROM "system$piece" WHERE file IN ({files})', values)  # noqa: S608
        self._connection.execute(f'DELETE FROM "system$file" WHERE {where}', values)  # noqa: S608
