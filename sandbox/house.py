"""One environment and its data, built when somebody first knocks."""

import threading
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.dataverse import DataverseApplication
from sandbox.directory import Directory, Environment
from sandbox.tokens import TokenAuthority


class House:
    """A WSGI application and what discovery asks. Every entrance waits until the data is there."""

    def __init__(
        self,
        environment: Environment,
        folder: Path,
        scenario: str,
        *,
        directory: Directory,
        tokens: TokenAuthority,
        clock: Clock,
        login: str,
    ) -> None:
        self._file = folder / f"env-{environment.unique_name}.sqlite3"
        self._scenario = scenario
        self._ready = False
        self._lock = threading.Lock()
        self._environment = environment
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._login = login
        self._application = self._make()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self.open()(environ, start_response)

    def has_user(self, oid: str) -> bool:
        return self.open().has_user(oid)

    def is_administrator(self, oid: str) -> bool:
        return self.open().is_administrator(oid)

    def open(self) -> DataverseApplication:
        """The application, with its schema and data in place."""
        if not self._ready:
            with self._lock:
                if not self._ready:
                    self._application.ensure_ready(self._scenario)
                    self._ready = True
        return self._application

    def rebuild(self, scenario: str) -> None:
        """Throw the data away. The next request builds it anew; requests in flight finish on the old file."""
        with self._lock:
            self._ready = False
            self._scenario = scenario
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
            self._application = self._make()

    def _make(self) -> DataverseApplication:
        return DataverseApplication(
            self._environment,
            Database(self._file),
            self._directory,
            self._tokens,
            self._clock,
            login=self._login,
        )
