"""Tenants, people and the environments they own."""

import sqlite3
from collections.abc import Mapping

from sandbox.database import Database
from sandbox.directory.model import Environment, Person, Tenant


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def tenants(self) -> list[Tenant]:
        return [_tenant(row) for row in self._database.read().execute("SELECT * FROM tenant ORDER BY name")]

    def tenant(self, name: str) -> Tenant | None:
        """By id or by domain, as in the first segment of an authority URL."""
        row = self._database.read().execute(
            "SELECT * FROM tenant WHERE id = ?1 OR domain = ?1", (name.lower(),)
        )
        return next((_tenant(found) for found in row), None)

    def person(self, oid: str) -> Person | None:
        rows = self._database.read().execute("SELECT * FROM person WHERE oid = ?", (oid.lower(),))
        return next((_person(row) for row in rows), None)

    def by_upn(self, upn: str) -> Person | None:
        rows = self._database.read().execute("SELECT * FROM person WHERE upn = ?", (upn.strip(),))
        return next((_person(row) for row in rows), None)

    def of_tenant(self, tenant_id: str | None = None) -> list[Person]:
        """Everybody of one tenant, or everybody, in the order of the cast."""
        rows = self._database.read().execute(
            "SELECT * FROM person WHERE ?1 IS NULL OR tenant_id = ?1 ORDER BY position", (tenant_id,)
        )
        return [_person(row) for row in rows]

    def change(self, oid: str, *, enabled: bool | None = None, roles: list[str] | None = None) -> None:
        with self._database.write() as connection:
            if enabled is not None:
                connection.execute("UPDATE person SET enabled = ? WHERE oid = ?", (enabled, oid))
            if roles is not None:
                connection.execute("UPDATE person SET roles = ? WHERE oid = ?", (" ".join(roles), oid))

    def delete(self, oid: str) -> None:
        """For good, with what the person owned and had agreed to. Their refresh tokens stay, and are refused."""
        with self._database.write() as connection:
            for table in ("owner", "consent"):
                connection.execute(f"DELETE FROM {table} WHERE person_oid = ?", (oid,))  # noqa: S608 - names from here
            connection.execute("DELETE FROM person WHERE oid = ?", (oid,))

    def let_members_register(self, tenant_id: str, allowed: bool) -> None:
        """Entra's "Users can register applications"."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE tenant SET members_may_register = ? WHERE id = ?", (allowed, tenant_id)
            )

    def environments(self, origins: Mapping[str, str]) -> list[Environment]:
        """All environments with the origin each is served at, '' while none is."""
        rows = self._database.read().execute("SELECT * FROM environment ORDER BY position")
        return [_environment(row, origins.get(row["url_name"], "")) for row in rows]


def _tenant(row: sqlite3.Row) -> Tenant:
    return Tenant(row["id"], row["name"], row["domain"], bool(row["members_may_register"]))


def _person(row: sqlite3.Row) -> Person:
    return Person(
        oid=row["oid"],
        tenant_id=row["tenant_id"],
        upn=row["upn"],
        display_name=row["display_name"],
        given_name=row["given_name"],
        surname=row["surname"],
        job_title=row["job_title"],
        enabled=bool(row["enabled"]),
        roles=frozenset(row["roles"].split()),
    )


def _environment(row: sqlite3.Row, origin: str) -> Environment:
    return Environment(
        id=row["id"],
        unique_name=row["unique_name"],
        url_name=row["url_name"],
        friendly_name=row["friendly_name"],
        tenant_id=row["tenant_id"],
        origin=origin,
        region=row["region"],
        version=row["version"],
        environment_id=row["environment_id"],
    )
