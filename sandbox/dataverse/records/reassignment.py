"""Handing over all that a user owns: ReassignObjectsSystemUser.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/reassignobjectssystemuser
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from typing import Any

from sandbox.dataverse.errors import bad_payload, no_record
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.records.references import Reference
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.writer import Writer
from sandbox.dataverse.storage import quoted

KEYS = {"systemuser": "systemuserid", "team": "teamid"}


def read_principal(session: Session, body: dict[str, Any]) -> Reference:
    """The user or team that an action's body names. Raises 400, or 404 for one that is not there."""
    given = body.get("ReassignPrincipal")
    kind = str(given.get("@odata.type", "")) if isinstance(given, dict) else ""
    table = kind.removeprefix("#").removeprefix("Microsoft.Dynamics.CRM.")
    if not isinstance(given, dict) or table not in KEYS:
        raise bad_payload("The parameter 'ReassignPrincipal' must be a systemuser or a team.")
    entity, principal_id = session.entity(table), as_guid(str(given.get(KEYS[table], "")))
    if principal_id is None or session.record(entity, principal_id) is None:
        raise no_record(table, str(given.get(KEYS[table])))
    return Reference(entity, principal_id)


def reassign(session: Session, user_id: str, heir: Reference) -> None:
    """Give every record of the user another owner, each as an assignment of its own."""
    address = f"/{heir.entity.table.set_name}({heir.id})"
    for entity in list(session.snapshot.entities.values()):
        if not entity.has_owner:
            continue
        found = session.connection.execute(
            f"SELECT {quoted(entity.id)} FROM {quoted(entity.name)} WHERE ownerid = ?", (user_id,)
        )
        for (record_id,) in found.fetchall():
            Writer(session).update(entity, record_id, {"ownerid@odata.bind": address})
