"""Links between rows of N:N relationships."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import sqlite3
import uuid
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.snapshot import Navigation
from sandbox.dataverse.records.references import Reference
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.security.access import row_owner
from sandbox.dataverse.storage import next_version, quoted

# Giving somebody a role is a privilege of its own, not the pair of Append and AppendTo.
ASSIGNING = frozenset({"systemuserroles", "teamroles"})


def check_link(session: Session, intersect: str, near: Reference, far: Reference) -> None:
    """Raise 403 unless the caller may link, or unlink, the two rows."""
    if intersect in ASSIGNING:
        session.access.demand("prvAssignRole")
        return
    for verb, reference in (("Append", near), ("AppendTo", far)):
        row = session.record(reference.entity, reference.id)
        if row is not None:
            session.access.check(verb, reference.entity, row_owner(reference.entity, reference.id, row))


def link_rows(session: Session, navigation: Navigation, near: Reference, far: Reference) -> None:
    """Associate two rows. Raises 412 when they are already."""
    intersect = navigation.relationship.intersect  # type: ignore[union-attr]
    check_link(session, intersect, near, far)
    entity = session.entity(intersect)
    values: dict[str, Any] = {
        entity.id: str(uuid.uuid4()),
        navigation.near: near.id,
        navigation.far: far.id,
    }
    if "versionnumber" in entity.columns:
        values["versionnumber"] = next_version(session.connection)
    columns, marks = ", ".join(quoted(name) for name in values), ", ".join("?" * len(values))
    try:
        session.connection.execute(
            f"INSERT INTO {quoted(intersect)} ({columns}) VALUES ({marks})", tuple(values.values())
        )
    except sqlite3.IntegrityError as error:
        raise ApiError("DuplicateRecord", "Cannot insert duplicate key.") from error
    session.organization.touched(intersect)


def unlink_rows(session: Session, navigation: Navigation, near: Reference, far: Reference) -> None:
    """Disassociate two rows; it is no error if they were not associated."""
    intersect = navigation.relationship.intersect  # type: ignore[union-attr]
    check_link(session, intersect, near, far)
    session.connection.execute(
        f"DELETE FROM {quoted(intersect)} WHERE {quoted(navigation.near)} = ? AND {quoted(navigation.far)} = ?",
        (near.id, far.id),
    )
    session.organization.touched(intersect)
