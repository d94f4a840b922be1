"""From a path to what answers it."""

from collections.abc import Container

from sandbox.dataverse.errors import ApiError, bad_query, no_method, no_segment
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.path import Segment, segments
from sandbox.dataverse.records.references import KeyAddress, Reference, find, missing, read_key
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call
from sandbox.dataverse.web.changes import change_below, create, delete, upsert
from sandbox.dataverse.web.customizing import METADATA_ACTIONS, call_metadata_action, change_metadata
from sandbox.dataverse.web.files import answer_file, file_column
from sandbox.dataverse.web.jobs import BULK_DELETE, bulk_delete
from sandbox.dataverse.web.metadata import NEEDED, read_metadata
from sandbox.dataverse.web.metadata_changes import retrieve_metadata_changes
from sandbox.dataverse.web.operations import BOUND, COLLECTION_ACTIONS, FUNCTIONS, call_function
from sandbox.dataverse.web.records import NAMESPACE, Place, count_rows, list_rows, read_place
from sandbox.dataverse.web.service import metadata_document
from sandbox.dataverse.web.tracking import DELTA, count_changes, is_tracking, list_changes

LONGEST_URL = 32768
LONGEST_IN_BATCH = 65536
READS = frozenset({"GET", "HEAD"})
STANDING_ALONE = {"$metadata": metadata_document, BULK_DELETE: bulk_delete}


def dispatch(session: Session, call: Call) -> Answer:  # noqa: PLR0911 - one return for each kind of address
    """Answer one operation. Raises ApiError."""
    longest = LONGEST_IN_BATCH if call.in_batch else LONGEST_URL
    if len(call.path) + len(call.query) > longest and call.method in READS:
        raise ApiError("BadQuery", "The request URI is too long.", status=414)
    parts = segments(call.path)
    if not parts:
        return _service_document(session, call)
    head = parts[0]
    if head.name == "RetrieveMetadataChanges" and len(parts) == 1:
        return retrieve_metadata_changes(session, call, head)
    if head.name in STANDING_ALONE and len(parts) == 1:
        return STANDING_ALONE[head.name](session, call)
    if head.name in FUNCTIONS and len(parts) == 1:
        return call_function(session, call, head)
    if head.name in NEEDED:
        return (read_metadata if call.method in READS else change_metadata)(session, call, parts)
    if head.name in METADATA_ACTIONS and len(parts) == 1:
        return call_metadata_action(session, call, head.name)
    entity = session.snapshot.sets.get(head.name)
    if entity is None:
        raise no_segment(head.name)
    if head.arguments is None:
        return _set(session, call, entity, parts[1:])
    return _row(session, call, entity, head, parts[1:])


def _service_document(session: Session, call: Call) -> Answer:
    if call.method not in READS:
        raise no_method(call.method)
    names = sorted(session.snapshot.sets)
    listed = [{"name": name, "kind": "EntitySet", "url": name} for name in [*names, *sorted(NEEDED)]]
    return Answer(body={"@odata.context": f"{session.base}/$metadata", "value": listed})


def _set(session: Session, call: Call, entity: Entity, rest: list[Segment]) -> Answer:
    if rest and rest[0].name.startswith(NAMESPACE) and len(rest) == 1:
        action = COLLECTION_ACTIONS.get(rest[0].name.removeprefix(NAMESPACE))
        if action is None:
            raise no_segment(rest[0].name)
        if call.method != "POST":
            raise no_method(call.method)
        return action(session, call, entity.name)
    if rest and rest[0].name == "$count" and len(rest) == 1 and call.method in READS:
        if call.option(DELTA) is not None:
            return count_changes(session, call, entity)
        return count_rows(session, call, entity)
    if rest:
        _refuse_bare_name(rest[0], COLLECTION_ACTIONS)
        raise no_segment(rest[0].name)
    if call.method in READS:
        return list_changes(session, call, entity) if is_tracking(call) else list_rows(session, call, entity)
    if call.method == "POST":
        return create(session, call, entity)
    raise no_method(call.method)


def _row(session: Session, call: Call, entity: Entity, head: Segment, rest: list[Segment]) -> Answer:
    if rest:
        _refuse_bare_name(rest[0], {name for table, name in BOUND if table == entity.name})
    if call.method == "PATCH" and not rest:
        return upsert(session, call, entity, head)
    key = read_key(entity, head, call.aliases)
    reference = _reference(session, entity, key)
    if rest and rest[0].name.startswith(NAMESPACE):
        return _bound(session, call, reference, rest)
    column = file_column(reference, rest)
    if column is not None:
        return answer_file(session, call, reference, column, rest)
    if call.method in READS:
        return read_place(Place(session, call, reference), rest)
    if rest:
        return change_below(session, call, reference, rest)
    if call.method == "DELETE":
        return delete(session, call, reference)
    raise no_method(call.method)


def _refuse_bare_name(segment: Segment, bound: Container[str]) -> None:
    """What is bound is called by its whole name. Raises a 400."""
    if segment.name in bound:
        raise bad_query("Request message has unresolved parameters.")


def _reference(session: Session, entity: Entity, key: KeyAddress) -> Reference:
    if key.id:
        return Reference(entity, key.id)
    session.access.grant_for("Read", entity)
    found = find(session, entity, key)
    if found is None:
        raise missing(entity, key)
    return Reference(entity, found)


def _bound(session: Session, call: Call, reference: Reference, rest: list[Segment]) -> Answer:
    name = rest[0].name.removeprefix(NAMESPACE)
    found = BOUND.get((reference.entity.name, name))
    if found is None or len(rest) > 1:
        raise bad_query("Request message has unresolved parameters.")
    method, handler = found
    if call.method != method and not (method == "GET" and call.method == "HEAD"):
        raise no_method(call.method)
    return handler(session, call, reference, rest[0])
