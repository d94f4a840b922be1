"""Giving roles their privileges: AddPrivilegesRole, ReplacePrivilegesRole, and what users end up with.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/addprivilegesrole
"""

import uuid
from typing import Any

from sandbox.dataverse.behaviours.roles import family, forbid_administrator
from sandbox.dataverse.errors import ApiError, bad_payload, no_record
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.security.access import row_owner
from sandbox.dataverse.security.privileges import DEPTH_NAMES, DEPTHS, GLOBAL
from sandbox.dataverse.security.rights import Rights
from sandbox.dataverse.storage import next_version

FLAGS = {"Basic": "canbebasic", "Local": "canbelocal", "Deep": "canbedeep", "Global": "canbeglobal"}


def read_privileges(session: Session, body: dict[str, Any]) -> dict[str, int]:
    """Depth masks by privilege id from an action's body. Raises 400, or 403 for what the caller lacks."""
    items = body.get("Privileges")
    if not isinstance(items, list):
        raise bad_payload("The parameter 'Privileges' must be a collection of RolePrivilege.")
    return dict(_read_privilege(session, item) for item in items)


def _read_privilege(session: Session, item: Any) -> tuple[str, int]:
    if not isinstance(item, dict):
        raise bad_payload("The parameter 'Privileges' must be a collection of RolePrivilege.")
    privilege_id = as_guid(str(item.get("PrivilegeId", "")))
    depth = _depth(item.get("Depth"))
    row = session.connection.execute(
        "SELECT * FROM privilege WHERE privilegeid = ?", (privilege_id,)
    ).fetchone()
    if privilege_id is None or row is None:
        raise no_record("privilege", str(item.get("PrivilegeId")))
    if not row[FLAGS[DEPTH_NAMES[depth]]]:
        raise ApiError(
            "InvalidArgument",
            f"The privilege {row['name']} cannot have the depth {DEPTH_NAMES[depth]}.",
            code="0x8004140B",
        )
    held = session.access.rights.grant(row["name"])
    if held is None or held.depth < depth:
        raise ApiError(
            "CannotGrant",
            f"Principal user (Id={session.access.user_id}, type=8) cannot grant the privilege {row['name']} "
            f"(Id={privilege_id}) at depth {DEPTH_NAMES[depth]}: the caller does not hold it.",
        )
    return privilege_id, depth


def _depth(value: Any) -> int:
    """A depth by name, or by its number in the PrivilegeDepth enumeration."""
    if isinstance(value, str) and value in DEPTHS:
        return DEPTHS[value]
    if isinstance(value, str) and value.isdigit() and len(value) == 1:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(DEPTHS):
        return list(DEPTHS.values())[value]
    raise bad_payload(f"'{value}' is not a PrivilegeDepth: Basic, Local, Deep or Global.")


def set_privileges(session: Session, role_id: str, wanted: dict[str, int], *, replace: bool) -> None:
    """Add privileges to a role and its copies, or replace what they have."""
    entity = session.entity("role")
    row = session.record(entity, role_id)
    if row is None:
        raise no_record("role", role_id)
    session.access.check("Write", entity, row_owner(entity, role_id, row))
    forbid_administrator(dict(row))
    for role in family(session, role_id):
        if replace:
            session.connection.execute("DELETE FROM roleprivileges WHERE roleid = ?", (role,))
        _grant(session, role, wanted)
    session.organization.touched("roleprivileges")


def _grant(session: Session, role: str, wanted: dict[str, int]) -> None:
    version = next_version(session.connection, len(wanted) + 1)
    session.connection.executemany(
        "INSERT INTO roleprivileges (roleprivilegesid, roleid, privilegeid, privilegedepthmask, versionnumber)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (roleid, privilegeid)"
        " DO UPDATE SET privilegedepthmask = excluded.privilegedepthmask",
        [
            (str(uuid.uuid4()), role, key, depth, version + at)
            for at, (key, depth) in enumerate(wanted.items())
        ],
    )


def remove_privilege(session: Session, role_id: str, privilege_id: str) -> None:
    """Take one privilege from a role and its copies."""
    entity = session.entity("role")
    row = session.record(entity, role_id)
    if row is None:
        raise no_record("role", role_id)
    session.access.check("Write", entity, row_owner(entity, role_id, row))
    forbid_administrator(dict(row))
    for role in family(session, role_id):
        session.connection.execute(
            "DELETE FROM roleprivileges WHERE roleid = ? AND privilegeid = ?", (role, privilege_id)
        )
    session.organization.touched("roleprivileges")


def role_privileges(session: Session, role_id: str) -> list[dict[str, Any]]:
    """RolePrivilege items of a role."""
    rows = session.connection.execute(
        "SELECT rp.privilegedepthmask, rp.privilegeid, r.businessunitid, p.name FROM roleprivileges rp"
        " JOIN role r ON r.roleid = rp.roleid JOIN privilege p ON p.privilegeid = rp.privilegeid"
        " WHERE rp.roleid = ? ORDER BY p.name",
        (role_id,),
    )
    return [_item(depth, key, unit, name) for depth, key, unit, name in rows]


def user_privileges(session: Session, rights: Rights, name: str | None = None) -> list[dict[str, Any]]:
    """RolePrivilege items of a user, all of them or the one with a name."""
    ids = dict(session.connection.execute("SELECT name, privilegeid FROM privilege").fetchall())
    wanted = sorted(rights.grants) if name is None else [name] if name in rights.grants else []
    return [_item(rights.grants[n].depth, ids[n], rights.business_unit_id, n) for n in wanted if n in ids]


def _item(depth: int, privilege_id: str, unit: str, name: str) -> dict[str, Any]:
    return {
        "Depth": DEPTH_NAMES.get(depth, DEPTH_NAMES[GLOBAL]),
        "PrivilegeId": privilege_id,
        "BusinessUnitId": unit,
        "PrivilegeName": name,
        "RecordFilterId": "00000000-0000-0000-0000-000000000000",
        "RecordFilterUniqueName": "",
    }
