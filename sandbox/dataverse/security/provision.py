"""What comes and goes with tables: privileges, views, and the messages for many rows."""

import sqlite3
import uuid
from collections.abc import Iterable

from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.security.privileges import BASIC, DEEP, GLOBAL, LOCAL, Privilege, table_privileges
from sandbox.dataverse.storage import next_version
from sandbox.scenarios.loader import Loader
from sandbox.scenarios.packages import add_filters
from sandbox.scenarios.views import system_views

# The roles that get every new table: System Administrator and System Customizer.
TEMPLATES = ("627090ff-40a3-4053-8790-584edc5be201", "119f245c-3cc8-4b62-b31c-d1a046ced15d")


def grant_tables(
    organization: Organization, connection: sqlite3.Connection, tables: Iterable[Entity]
) -> None:
    """Make the privileges of new tables and give them, everywhere, to those who administer and customize."""
    known = {row[0] for row in connection.execute("SELECT privilegeid FROM privilege")}
    new: dict[str, Privilege] = {}
    for entity in tables:
        for privilege in table_privileges(entity.table):
            if privilege.id not in known:
                new[privilege.id] = privilege
    if not new:
        return
    version = next_version(connection, len(new))
    connection.executemany(
        "INSERT INTO privilege (privilegeid, name, accessright, canbebasic, canbelocal, canbedeep, canbeglobal,"
        " isdisabledwhenintegrated, versionnumber) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
        [_row(privilege, version + at) for at, privilege in enumerate(new.values())],
    )
    roles = connection.execute("SELECT roleid FROM role WHERE roletemplateid IN (?, ?)", TEMPLATES).fetchall()
    grants = [(str(uuid.uuid4()), role[0], privilege, GLOBAL) for role in roles for privilege in new]
    version = next_version(connection, len(grants) + 1)
    connection.executemany(
        "INSERT INTO roleprivileges (roleprivilegesid, roleid, privilegeid, privilegedepthmask, versionnumber)"
        " VALUES (?, ?, ?, ?, ?)",
        [(*grant, version + at) for at, grant in enumerate(grants)],
    )
    organization.touched("roleprivileges")


def _row(privilege: Privilege, version: int) -> tuple[object, ...]:
    depths = [bool(privilege.depths & depth) for depth in (BASIC, LOCAL, DEEP, GLOBAL)]
    return (privilege.id, privilege.name, 0 if privilege.verb == "None" else 1, *map(int, depths), version)


def revoke_tables(
    organization: Organization, connection: sqlite3.Connection, gone: Iterable[Entity], after: Snapshot
) -> None:
    """Forget the privileges of tables that are gone, unless another table shares them."""
    kept = {p.id for entity in after.entities.values() for p in table_privileges(entity.table)}
    ids = {p.id for entity in gone for p in table_privileges(entity.table)} - kept
    for statement in (
        "DELETE FROM roleprivileges WHERE privilegeid = ?",
        "DELETE FROM privilege WHERE privilegeid = ?",
    ):
        connection.executemany(statement, [(key,) for key in ids])
    organization.touched("roleprivileges")


def furnish_tables(
    organization: Organization, connection: sqlite3.Connection, new: Iterable[Entity], after: Snapshot
) -> None:
    """The system views of new tables, and the messages that they answer."""
    loader = Loader(connection, after, organization.environment.unique_name, organization.clock.now())
    loader.author = connection.execute(
        "SELECT systemuserid FROM systemuser ORDER BY versionnumber"
    ).fetchone()[0]
    loader.organization = organization.environment.id
    for entity in new:
        loader.add("savedquery", system_views(entity))
    add_filters(loader, new)


def clear_tables(connection: sqlite3.Connection, gone: Iterable[Entity]) -> None:
    """Forget what regards tables that are gone."""
    for entity in gone:
        connection.execute("DELETE FROM savedquery WHERE returnedtypecode = ?", (entity.name,))
        connection.execute("DELETE FROM userquery WHERE returnedtypecode = ?", (entity.name,))
        connection.execute("DELETE FROM sdkmessagefilter WHERE primaryobjecttypecode = ?", (entity.name,))
        connection.execute('DELETE FROM annotation WHERE "objectid$type" = ?', (entity.name,))
