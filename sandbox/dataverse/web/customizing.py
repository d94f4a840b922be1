"""POST, PUT and DELETE of metadata resources, and the actions that change metadata.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-metadata
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from sandbox.dataverse.errors import ApiError, bad_payload, no_segment
from sandbox.dataverse.metadata.customize import choices, columns, keys, relationships, solutions, tables
from sandbox.dataverse.metadata.customize.workshop import Document, Workshop, workshop
from sandbox.dataverse.metadata.model import Choice, Column, Key, ManyToMany, OneToMany
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.path import Segment, key_values, wrong_key
from sandbox.dataverse.odata.tree import Literal
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call, no_content
from sandbox.schema.solutions import COMPONENTS

NAMESPACE = "Microsoft.Dynamics.CRM."
DECLARATION = re.compile(r"<!DOCTYPE|<!ENTITY", re.IGNORECASE)


def _bench(session: Session, call: Call) -> Any:
    solution = call.option("SolutionUniqueName") or call.header("mscrm.solutionuniquename")
    merge = (call.header("mscrm.mergelabels") or "").lower() == "true"
    return workshop(session, solution=(solution or "").strip("'") or None, merge_labels=merge)


def change_metadata(session: Session, call: Call, parts: list[Segment]) -> Answer:
    """One write below a metadata set. A resource that exists cannot be patched, only replaced."""
    parts = [
        part for part in parts if not part.name.startswith(NAMESPACE)
    ]  # casts narrow what is known already
    head, rest = parts[0], parts[1:]
    if call.method == "PATCH":
        raise _unsupported(head.name, rest)
    root = f"{session.base}/{head.name}"
    if head.name == "EntityDefinitions":
        return _tables(session, call, head, rest, root)
    if rest:
        raise _unsupported(head.name, rest)
    with _bench(session, call) as bench:
        if head.name == "RelationshipDefinitions":
            if head.arguments is None:
                _only(call, "POST", head.name)
                return no_content(f"{root}({relationships.create(bench, call.json())})")
            relationship = _relationship(bench, head, call)
            if call.method == "DELETE":
                relationships.delete(bench, relationship)
            else:
                _only(call, "PUT", head.name)
                relationships.update(bench, relationship, call.json())
            return no_content()
        if head.arguments is None:
            _only(call, "POST", head.name)
            return no_content(f"{root}({choices.create(bench, call.json()).metadata_id})")
        choice = _choice(bench, head, call)
        if call.method == "DELETE":
            choices.delete(bench, choice)
        else:
            _only(call, "PUT", head.name)
            choices.update(bench, choice, call.json())
        return no_content()


def _tables(session: Session, call: Call, head: Segment, rest: list[Segment], root: str) -> Answer:
    with _bench(session, call) as bench:
        if head.arguments is None:
            _only(call, "POST", head.name)
            return no_content(f"{root}({tables.create(bench, call.json()).metadata_id})")
        entity = _entity(bench, head, call)
        if not rest:
            if call.method == "DELETE":
                tables.delete(bench, entity)
            else:
                _only(call, "PUT", head.name)
                tables.update(bench, entity, call.json())
            return no_content()
        below = f"{root}({entity.table.metadata_id})/{rest[0].name}"
        if len(rest) == 1 and rest[0].name == "Attributes":
            return _attributes(bench, call, entity, rest[0], below)
        if len(rest) == 1 and rest[0].name == "Keys":
            # A key is answered below the address that the client used; Microsoft's SDK counts on it.
            return _keys(bench, call, entity, rest[0], f"{root}({head.arguments})/Keys")
        raise _unsupported(head.name, rest)


def _attributes(bench: Workshop, call: Call, entity: Entity, segment: Segment, address: str) -> Answer:
    if segment.arguments is None:
        _only(call, "POST", segment.name)
        bench.demand("prvCreateAttribute")
        number = max((column.number for column in entity.columns.values()), default=0) + 1
        items = columns.create(bench, entity.table, entity.columns, call.json(), number)
        items.one_to_many = [one for one in items.one_to_many if one.referenced in bench.snapshot.entities]
        bench.alteration.add(items)
        return no_content(f"{address}({items.columns[0].metadata_id})")
    column: Column = _one(
        segment, call, list(entity.columns.values()), "AttributeMetadata", LogicalName="name"
    )
    if call.method == "DELETE":
        columns.delete(bench, entity, column)
    else:
        _only(call, "PUT", segment.name)
        columns.update(bench, entity, column, call.json())
    return no_content()


def _keys(bench: Workshop, call: Call, entity: Entity, segment: Segment, address: str) -> Answer:
    if segment.arguments is None:
        _only(call, "POST", segment.name)
        return no_content(f"{address}({keys.create(bench, entity, call.json()).metadata_id})")
    key: Key = _one(segment, call, list(entity.keys.values()), "EntityKeyMetadata", LogicalName="name")
    _only(call, "DELETE", segment.name)
    keys.delete(bench, key)
    return no_content()


def _one(segment: Segment, call: Call, items: list[Any], type_name: str, **names: str) -> Any:
    """An item by MetadataId or by name. Raises 404."""
    key = key_values(segment, type_name, call.aliases)
    if isinstance(key, Literal):
        field, value = "metadata_id", as_guid(str(key.value)) or ""
    elif len(key) == 1 and next(iter(key)) in {*names, "MetadataId"}:
        name, literal = next(iter(key.items()))
        field, value = names.get(name, "metadata_id"), str(literal.value)
    else:
        raise wrong_key(type_name)
    for item in items:
        if str(getattr(item, field)).lower() == value.lower():
            return item
    raise ApiError("NotFound", f"Could not find {type_name} with the key {value or segment.arguments}")


def _entity(bench: Workshop, segment: Segment, call: Call) -> Entity:
    table = _one(
        segment,
        call,
        bench.snapshot.items.tables,
        "EntityMetadata",
        LogicalName="name",
        SchemaName="schema_name",
    )
    return bench.snapshot.entities[table.name]


def _relationship(bench: Workshop, segment: Segment, call: Call) -> OneToMany | ManyToMany:
    items = [*bench.snapshot.items.one_to_many, *bench.snapshot.items.many_to_many]
    found: OneToMany | ManyToMany = _one(
        segment, call, items, "RelationshipMetadataBase", SchemaName="schema_name"
    )
    return found


def _choice(bench: Workshop, segment: Segment, call: Call) -> Choice:
    items = [choice for choice in bench.snapshot.items.choices if choice.is_global]
    found: Choice = _one(segment, call, items, "OptionSetMetadataBase", Name="name")
    return found


def _only(call: Call, method: str, name: str) -> None:
    if call.method != method:
        raise _unsupported(name, [])


def _unsupported(name: str, rest: list[Segment]) -> ApiError:
    types = {
        "EntityDefinitions": "EntityMetadata",
        "RelationshipDefinitions": "RelationshipMetadata",
        "GlobalOptionSetDefinitions": "OptionSetMetadata",
        "Attributes": "AttributeMetadata",
        "Keys": "EntityKeyMetadata",
    }
    last = rest[-1].name if rest else name
    return ApiError(
        "NotSupported", f"Operation not supported on {types.get(last, last)}", status=405, code="0x80060888"
    )


def _response(session: Session, name: str, body: Document) -> Answer:
    return Answer(body={"@odata.context": f"{session.base}/$metadata#{NAMESPACE}{name}Response", **body})


def create_entities(session: Session, call: Call) -> Answer:
    """Several tables at once, all or none."""
    entities = call.json().get("Entities")
    if not isinstance(entities, list) or not entities or not all(isinstance(one, dict) for one in entities):
        raise bad_payload("The parameter 'Entities' must be a non-empty collection of entities.")
    with session.organization.write():
        for entity in entities:  # each in a change of its own: the later ones may refer to the earlier
            with _bench(session, call) as bench:
                tables.create(bench, entity)
    return no_content()


def insert_option(session: Session, call: Call) -> Answer:
    body = call.json()
    with _solution_in_body(session, call, body) as bench:
        value = choices.insert(bench, body)
    return _response(session, "InsertOptionValue", {"NewOptionValue": value})


def insert_status(session: Session, call: Call) -> Answer:
    body = call.json()
    with _solution_in_body(session, call, body) as bench:
        value = choices.insert(bench, {"AttributeLogicalName": "statuscode", **body})
    return _response(session, "InsertStatusValue", {"NewOptionValue": value})


def _solution_in_body(session: Session, call: Call, body: Document) -> Any:
    merge = bool(body.get("MergeLabels"))
    given = (
        body.get("SolutionUniqueName")
        or call.option("SolutionUniqueName")
        or call.header("mscrm.solutionuniquename")
    )
    return workshop(session, solution=str(given) if given else None, merge_labels=merge)


def _option_action(change: Callable[[Workshop, Document], None]) -> Callable[[Session, Call], Answer]:
    def action(session: Session, call: Call) -> Answer:
        body = call.json()
        with _solution_in_body(session, call, body) as bench:
            change(bench, body)
        return no_content()

    return action


def _lookup_action(name: str, kind: str) -> Callable[[Session, Call], Answer]:
    def action(session: Session, call: Call) -> Answer:
        body = call.json()
        lookup, documents = body.get("Lookup"), body.get("OneToManyRelationships")
        if not isinstance(lookup, dict) or not isinstance(documents, list):
            raise bad_payload("The parameters 'Lookup' and 'OneToManyRelationships' are needed.")
        with _solution_in_body(session, call, body) as bench:
            found = relationships.create_lookup(bench, lookup, documents, kind)
        return _response(session, name, found)

    return action


def publish(session: Session, call: Call) -> Answer:
    """Nothing to do: changes are seen at once. What is asked for must still make sense."""
    session.access.demand("prvPublishCustomization")
    text = call.json().get("ParameterXml")
    wrong = ApiError("InvalidArgument", "The parameter 'ParameterXml' is not valid XML.")
    if not isinstance(text, str) or DECLARATION.search(text):
        raise wrong
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there are no entities
    except ET.ParseError as error:
        raise wrong from error
    for element in root.iter("entity"):
        if (element.text or "").strip() not in session.snapshot.entities:
            raise ApiError("NotFound", f"Could not find an entity with specified entity name: {element.text}")
    return no_content()


def publish_all(session: Session, _call: Call) -> Answer:
    session.access.demand("prvPublishCustomization")
    return no_content()


def add_component(session: Session, call: Call) -> Answer:
    """AddSolutionComponent; answers with the id of the row in solutioncomponents."""
    session.access.demand("prvWriteEntity")
    body = call.json()
    component, kind = as_guid(str(body.get("ComponentId", ""))), body.get("ComponentType")
    if component is None or not isinstance(kind, int) or kind not in COMPONENTS:
        raise bad_payload(
            "The parameters 'ComponentId' and 'ComponentType' are needed, the latter of a known type."
        )
    with session.organization.write() as connection:
        solution = solutions.find_solution(session, str(body.get("SolutionUniqueName") or ""))
        solutions.note_components(session, solution, [solutions.Component(kind, component)])
        row = connection.execute(
            "SELECT solutioncomponentid FROM solutioncomponent WHERE solutionid = ? AND objectid = ?",
            (solution["solutionid"], component),
        ).fetchone()
    return _response(session, "AddSolutionComponent", {"id": row[0]})


METADATA_ACTIONS: dict[str, Callable[[Session, Call], Answer]] = {
    "AddSolutionComponent": add_component,
    "CreateCustomerRelationships": _lookup_action("CreateCustomerRelationships", "Customer"),
    "CreateEntities": create_entities,
    "CreatePolymorphicLookupAttribute": _lookup_action("CreatePolymorphicLookupAttribute", "Lookup"),
    "DeleteOptionValue": _option_action(choices.drop),
    "InsertOptionValue": insert_option,
    "InsertStatusValue": insert_status,
    "OrderOption": _option_action(choices.order),
    "PublishAllXml": publish_all,
    "PublishXml": publish,
    "UpdateOptionValue": _option_action(choices.change),
}


def call_metadata_action(session: Session, call: Call, name: str) -> Answer:
    """An action that changes metadata; getting one is answered like an unknown address."""
    if call.method != "POST":
        raise no_segment(name)
    return METADATA_ACTIONS[name](session, call)
