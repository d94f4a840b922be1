"""Everything that one environment consists of, tied together."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.dataverse.metadata.snapshot import Snapshot
from sandbox.dataverse.metadata.store import MetadataStore
from sandbox.dataverse.security.callers import SECURITY_TABLES, Callers
from sandbox.dataverse.storage import prepare
from sandbox.directory import Directory
from sandbox.directory.model import Environment


class Organization:
    """One environment's state. Knows no HTTP."""

    def __init__(
        self, environment: Environment, database: Database, directory: Directory, clock: Clock
    ) -> None:
        self.environment = environment
        self.database = database
        self.directory = directory
        self.clock = clock
        self.metadata = MetadataStore(database)
        self.callers = Callers(database, clock)
        # When the next background job is due, in seconds: 0 for "look", None for never.
        self.next_job: float | None = 0.0
        self._prepared = threading.local()

    @property
    def snapshot(self) -> Snapshot:
        """The metadata: what is committed, and what the thread's own transaction has changed."""
        return self.uncommitted or self.metadata.current

    @property
    def uncommitted(self) -> Snapshot | None:
        """The metadata as the running transaction has left it, if it has changed anything."""
        return getattr(self._prepared, "snapshot", None)

    def changed_metadata(self, snapshot: Snapshot) -> None:
        """The running transaction has changed the metadata; others see it after the commit."""
        self._prepared.snapshot = snapshot

    def read(self) -> sqlite3.Connection:
        """The thread's connection, able to run compiled queries."""
        connection = self.database.read()
        if getattr(self._prepared, "connection", None) is not connection:
            prepare(connection)
            self._prepared.connection = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction on a prepared connection."""
        self.read()
        local = self._prepared
        depth = getattr(local, "depth", 0)
        if not depth:
            local.touched = set()
            local.snapshot = None
        local.depth = depth + 1
        before = local.snapshot
        try:
            with self.database.write() as connection:
                yield connection
            if not depth and local.snapshot is not None:
                self.metadata.hand_out(local.snapshot)
        except BaseException:
            local.snapshot = before
            raise
        finally:
            if not depth:
                local.snapshot = None
            local.depth = depth
            if not depth and "asyncoperation" in local.touched:
                self.next_job = 0.0
            if not depth and local.touched & SECURITY_TABLES:
                self.callers.changed()

    def touched(self, table: str) -> None:
        """Note that the running transaction changes a table; what is derived from it is renewed at its end."""
        self._prepared.touched.add(table)
