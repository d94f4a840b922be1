"""Change tracking: what is new, changed and gone since a moment that a delta token names.

https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.tree import Aliases, Scope
from sandbox.dataverse.records.plan import Row
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted

TOKEN = re.compile(r"(\d{1,18})!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)\Z")
FORMAT = "%m/%d/%Y %H:%M:%S"
USUAL_DAYS = 7
GONE = (
    'SELECT id, max(versionnumber) AS latest FROM "system$deleted" d WHERE tablename = ? AND versionnumber <= ?'
    " AND NOT EXISTS (SELECT 1 FROM {table} WHERE {key} = d.id) GROUP BY id HAVING latest > ?"
)


@dataclass(frozen=True)
class DeltaToken:
    """Everything up to a row version is known to the client, which learned it at a moment."""

    version: int
    moment: datetime

    def __str__(self) -> str:
        return f"{self.version}!{self.moment.strftime(FORMAT)}"

    def encoded(self) -> str:
        """919042%2108%2f22%2f2017%2008%3a10%3a44"""
        return re.sub(r"%..", lambda found: found.group().lower(), quote(str(self), safe=""))


def parse_token(text: str) -> DeltaToken:
    """Raises a 400 for what is no token."""
    found = TOKEN.match(text.strip())
    invalid = bad_query(f"The delta token '{text[:60]}' is invalid.")
    if not found:
        raise invalid
    try:
        moment = datetime.strptime(found.group(2), FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise invalid from error
    return DeltaToken(int(found.group(1)), moment)


@dataclass(frozen=True)
class Place:
    """How far a walk through changes has come: among rows or among the gone, behind which version."""

    among_gone: bool
    version: int
    until: int


@dataclass
class Changes:
    """A page of changes. `next` is None on the last one."""

    rows: list[Row]
    gone: list[str]
    next: Place | None


class Tracker:
    """Finds the changes of one table for one caller."""

    def __init__(self, session: Session, entity: Entity, select: tuple[str, ...] | None) -> None:
        """Raises 400 for a table that is not tracked, 403 without the right to read all of it."""
        self.session = session
        self.entity = entity
        _check(session, entity)
        self.root = Aliases().source(entity)
        self.plan = session.planner.plan(self.root, select)
        self._version_at = self.plan.place(f"{self.root.alias}.versionnumber")
        self.id_at = self.plan.place(f"{self.root.alias}.{quoted(entity.id)}")

    def now(self) -> DeltaToken:
        """The token of this moment. Read before the rows: what comes between is told twice, never lost."""
        row = self.session.connection.execute(
            "SELECT value FROM \"system$counter\" WHERE name = 'versionnumber'"
        ).fetchone()
        return DeltaToken(int(row[0]), self.session.access.viewpoint.now)

    def check_age(self, token: DeltaToken) -> None:
        """Raise unless deletions since the token are still remembered."""
        row = self.session.connection.execute(
            "SELECT expirechangetrackingindays FROM organization"
        ).fetchone()
        days = USUAL_DAYS if row is None or row[0] is None else row[0]
        now = self.now()
        if token.version > now.version or now.moment - token.moment > timedelta(days=days):
            raise ApiError(
                "InvalidArgument",
                "Version stamp associated with the client has expired. Please perform a full sync.",
                code="0x80044352",
            )

    def everything(self, behind: str | None, size: int) -> tuple[list[Row], bool]:
        """A page of all rows by id, and whether there are more."""
        key = f"{self.root.alias}.{quoted(self.entity.id)}"
        more = Sql(f"{key} > ?", (behind,)) if behind else Sql("1")
        rows = self._rows(more, key, size + 1)
        return rows[:size], len(rows) > size

    def _rows(self, condition: Sql, order: str, limit: int) -> list[Row]:
        source = self.session.compiler.from_clause(Scope(self.root))
        text = (
            f"SELECT {', '.join(self.plan.expressions)} {source.text} AND {condition.text} ORDER BY {order}"
        )
        return self.session.rows(Sql(f"{text} LIMIT {limit}", source.params + condition.params))

    def changes(self, since: int, place: Place, size: int) -> Changes:
        """A page of changes: rows first, then what is gone."""
        rows: list[Row] = []
        if not place.among_gone:
            version = f"{self.root.alias}.versionnumber"
            condition = Sql(f"{version} > ? AND {version} <= ?", (place.version, place.until))
            rows = self._rows(condition, version, size + 1)
            if len(rows) > size:
                rows = rows[:size]
                return Changes(
                    rows, [], Place(among_gone=False, version=rows[-1][self._version_at], until=place.until)
                )
            place = Place(among_gone=True, version=since, until=place.until)
        left = size - len(rows)
        gone = self._gone(place, left + 1)
        if len(gone) <= left:
            return Changes(rows, [key for key, _ in gone], None)
        last = gone[left - 1][1] if left else place.version
        return Changes(
            rows, [key for key, _ in gone[:left]], Place(among_gone=True, version=last, until=place.until)
        )

    def _gone(self, place: Place, limit: int) -> list[tuple[str, int]]:
        text = GONE.format(table=quoted(self.entity.name), key=quoted(self.entity.id))
        rows = self.session.rows(
            Sql(f"{text} ORDER BY latest LIMIT {limit}", (self.entity.name, place.until, place.version))
        )
        return [(row[0], row[1]) for row in rows]

    def count(self, since: int | None) -> int:
        """The number of rows, or of changes since a version."""
        source = self.session.compiler.from_clause(Scope(self.root))
        text, params = f"SELECT count(*) {source.text}", source.params
        if since is None:
            return int(self.session.rows(Sql(text, params))[0][0])
        changed = self.session.rows(Sql(f"{text} AND {self.root.alias}.versionnumber > ?", (*params, since)))
        gone = GONE.format(table=quoted(self.entity.name), key=quoted(self.entity.id))
        until = self.now().version
        removed = self.session.rows(Sql(f"SELECT count(*) FROM ({gone})", (self.entity.name, until, since)))
        return int(changed[0][0]) + int(removed[0][0])

    def document(self, row: Row) -> dict[str, Any]:
        return self.plan.document(row)


def _check(session: Session, entity: Entity) -> None:
    table = entity.table
    if (
        not table.change_tracking
        or table.is_intersect
        or table.is_view
        or "versionnumber" not in entity.columns
    ):
        raise ApiError(
            "InvalidArgument", f"Entity: {entity.name} isn't enabled for change tracking.", code="0x80072491"
        )
    grant = session.access.grant_for("Read", entity)
    if grant is not None and not grant.everywhere and table.ownership != "OrganizationOwned":
        raise ApiError(
            "MissingPrivilege",
            f"Principal user (Id={session.access.user_id}) needs organization-level read access to entity "
            f"'{entity.name}' to retrieve its changes.",
        )
