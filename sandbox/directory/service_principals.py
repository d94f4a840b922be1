"""Applications as they exist in a tenant."""

import sqlite3
import uuid
from datetime import UTC, datetime

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.directory.model import ServicePrincipal


class ServicePrincipals:
    """New ones become visible only after the replication delay in force when they were made."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, tenant_id: str, app_id: str, display_name: str, delay: float = 0) -> ServicePrincipal:
        """Raises sqlite3.IntegrityError if the tenant has one already."""
        now = self._clock.now()
        principal = ServicePrincipal(
            id=str(uuid.uuid4()),
            app_id=app_id,
            tenant_id=tenant_id,
            display_name=display_name,
            enabled=True,
            created=stamp(now),
            visible_at=now.timestamp() + delay,
        )
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO service_principal (id, app_id, tenant_id, display_name, created, visible_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (principal.id, app_id, tenant_id, display_name, principal.created, principal.visible_at),
            )
        return principal

    def find(self, tenant_id: str, app_id: str) -> ServicePrincipal | None:
        """The replicated one, enabled or not."""
        return next((sp for sp in self.of_tenant(tenant_id, app_id=app_id)), None)

    def get(self, tenant_id: str, object_id: str) -> ServicePrincipal | None:
        return next((sp for sp in self.of_tenant(tenant_id, object_id=object_id)), None)

    def of_tenant(
        self,
        tenant_id: str,
        *,
        app_id: str | None = None,
        object_id: str | None = None,
        deleted: bool = False,
    ) -> list[ServicePrincipal]:
        rows = self._database.read().execute(
            "SELECT * FROM service_principal WHERE tenant_id = ? AND (deleted IS NOT NULL) = ? AND visible_at <= ?"
            " AND app_id = coalesce(?, app_id) AND id = coalesce(?, id) ORDER BY created, id",
            (tenant_id, deleted, self._clock.timestamp(), _lower(app_id), _lower(object_id)),
        )
        return [_principal(row) for row in rows]

    def exists(self, tenant_id: str, app_id: str) -> bool:
        """Whether one was made, replicated or not: what a second creation collides with."""
        rows = self._database.read().execute(
            "SELECT 1 FROM service_principal WHERE tenant_id = ? AND app_id = ? AND deleted IS NULL",
            (tenant_id, app_id.lower()),
        )
        return rows.fetchone() is not None

    def change(self, object_id: str, *, enabled: bool | None = None, display_name: str | None = None) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE service_principal SET enabled = coalesce(?, enabled),"
                " display_name = coalesce(?, display_name) WHERE id = ?",
                (enabled, display_name, object_id),
            )

    def delete(self, object_id: str) -> None:
        """Softly; it can be restored or purged."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE service_principal SET deleted = ? WHERE id = ?", (stamp(self._clock.now()), object_id)
            )

    def restore(self, object_id: str) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE service_principal SET deleted = NULL WHERE id = ?", (object_id,))

    def purge(self, object_id: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM service_principal WHERE id = ?", (object_id,))


def stamp(moment: datetime) -> str:
    """Graph's way to write a moment: UTC, whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def _principal(row: sqlite3.Row) -> ServicePrincipal:
    return ServicePrincipal(
        id=row["id"],
        app_id=row["app_id"],
        tenant_id=row["tenant_id"],
        display_name=row["display_name"],
        enabled=bool(row["enabled"]),
        created=row["created"],
        visible_at=row["visible_at"],
    )
