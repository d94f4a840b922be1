"""Which solution new components belong to."""

import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import next_version

TABLE, COLUMN, RELATIONSHIP, CHOICE, KEY = 1, 2, 10, 9, 14
SOLUTION = """
SELECT s.solutionid, s.ismanaged, p.customizationoptionvalueprefix
FROM solution s LEFT JOIN publisher p ON p.publisherid = s.publisherid WHERE s.uniquename = ?
"""


@dataclass(frozen=True)
class Component:
    """A component's type, as the solutioncomponent table numbers them, and its id."""

    kind: int
    id: str


def find_solution(session: Session, name: str) -> sqlite3.Row:
    """The unmanaged solution with a unique name. Raises a 400."""
    row: sqlite3.Row | None = session.connection.execute(SOLUTION, (name,)).fetchone()
    if row is None:
        raise ApiError(
            "InvalidArgument", f"The solution with unique name '{name}' does not exist.", code="0x80048403"
        )
    if row["ismanaged"]:
        raise ApiError(
            "InvalidArgument", f"The solution '{name}' is managed and cannot be changed.", code="0x80048408"
        )
    return row


def note_components(session: Session, solution: Any, components: Iterable[Component]) -> None:
    """Put components into a solution; those that are in it already stay as they are."""
    for component in components if solution is not None else ():
        present = session.connection.execute(
            "SELECT 1 FROM solutioncomponent WHERE solutionid = ? AND objectid = ?",
            (solution["solutionid"], component.id),
        ).fetchone()
        if present:
            continue
        now = store_moment(session.access.viewpoint.now)
        session.connection.execute(
            "INSERT INTO solutioncomponent (solutioncomponentid, solutionid, componenttype, objectid,"
            " rootcomponentbehavior, ismetadata, createdon, modifiedon, createdby, modifiedby, versionnumber)"
            " VALUES (?, ?, ?, ?, 0, 1, ?, ?, ?, ?, ?)",
            (
                str(uuid.uuid4()),
                solution["solutionid"],
                component.kind,
                component.id,
                now,
                now,
                session.access.user_id,
                session.access.user_id,
                next_version(session.connection),
            ),
        )
