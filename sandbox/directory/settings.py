"""What the control plane may change about the behaviour of Entra and Dataverse."""

import json
from typing import Any

from sandbox.database import Database

DEFAULTS: dict[str, Any] = {
    # Seconds until a new application, service principal or key is seen by the rest of the cloud.
    "replication_delay": 0.0,
    # Services that want a second factor: "graph", "discovery" or an environment's url name.
    "require_mfa": [],
    "access_token_seconds": 3599,
    "refresh_token_seconds": 90 * 86400,
    # Dataverse's service protection, per user and environment; 0 is no limit.
    "dataverse_requests": 6000,
    "dataverse_execution_seconds": 1200.0,
    "dataverse_concurrent": 52,
    "dataverse_window_seconds": 300.0,
    "dataverse_dop_hint": 8,
    # How long a background job, such as a bulk delete, waits before it runs.
    "dataverse_job_seconds": 0.0,
}


class Settings:
    """Kept in the database, read from memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values = dict(DEFAULTS)

    def load(self) -> None:
        rows = self._database.read().execute("SELECT name, value FROM setting")
        self._values = DEFAULTS | {row["name"]: json.loads(row["value"]) for row in rows}

    def all(self) -> dict[str, Any]:
        return dict(self._values)

    def change(self, values: dict[str, Any]) -> None:
        """Raises ValueError naming the first setting that does not exist or has the wrong type."""
        for name, value in values.items():
            _check(name, value)
        with self._database.write() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO setting VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in values.items()],
            )
        self._values = self._values | values

    def get(self, name: str) -> Any:
        """Raises KeyError for a setting that does not exist."""
        return self._values[name]

    @property
    def replication_delay(self) -> float:
        return float(self._values["replication_delay"])

    @property
    def require_mfa(self) -> set[str]:
        return set(self._values["require_mfa"])

    @property
    def access_token_seconds(self) -> int:
        return int(self._values["access_token_seconds"])

    @property
    def refresh_token_seconds(self) -> int:
        return int(self._values["refresh_token_seconds"])


def _check(name: str, value: Any) -> None:
    if name not in DEFAULTS:
        raise ValueError(f"There is no setting {name!r}. There are: {', '.join(DEFAULTS)}.")
    if isinstance(DEFAULTS[name], list):
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise ValueError(f"{name} must be a list of strings.")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f"{name} must be a number, zero or more.")
