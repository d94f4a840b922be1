"""Functions and actions, unbound and bound."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections.abc import Callable
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_payload, bad_query, no_record
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.path import Segment, parameters, segments
from sandbox.dataverse.odata.tree import Literal
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.records.reassignment import read_principal, reassign
from sandbox.dataverse.records.references import ROOT, KeyAddress, Reference, find, read_key
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.writer import Writer
from sandbox.dataverse.security.access import row_owner
from sandbox.dataverse.security.roles import read_privileges, role_privileges, set_privileges, user_privileges
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.call import Answer, Call, no_content

# English, the only language of a new environment.
LANGUAGE = 1033
Parameters = dict[str, Literal]


def _response(session: Session, name: str, body: dict[str, Any]) -> Answer:
    return Answer(
        body={"@odata.context": f"{session.base}/$metadata#Microsoft.Dynamics.CRM.{name}Response", **body}
    )


def who_am_i(session: Session, _given: Parameters) -> Answer:
    rights = session.access.rights
    return _response(
        session,
        "WhoAmI",
        {
            "BusinessUnitId": rights.business_unit_id,
            "UserId": rights.user_id,
            "OrganizationId": session.organization.environment.id,
        },
    )


def retrieve_version(session: Session, _given: Parameters) -> Answer:
    return _response(session, "RetrieveVersion", {"Version": session.organization.environment.version})


def total_record_count(session: Session, given: Parameters) -> Answer:
    """A snapshot in Dataverse; counted on the spot here."""
    names = given.get("EntityNames")
    if names is None or names.kind != "array":
        raise bad_query("The function RetrieveTotalRecordCount needs the parameter EntityNames as an array.")
    counts = []
    for name in names.value:
        entity = session.snapshot.entities.get(str(name))
        if entity is None:
            raise ApiError(
                "InvalidArgument",
                f"The entity with a name = '{name}' was not found in the MetadataCache.",
                code="0x80041102",
            )
        session.access.grant_for("Read", entity)
        counts.append(session.connection.execute(f"SELECT count(*) FROM {quoted(entity.name)}").fetchone()[0])
    collection = {"Count": len(counts), "IsReadOnly": False, "Keys": names.value, "Values": counts}
    return _response(session, "RetrieveTotalRecordCount", {"EntityRecordCountCollection": collection})


def role_privileges_of(session: Session, given: Parameters) -> Answer:
    """RetrieveRolePrivilegesRole(RoleId=…)"""
    role_id = as_guid(str(given["RoleId"].value)) if "RoleId" in given else None
    if role_id is None:
        raise bad_query("The function RetrieveRolePrivilegesRole needs the parameter RoleId.")
    return _role_privileges(session, role_id)


def _role_privileges(session: Session, role_id: str) -> Answer:
    entity = session.entity("role")
    row = session.record(entity, role_id)
    if row is None:
        raise no_record("role", role_id)
    session.access.check("Read", entity, row_owner(entity, role_id, row))
    return _response(
        session, "RetrieveRolePrivilegesRole", {"RolePrivileges": role_privileges(session, role_id)}
    )


def available_languages(session: Session, _given: Parameters) -> Answer:
    return _response(session, "RetrieveAvailableLanguages", {"LocaleIds": [LANGUAGE]})


def provisioned_languages(session: Session, _given: Parameters) -> Answer:
    return _response(session, "RetrieveProvisionedLanguages", {"RetrieveProvisionedLanguages": [LANGUAGE]})


FUNCTIONS: dict[str, Callable[[Session, Parameters], Answer]] = {
    "RetrieveAvailableLanguages": available_languages,
    "RetrieveProvisionedLanguages": provisioned_languages,
    "WhoAmI": who_am_i,
    "RetrieveVersion": retrieve_version,
    "RetrieveTotalRecordCount": total_record_count,
    "RetrieveRolePrivilegesRole": role_privileges_of,
}


def call_function(session: Session, call: Call, segment: Segment) -> Answer:
    """An unbound function. Posting to one is answered like an unknown address."""
    if call.method not in {"GET", "HEAD"}:
        message = (
            f"No HTTP resource was found that matches the request URI '{call.base}/{call.path.strip('/')}'."
        )
        raise ApiError("NotFound", message, code="")
    return FUNCTIONS[segment.name](session, parameters(segment, call.aliases))


def _user(session: Session, reference: Reference) -> Any:
    row = session.record(reference.entity, reference.id)
    if row is None:
        raise no_record(reference.entity.name, reference.id)
    session.access.check("Read", reference.entity, row_owner(reference.entity, reference.id, row))
    return session.organization.callers.rights(reference.id, row["businessunitid"])


def retrieve_user_privileges(
    session: Session, _call: Call, reference: Reference, _segment: Segment
) -> Answer:
    rights = _user(session, reference)
    return _response(session, "RetrieveUserPrivileges", {"RolePrivileges": user_privileges(session, rights)})


def retrieve_user_privilege(session: Session, call: Call, reference: Reference, segment: Segment) -> Answer:
    name = parameters(segment, call.aliases).get("PrivilegeName")
    known = (
        name
        and session.connection.execute(
            "SELECT 1 FROM privilege WHERE name = ?", (str(name.value),)
        ).fetchone()
    )
    if name is None or not known:
        raise ApiError(
            "InvalidArgument", f"The privilege name '{name.value if name else ''}' does not exist."
        )
    found = user_privileges(session, _user(session, reference), str(name.value))
    return _response(session, "RetrieveUserPrivilegeByPrivilegeName", {"RolePrivileges": found})


def retrieve_role_privileges(
    session: Session, _call: Call, reference: Reference, _segment: Segment
) -> Answer:
    return _role_privileges(session, reference.id)


def add_privileges(session: Session, call: Call, reference: Reference, _segment: Segment) -> Answer:
    return _set_privileges(session, call, reference, replace=False)


def replace_privileges(session: Session, call: Call, reference: Reference, _segment: Segment) -> Answer:
    return _set_privileges(session, call, reference, replace=True)


def _set_privileges(session: Session, call: Call, reference: Reference, *, replace: bool) -> Answer:
    with session.organization.write():
        set_privileges(session, reference.id, read_privileges(session, call.json()), replace=replace)
    return no_content()


def reassign_objects(session: Session, call: Call, reference: Reference, _segment: Segment) -> Answer:
    if session.record(reference.entity, reference.id) is None:
        raise no_record(reference.entity.name, reference.id)
    with session.organization.write():
        reassign(session, reference.id, read_principal(session, call.json()))
    return no_content()


BoundHandler = Callable[[Session, Call, Reference, Segment], Answer]
# (table, name): (method, handler)
BOUND: dict[tuple[str, str], tuple[str, BoundHandler]] = {
    ("systemuser", "RetrieveUserPrivileges"): ("GET", retrieve_user_privileges),
    ("systemuser", "RetrieveUserPrivilegeByPrivilegeName"): ("GET", retrieve_user_privilege),
    ("systemuser", "ReassignObjectsSystemUser"): ("POST", reassign_objects),
    ("role", "RetrieveRolePrivilegesRole"): ("GET", retrieve_role_privileges),
    ("role", "AddPrivilegesRole"): ("POST", add_privileges),
    ("role", "ReplacePrivilegesRole"): ("POST", replace_privileges),
}


def _targets(call: Call, table: str) -> list[dict[str, Any]]:
    targets = call.json().get("Targets")
    if not isinstance(targets, list) or not targets or not all(isinstance(item, dict) for item in targets):
        raise bad_payload("The parameter 'Targets' must be a non-empty collection of records.")
    for item in targets:
        kind = str(item.get("@odata.type", "")).removeprefix("#").removeprefix("Microsoft.Dynamics.CRM.")
        if kind != table:
            raise bad_payload(
                f"Each item of 'Targets' needs the @odata.type 'Microsoft.Dynamics.CRM.{table}'."
            )
    return targets


def create_multiple(session: Session, call: Call, table: str) -> Answer:
    """All rows or none, ids in the order of the items."""
    targets = _targets(call, table)
    with session.organization.write():
        writer = Writer(session)
        ids = [writer.create(session.entity(table), item) for item in targets]
    return _response(session, "CreateMultiple", {"Ids": ids})


def update_multiple(session: Session, call: Call, table: str) -> Answer:
    entity = session.entity(table)
    targets = _targets(call, table)
    with session.organization.write():
        writer = Writer(session)
        for item in targets:
            record_id = as_guid(str(item.get(entity.id, "")))
            if record_id is None:
                raise bad_payload(f"Each item of 'Targets' needs its primary key '{entity.id}'.")
            if session.record(entity, record_id) is None:
                raise ApiError("NotFound", f"{entity.table.schema_name} With Ids = {record_id} Do Not Exist")
            writer.update(entity, record_id, item)
    return no_content()


def upsert_multiple(session: Session, call: Call, table: str) -> Answer:
    """Items name their row by @odata.id, or by the primary key in the body."""
    targets = _targets(call, table)
    with session.organization.write():
        for item in targets:
            _upsert_item(session, session.entity(table), item)
    return no_content()


def _upsert_item(session: Session, entity: Entity, item: dict[str, Any]) -> None:
    address = item.get("@odata.id")
    if isinstance(address, str):
        key = read_key(entity, segments(ROOT.sub("", address).lstrip("/"))[-1])
    else:
        key = KeyAddress(as_guid(str(item.get(entity.id, ""))), {})
    found = find(session, entity, key) if key.id or key.values else None
    writer = Writer(session)
    if found:
        writer.update(entity, found, {k: v for k, v in item.items() if k not in key.values})
        return
    repeated = [name for name in key.values if name in item]
    if repeated:
        raise ApiError(
            "Unexpected", f"An unexpected error occurred: the key column '{repeated[0]}' is given twice."
        )
    writer.create(entity, {**item, entity.id: key.id} if key.id else item, defaults=key.values)


def delete_multiple(_session: Session, _call: Call, _table: str) -> Answer:
    """Only elastic tables have it, and there are none here."""
    raise ApiError("NotImplemented", "DeleteMultiple has not yet been implemented.")


COLLECTION_ACTIONS: dict[str, Callable[[Session, Call, str], Answer]] = {
    "CreateMultiple": create_multiple,
    "DeleteMultiple": delete_multiple,
    "UpdateMultiple": update_multiple,
    "UpsertMultiple": upsert_multiple,
}
