"""Security roles: every business unit has its own copy of the roles of the units above it."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import uuid
from typing import Any

from sandbox.dataverse.behaviours.base import Behaviour
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import next_version, quoted

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"


def copy_role(session: Session, role: dict[str, Any], unit: str) -> str:
    """The copy of a role for a unit right below the role's own, with its privileges."""
    new_id = str(uuid.uuid4())
    copy = role | {
        "roleid": new_id,
        "businessunitid": unit,
        "parentroleid": role["roleid"],
        "versionnumber": next_version(session.connection),
    }
    columns = ", ".join(quoted(name) for name in copy)
    marks = ", ".join("?" * len(copy))
    session.connection.execute(f"INSERT INTO role ({columns}) VALUES ({marks})", tuple(copy.values()))
    rows = session.connection.execute(
        "SELECT privilegeid, privilegedepthmask FROM roleprivileges WHERE roleid = ?", (role["roleid"],)
    ).fetchall()
    version = next_version(session.connection, len(rows) + 1)
    session.connection.executemany(
        "INSERT INTO roleprivileges (roleprivilegesid, roleid, privilegeid, privilegedepthmask, versionnumber)"
        " VALUES (?, ?, ?, ?, ?)",
        [(str(uuid.uuid4()), new_id, row[0], row[1], version + at) for at, row in enumerate(rows)],
    )
    return new_id


def copy_downwards(session: Session, role_id: str) -> None:
    """Copies for all units below the role's."""
    role = session.connection.execute("SELECT * FROM role WHERE roleid = ?", (role_id,)).fetchone()
    units = session.connection.execute(
        "SELECT businessunitid FROM businessunit WHERE parentbusinessunitid = ?", (role["businessunitid"],)
    ).fetchall()
    for unit in units:
        copy_downwards(session, copy_role(session, dict(role), unit[0]))
    if units:
        session.organization.touched("roleprivileges")


def family(session: Session, role_id: str) -> list[str]:
    """A role and its copies further down."""
    rows = session.connection.execute(
        "WITH RECURSIVE copies(id) AS (VALUES (?) UNION SELECT r.roleid FROM role r JOIN copies"
        " ON r.parentroleid = copies.id) SELECT id FROM copies",
        (role_id,),
    )
    return [row[0] for row in rows]


class RoleBehaviour(Behaviour):
    """Copies follow their original."""

    def before_create(self, session: Session, draft: Draft) -> None:
        values = draft.values
        values.setdefault("businessunitid", session.access.rights.business_unit_id)
        values["roleid"] = values.get("roleid") or str(uuid.uuid4())
        values["parentrootroleid"] = values["roleid"]
        values["canbedeleted"] = values["iscustomizable"] = 1

    def check_create(self, session: Session, draft: Draft) -> None:
        values = draft.values
        taken = session.connection.execute(
            "SELECT 1 FROM role WHERE name = ? AND businessunitid = ?",
            (values.get("name"), values["businessunitid"]),
        ).fetchone()
        if taken:
            raise ApiError(
                "DuplicateRecord",
                "A role with the specified name already exists.",
                code="0x80040232",
                status=400,
            )

    def after_create(self, session: Session, draft: Draft) -> None:
        copy_downwards(session, draft.values["roleid"])

    def before_update(self, session: Session, draft: Draft, before: dict[str, Any]) -> None:
        del session
        forbid_administrator(before)
        draft.values.pop("businessunitid", None)

    def after_update(self, session: Session, draft: Draft, before: dict[str, Any]) -> None:
        if "name" in draft.values:
            for copy in family(session, before["roleid"]):
                session.connection.execute(
                    "UPDATE role SET name = ? WHERE roleid = ?", (draft.values["name"], copy)
                )

    def before_delete(self, session: Session, record_id: str, row: dict[str, Any]) -> None:
        forbid_administrator(row)
        for table in ("systemuserroles", "teamroles"):
            used = session.connection.execute(f"SELECT 1 FROM {table} WHERE roleid = ? LIMIT 1", (record_id,))
            if used.fetchone():
                raise ApiError(
                    "CannotDeleteReferenced",
                    "The role cannot be deleted because it is associated with one or more users.",
                    code="0x80041D5F",
                )


def forbid_administrator(row: dict[str, Any]) -> None:
    if row.get("roletemplateid") == SYSTEM_ADMINISTRATOR:
        raise ApiError(
            "NotSupported", "The System Administrator role cannot be changed.", code="0x80041D4B", status=400
        )
