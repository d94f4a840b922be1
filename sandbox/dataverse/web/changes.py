"""Requests that change rows: POST, PATCH, PUT and DELETE, with their preconditions.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
"""

import re
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.errors import ApiError, bad_payload, no_method, no_record, no_segment
from sandbox.dataverse.metadata.snapshot import Entity, Navigation
from sandbox.dataverse.odata.path import Segment
from sandbox.dataverse.records.associations import link_rows, unlink_rows
from sandbox.dataverse.records.deletion import Deleter
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.references import KeyAddress, Reference, find, missing, read_key, resolve
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.writer import Writer
from sandbox.dataverse.security.roles import remove_privilege
from sandbox.dataverse.web.call import Answer, Call, no_content
from sandbox.dataverse.web.records import entity_url, read_one

# The only collection that can be written as a whole.
PARTIES = "activityparty"
ETAG = re.compile(r'(?:W/)?"(\d+)"\Z')


def create(session: Session, call: Call, entity: Entity) -> Answer:
    """POST to a set."""
    body = call.json()
    with session.organization.write():
        record_id = Writer(session).create(entity, body)
        return _created(session, call, Reference(entity, record_id))


def _created(session: Session, call: Call, reference: Reference) -> Answer:
    if session.preferences.representation:
        document = read_one(session, reference, call.option("$select"), call.option("$expand"))
        return Answer(201, document, {"ETag": document["@odata.etag"]} if "@odata.etag" in document else {})
    return no_content(entity_url(session, reference.entity, reference.id))


def precondition(call: Call, name: str) -> str | None:
    """If-Match or If-None-Match; the literal word null means nothing, as Microsoft's clients send it."""
    value = (call.header(name) or "").strip()
    return None if value in {"", "null"} else value


def check_version(session: Session, entity: Entity, record_id: str, asked: str) -> None:
    """Raise unless a row's version is the one asked for."""
    if asked == "*":
        return
    if not entity.table.optimistic_concurrency:
        raise ApiError(
            "ConcurrencyDisabled",
            f"Optimistic concurrency isn't enabled for entity type {entity.name}. The IfVersionMatches behavior can't be used.",
        )
    found = ETAG.match(asked)
    if not found:
        raise ApiError(
            "VersionMissing", f"The version '{asked}' of the If-Match header is not a row version."
        )
    row = session.record(entity, record_id)
    if row is not None and str(row["versionnumber"]) != found.group(1):
        raise ApiError(
            "VersionMismatch",
            "The version of the existing record doesn't match the RowVersion property provided.",
        )


def upsert(session: Session, call: Call, entity: Entity, segment: Segment) -> Answer:
    """PATCH of a row: update it, or create it unless If-Match says that it must be there."""
    body = call.json()
    key = read_key(entity, segment, call.aliases)
    with session.organization.write():
        found = find(session, entity, key)
        if found is None:
            if precondition(call, "if-match"):
                raise missing(entity, key)
            return _create_by_key(session, call, entity, key=key, segment=segment, body=body)
        if precondition(call, "if-none-match") == "*":
            raise ApiError("DuplicateRecord", "A record with matching key values already exists.")
        asked = precondition(call, "if-match")
        if asked:
            check_version(session, entity, found, asked)
        kept = {name: value for name, value in body.items() if name not in key.values}
        Writer(session).update(entity, found, kept)
        if session.preferences.representation:
            return Answer(200, read_one(session, Reference(entity, found), call.option("$select"), None))
        return no_content(_echo(session, entity, key, segment, found))


def _echo(session: Session, entity: Entity, key: KeyAddress, segment: Segment, record_id: str) -> str:
    """An alternate key is answered by the same key."""
    if key.id:
        return entity_url(session, entity, record_id)
    arguments = quote(segment.arguments or "", safe="='(),")
    return f"{session.base}/{entity.table.set_name}({arguments})"


def _create_by_key(
    session: Session, call: Call, entity: Entity, *, key: KeyAddress, segment: Segment, body: dict[str, Any]
) -> Answer:
    """The body's values win over the URL's; what it leaves out is taken from there."""
    if key.id:
        body = {**body, entity.id: key.id}
    writer = Writer(session)
    record_id = writer.create(entity, body, defaults=key.values)
    if session.preferences.representation:
        return _created(session, call, Reference(entity, record_id))
    return no_content(_echo(session, entity, key, segment, record_id))


def delete(session: Session, call: Call, reference: Reference) -> Answer:
    """DELETE of a row."""
    with session.organization.write():
        if session.record(reference.entity, reference.id) is None:
            raise no_record(reference.entity.name, reference.id)
        asked = precondition(call, "if-match")
        if asked:
            check_version(session, reference.entity, reference.id, asked)
        Deleter(session).delete(reference.entity, reference.id)
    return no_content()


def change_below(session: Session, call: Call, reference: Reference, rest: list[Segment]) -> Answer:
    """PUT, POST and DELETE of a property or a link of a row."""
    name = rest[0].name
    navigation = reference.entity.navigations.get(name)
    if navigation is not None:
        return _links(session, call, reference, navigation, rest)
    if name not in reference.entity.by_wire:
        raise no_segment(name)
    if len(rest) > 1 or call.method not in {"PUT", "DELETE"}:
        raise no_method(call.method)
    return _set_value(session, call, reference, name)


def _set_value(session: Session, call: Call, reference: Reference, name: str) -> Answer:
    value = None
    if call.method == "PUT":
        body = call.json()
        if "value" not in body:
            raise bad_payload("The payload of a property must have the member 'value'.")
        value = body["value"]
    with session.organization.write():
        Writer(session).update(reference.entity, reference.id, {name: value})
    return no_content()


def _links(
    session: Session, call: Call, near: Reference, navigation: Navigation, rest: list[Segment]
) -> Answer:
    """…/nav/$ref, …/nav({key})/$ref, and POST of a new row to a collection."""
    if len(rest) == 1 and call.method == "POST" and navigation.kind == "many":
        return _create_child(session, call, near, navigation)
    if len(rest) == 1 and call.method == "PUT" and navigation.target == PARTIES:
        return _replace_parties(session, call, near, navigation)
    if len(rest) != 2 or rest[1].name != "$ref":
        raise no_method(call.method)
    with session.organization.write():
        if session.record(near.entity, near.id) is None:
            raise no_record(near.entity.name, near.id)
        if navigation.is_single:
            _set_lookup(session, call, near, navigation)
        elif call.method == "POST":
            _add(session, near, navigation, resolve(session, call.json().get("@odata.id")))
        elif call.method == "DELETE":
            _remove(session, near, navigation, _far(session, call, navigation, rest[0]))
        else:
            raise no_method(call.method)
    return no_content()


def _create_child(session: Session, call: Call, near: Reference, navigation: Navigation) -> Answer:
    target = session.entity(navigation.target)
    lookup = navigation.relationship.lookup_name  # type: ignore[union-attr]
    body = {**call.json(), f"{lookup}@odata.bind": f"/{near.entity.table.set_name}({near.id})"}
    with session.organization.write():
        record_id = Writer(session).create(target, body)
        return _created(session, call, Reference(target, record_id))


def _replace_parties(session: Session, call: Call, near: Reference, navigation: Navigation) -> Answer:
    """PUT of an activity's parties: the new ones instead of the old ones."""
    value = call.json().get("value")
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise bad_payload("The payload of a collection must have the member 'value', a list of records.")
    target = session.entity(navigation.target)
    lookup = navigation.relationship.lookup_name  # type: ignore[union-attr]
    with session.organization.write() as connection:
        if session.record(near.entity, near.id) is None:
            raise no_record(near.entity.name, near.id)
        statement = "SELECT activitypartyid FROM activityparty WHERE activityid = ?"
        old = connection.execute(statement, (near.id,)).fetchall()
        for row in old:
            Deleter(session).delete(target, row[0])
        for party in value:
            bind = {f"{lookup}@odata.bind": f"/{near.entity.table.set_name}({near.id})"}
            Writer(session).create(target, party | bind)
    return no_content()


def _set_lookup(session: Session, call: Call, near: Reference, navigation: Navigation) -> None:
    if call.method not in {"PUT", "DELETE"}:
        raise no_method(call.method)
    body: dict[str, Any] = {f"{navigation.name}@odata.bind": None}
    if call.method == "PUT":
        body[f"{navigation.name}@odata.bind"] = call.json().get("@odata.id")
    Writer(session).update(near.entity, near.id, body)


def _far(session: Session, call: Call, navigation: Navigation, segment: Segment) -> Reference:
    target = session.entity(navigation.target)
    if segment.arguments is not None:
        key = read_key(target, segment, call.aliases)
        found = find(session, target, key)
        if found is None:
            raise missing(target, key)
        return Reference(target, found)
    return resolve(session, call.option("$id"))


def _fits(far: Reference, navigation: Navigation) -> None:
    if far.entity.name != navigation.target:
        raise bad_payload(
            f"A reference to '{far.entity.name}' does not fit the navigation property '{navigation.name}'."
        )


def _add(session: Session, near: Reference, navigation: Navigation, far: Reference) -> None:
    _fits(far, navigation)
    if navigation.kind == "many":
        draft = Draft(far.entity)
        draft.link(far.entity.columns[navigation.column], near)
        Writer(session).change(draft, far.id)
    elif navigation.relationship.intersect == "roleprivileges":  # type: ignore[union-attr]
        raise ApiError(
            "NotSupported",
            "Privileges are added to roles by the actions AddPrivilegesRole and ReplacePrivilegesRole.",
        )
    else:
        link_rows(session, navigation, near, far)


def _remove(session: Session, near: Reference, navigation: Navigation, far: Reference) -> None:
    _fits(far, navigation)
    if navigation.kind == "many":
        row = session.record(far.entity, far.id)
        if row is not None and row[navigation.column] == near.id:
            draft = Draft(far.entity)
            draft.link(far.entity.columns[navigation.column], None)
            Writer(session).change(draft, far.id)
    elif navigation.relationship.intersect == "roleprivileges":  # type: ignore[union-attr]
        role, privilege = (near, far) if near.entity.name == "role" else (far, near)
        remove_privilege(session, role.id, privilege.id)
    else:
        unlink_rows(session, navigation, near, far)
