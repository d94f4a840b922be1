"""One SQLite file, used by many threads."""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path


class _Handle:
    """A thread's own connection; it closes when the thread, and so this object, goes away."""

    def __init__(self, path: Path) -> None:
        # Other threads only ever close it, when the handle is collected.
        self.connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA busy_timeout = 20000")
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.depth = 0

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()


class _Queue:
    """Lets one in at a time, in the order in which they came.

    SQLite's own waiting is by chance: among hundreds of writers some would never get their turn.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False


class Database:
    """Reads see committed data; writers queue for one IMMEDIATE transaction at a time."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._local = threading.local()
        self._queue = _Queue()
        # The journal mode is a property of the file; setting it once spares every connection the lock.
        self.read().execute("PRAGMA journal_mode = WAL")

    def _handle(self) -> _Handle:
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is None:
            handle = self._local.handle = _Handle(self.path)
        return handle

    def read(self) -> sqlite3.Connection:
        """The calling thread's connection. Inside `write()` it sees the uncommitted changes too."""
        return self._handle().connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, undone if an exception leaves the block.

        A nested block is a savepoint, so an inner failure that is caught undoes only the inner part.
        """
        handle = self._handle()
        with nullcontext() if handle.depth else self._queue:
            yield from self._transaction(handle)

    def _transaction(self, handle: _Handle) -> Iterator[sqlite3.Connection]:
        connection, depth = handle.connection, handle.depth
        begin, commit, rollback = (
            (f"SAVEPOINT s{depth}", f"RELEASE s{depth}", f"ROLLBACK TO s{depth}")
            if depth
            else ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        )
        connection.execute(begin)
        handle.depth += 1
        try:
            yield connection
        except BaseException:
            # SQLite itself may have rolled everything back already (disk full, for one).
            if connection.in_transaction:
                connection.execute(rollback)
                if depth:
                    connection.execute(commit)
            raise
        else:
            connection.execute(commit)
        finally:
            handle.depth -= 1

    def close(self) -> None:
        """Close the calling thread's connection; other threads' close with their threads."""
        self._local.__dict__.clear()
