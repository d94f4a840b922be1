"""The sandbox's own time, which the control plane may move forward."""

import threading
from datetime import UTC, datetime, timedelta

from sandbox.database import Database


class Clock:
    """Real time plus an offset that outlives a restart."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        with database.write() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS clock (offset_seconds REAL NOT NULL)")
            row = connection.execute("SELECT offset_seconds FROM clock").fetchone()
            if row is None:
                connection.execute("INSERT INTO clock VALUES (0)")
        self._offset = timedelta(seconds=row["offset_seconds"] if row else 0)

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def timestamp(self) -> float:
        return self.now().timestamp()

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        return self._offset

    def advance(self, seconds: float) -> datetime:
        """Move time by so many seconds and return the new moment. Negative values move it back."""
        with self._lock:
            self._offset += timedelta(seconds=seconds)
            with self._database.write() as connection:
                connection.execute("UPDATE clock SET offset_seconds = ?", (self._offset.total_seconds(),))
        return self.now()
