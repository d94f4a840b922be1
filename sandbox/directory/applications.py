"""App registrations and who owns them."""

import json
import sqlite3
import uuid
from typing import Any

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.directory.model import Application
from sandbox.directory.service_principals import stamp


class Applications:
    """Reads show what has replicated; only `exists` looks behind that."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        tenant_id: str,
        display_name: str,
        *,
        unique_name: str | None = None,
        sign_in_audience: str = "AzureADandPersonalMicrosoftAccount",
        document: dict[str, Any] | None = None,
        delay: float = 0,
        object_id: str | None = None,
        app_id: str | None = None,
    ) -> Application:
        """Raises sqlite3.IntegrityError if `unique_name` is taken in the tenant."""
        now = self._clock.now()
        application = Application(
            id=object_id or str(uuid.uuid4()),
            app_id=app_id or str(uuid.uuid4()),
            tenant_id=tenant_id,
            display_name=display_name,
            unique_name=unique_name,
            sign_in_audience=sign_in_audience,
            created=stamp(now),
            visible_at=now.timestamp() + delay,
            deleted=None,
            document=document or {},
        )
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO application VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    application.id,
                    application.app_id,
                    tenant_id,
                    display_name,
                    unique_name,
                    sign_in_audience,
                    json.dumps(application.document),
                    application.created,
                    application.visible_at,
                ),
            )
        return application

    def get(self, tenant_id: str, object_id: str) -> Application | None:
        return self._one("tenant_id = ? AND id = ?", tenant_id, object_id.lower())

    def by_unique_name(self, tenant_id: str, name: str) -> Application | None:
        return self._one("tenant_id = ? AND unique_name = ?", tenant_id, name)

    def by_app_id(self, app_id: str) -> Application | None:
        """Of whatever tenant: an app id is unique in the world."""
        return self._one("app_id = ?", app_id.lower())

    def exists(self, *, app_id: str = "", tenant_id: str = "", unique_name: str = "") -> Application | None:
        """The same, replicated or not: what the primary copy of the directory knows."""
        where = "app_id = ?" if app_id else "tenant_id = ? AND unique_name = ?"
        arguments = (app_id.lower(),) if app_id else (tenant_id, unique_name)
        rows = self._database.read().execute(
            f"SELECT * FROM application WHERE {where} AND deleted IS NULL",  # noqa: S608 - constants
            arguments,
        )
        return next((_application(row) for row in rows), None)

    def of_tenant(self, tenant_id: str, *, deleted: bool = False) -> list[Application]:
        rows = self._database.read().execute(
            "SELECT * FROM application WHERE tenant_id = ? AND (deleted IS NOT NULL) = ? AND visible_at <= ?"
            " ORDER BY display_name, id",
            (tenant_id, deleted, self._clock.timestamp()),
        )
        return [_application(row) for row in rows]

    def save(self, application: Application) -> None:
        """Store the changeable properties."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE application SET display_name = ?, sign_in_audience = ?, document = ? WHERE id = ?",
                (
                    application.display_name,
                    application.sign_in_audience,
                    json.dumps(application.document),
                    application.id,
                ),
            )

    def delete(self, application: Application) -> None:
        """Softly, and its service principals with it."""
        now = stamp(self._clock.now())
        with self._database.write() as connection:
            connection.execute("UPDATE application SET deleted = ? WHERE id = ?", (now, application.id))
            connection.execute(
                "UPDATE service_principal SET deleted = ? WHERE app_id = ? AND deleted IS NULL",
                (now, application.app_id),
            )

    def restore(self, object_id: str) -> None:
        """Raises sqlite3.IntegrityError if its unique name was taken meanwhile."""
        with self._database.write() as connection:
            connection.execute("UPDATE application SET deleted = NULL WHERE id = ?", (object_id,))

    def purge(self, object_id: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM application WHERE id = ?", (object_id,))

    def owners(self, object_id: str) -> list[str]:
        rows = self._database.read().execute(
            "SELECT person_oid FROM owner WHERE application_id = ?", (object_id,)
        )
        return [row["person_oid"] for row in rows]

    def add_owner(self, object_id: str, person_oid: str) -> None:
        """Raises sqlite3.IntegrityError if the person owns it already."""
        with self._database.write() as connection:
            connection.execute("INSERT INTO owner VALUES (?, ?)", (object_id, person_oid))

    def remove_owner(self, object_id: str, person_oid: str) -> bool:
        with self._database.write() as connection:
            cursor = connection.execute(
                "DELETE FROM owner WHERE application_id = ? AND person_oid = ?", (object_id, person_oid)
            )
        return cursor.rowcount > 0

    def created_by(self, person_oid: str) -> int:
        """How many a person owns, soft-deleted ones included: what the quota counts."""
        rows = self._database.read().execute("SELECT count(*) FROM owner WHERE person_oid = ?", (person_oid,))
        count: int = rows.fetchone()[0]
        return count

    def _one(self, where: str, *arguments: str) -> Application | None:
        rows = self._database.read().execute(
            f"SELECT * FROM application WHERE {where} AND deleted IS NULL AND visible_at <= ?",  # noqa: S608
            (*arguments, self._clock.timestamp()),
        )
        return next((_application(row) for row in rows), None)


def _application(row: sqlite3.Row) -> Application:
    return Application(
        id=row["id"],
        app_id=row["app_id"],
        tenant_id=row["tenant_id"],
        display_name=row["display_name"],
        unique_name=row["unique_name"],
        sign_in_audience=row["sign_in_audience"],
        created=row["created"],
        visible_at=row["visible_at"],
        deleted=row["deleted"],
        document=json.loads(row["document"]),
    )
