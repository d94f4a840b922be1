"""Who allowed which application to use which scope of which resource."""

from collections.abc import Iterable

from sandbox.database import Database

EVERYBODY = ""


class Consents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def granted(self, tenant_id: str, person_oid: str, app_id: str, resource: str) -> frozenset[str]:
        """The person's own consent together with the whole tenant's. `resource` is an app id."""
        rows = self._database.read().execute(
            "SELECT scope FROM consent WHERE tenant_id = ? AND person_oid IN (?, '') AND app_id = ? AND resource = ?",
            (tenant_id, person_oid, app_id, resource),
        )
        return frozenset(row["scope"] for row in rows)

    def grant(
        self, tenant_id: str, person_oid: str, app_id: str, resource: str, scopes: Iterable[str]
    ) -> None:
        """For one person, or with EVERYBODY for the tenant. Adds to what there is."""
        with self._database.write() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO consent VALUES (?, ?, ?, ?, ?)",
                [(tenant_id, person_oid, app_id, resource, scope) for scope in scopes],
            )

    def revoke(self, app_id: str | None = None, person_oid: str | None = None) -> None:
        """Take back an application's, a person's, or all consents."""
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM consent WHERE app_id = coalesce(?, app_id) AND person_oid = coalesce(?, person_oid)",
                (app_id, person_oid),
            )
