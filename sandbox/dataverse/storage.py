"""How tables lie in SQLite: one real table each, typed columns, indexes for what people page and filter by.

Money is an integer of ten-thousandths, so its whole range is exact. Decimals are text of fixed width that sorts as
the numbers do. Moments are ISO text in UTC, whole seconds. Texts compare without case. A lookup with several
targets has a companion column that names the target's table.
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.records.decimals import ExactAverage, ExactSum

TYPES = {
    "Integer": "INTEGER",
    "BigInt": "INTEGER",
    "Money": "INTEGER",
    "Picklist": "INTEGER",
    "State": "INTEGER",
    "Status": "INTEGER",
    "Boolean": "INTEGER",
    "Double": "REAL",
    "String": "TEXT COLLATE NOCASE",
    "Memo": "TEXT COLLATE NOCASE",
    "EntityName": "TEXT COLLATE NOCASE",
}
INDEXED = frozenset(
    {"versionnumber", "createdon", "modifiedon", "ownerid", "owningbusinessunit", "applicationid"}
)
UNINDEXED = frozenset(
    {"createdby", "createdonbehalfby", "modifiedby", "modifiedonbehalfby", "transactioncurrencyid"}
)
SYSTEM_TABLES = """
CREATE TABLE IF NOT EXISTS "system$counter" (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "system$deleted" (
    versionnumber INTEGER PRIMARY KEY, tablename TEXT NOT NULL, id TEXT NOT NULL, deletedon TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS "system$deleted_table" ON "system$deleted" (tablename, versionnumber);
CREATE TABLE IF NOT EXISTS "system$setting" (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO "system$counter" VALUES ('versionnumber', 1000000);
"""


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def type_column(name: str) -> str:
    """Where the target table of a polymorphic lookup is kept."""
    return f"{name}$type"


def column_names(column: Column) -> list[str]:
    """The SQLite columns of a column."""
    return [column.name, type_column(column.name)] if column.is_polymorphic else [column.name]


def column_definitions(column: Column, primary: str) -> list[str]:
    kind = TYPES.get(column.kind, "TEXT")
    end = " PRIMARY KEY NOT NULL" if column.name == primary else ""
    first = f"{quoted(column.name)} {kind}{end}"
    return [first, f"{quoted(type_column(column.name))} TEXT"] if column.is_polymorphic else [first]


def create_table(connection: sqlite3.Connection, entity: Entity) -> None:
    """Create the table without its indexes: loading data first is faster."""
    parts = [part for column in entity.stored for part in column_definitions(column, entity.id)]
    connection.execute(f"CREATE TABLE {quoted(entity.name)} ({', '.join(parts)})")


def create_view(connection: sqlite3.Connection, entity: Entity, snapshot: Snapshot) -> None:
    """The pseudo-tables `owner`, every user and every team, and `activitypointer`, every activity."""
    if entity.name == "activitypointer":
        create_activity_view(connection, entity, snapshot)
        return
    connection.execute(
        f"CREATE VIEW {quoted(entity.name)} AS"
        " SELECT systemuserid AS ownerid, fullname AS name, NULL AS yominame, 'systemuser' AS kind, businessunitid"
        " FROM systemuser UNION ALL SELECT teamid, name, NULL, 'team', businessunitid FROM team"
    )


def create_activity_view(connection: sqlite3.Connection, entity: Entity, snapshot: Snapshot) -> None:
    """The rows of all activity tables, with the columns that activities share."""
    names = [name for column in entity.stored for name in column_names(column)]
    parts = []
    for other in snapshot.entities.values():
        if other.table.is_activity and not other.table.is_view:
            theirs = {name for column in other.stored for name in column_names(column)}
            listed = [quoted(n) if n in theirs else f"NULL AS {quoted(n)}" for n in names]
            parts.append(f"SELECT {', '.join(listed)} FROM {quoted(other.name)}")
    body = (
        " UNION ALL ".join(parts) or "SELECT " + ", ".join(f"NULL AS {quoted(n)}" for n in names) + " WHERE 0"
    )
    connection.execute(f"CREATE VIEW {quoted(entity.name)} AS {body}")


def create_indexes(connection: sqlite3.Connection, entity: Entity) -> None:
    if entity.table.is_view:
        return
    for column in entity.stored:
        create_index(connection, entity, column)
    for key in entity.keys.values():
        if key.status != "Active":
            continue
        create_key_index(connection, entity, key.name, key.columns)
    for both in entity.many_to_many:
        pair = f"{quoted(both.first_column)}, {quoted(both.second_column)}"
        name = quoted(f"pair${both.intersect}")
        connection.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {quoted(both.intersect)} ({pair})")
        back = quoted(f"back${both.intersect}")
        connection.execute(
            f"CREATE INDEX IF NOT EXISTS {back} ON {quoted(both.intersect)} ({quoted(both.second_column)})"
        )


def create_index(connection: sqlite3.Connection, entity: Entity, column: Column) -> None:
    """Index a column if it is of the kind that is looked for or sorted by."""
    wanted = column.name in INDEXED or column.name == entity.primary_name
    if not wanted and (not column.is_lookup or column.name in UNINDEXED):
        return
    name = quoted(f"index${entity.name}${column.name}")
    where = f" WHERE {quoted(column.name)} IS NOT NULL" if column.is_lookup else ""
    connection.execute(
        f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(entity.name)} ({quoted(column.name)}){where}"
    )


def create_key_index(
    connection: sqlite3.Connection, entity: Entity, key: str, columns: Iterable[str]
) -> None:
    """Alternate keys are unique where all their columns have values."""
    listed = ", ".join(quoted(column) for column in columns)
    name = quoted(f"key${entity.name}${key}")
    connection.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {quoted(entity.name)} ({listed})")


def next_version(connection: sqlite3.Connection, count: int = 1) -> int:
    """Reserve row versions; returns the first of them. Monotonic over all tables of the environment."""
    row = connection.execute(
        "UPDATE \"system$counter\" SET value = value + ? WHERE name = 'versionnumber' RETURNING value",
        (count,),
    ).fetchone()
    return int(row[0]) - count + 1


def fold(text: str | None) -> str | None:
    """Case-insensitive comparison beyond ASCII, which SQLite's NOCASE does not know."""
    return text.lower() if isinstance(text, str) else text


def matches(text: str | None, pattern: str) -> bool:
    """SQL Server's LIKE with its character classes: % _ [abc] [a-f] [^x]."""
    if not isinstance(text, str):
        return False
    try:
        return re.fullmatch(like_expression(pattern), text, re.IGNORECASE | re.DOTALL) is not None
    except re.error:  # a class such as [z-a] matches nothing
        return False


def like_expression(pattern: str) -> str:
    """The regular expression of a LIKE pattern."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        end = pattern.find("]", at + 2) if char == "[" else -1
        if char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        elif end > 0:
            inner = pattern[at + 1 : end]
            negated = "^" if inner.startswith("^") else ""
            members = re.sub(r"([\\\]\[^&~|])", r"\\\1", inner.removeprefix("^"))
            parts.append(f"[{negated}{members}]")
            at = end
        else:
            parts.append(re.escape(char))
        at += 1
    return "".join(parts)


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that compiled queries use."""
    connection.create_function("fold", 1, fold, deterministic=True)
    connection.create_function("matches", 2, matches, deterministic=True)
    aggregates: dict[str, Any] = {"exact_sum": ExactSum, "exact_avg": ExactAverage}
    for name, aggregate in aggregates.items():
        connection.create_aggregate(name, 2, aggregate)
