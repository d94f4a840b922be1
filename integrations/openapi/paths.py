"""The addresses of one entity, and everything that each may answer."""

from typing import Any

from integrations.definition import Entity, Operation
from integrations.kinds import Kind, kind_of
from integrations.openapi.entities import ref, sortable, upsert_schema
from integrations.openapi.values import GUID, Schema
from integrations.searching.paging import MAX_PAGE, MAX_SKIP
from integrations.searching.query import readable

ALWAYS = ("400", "401", "403", "404", "410", "429", "500", "503")
WITH_BODY = ("411", "413", "415")


def paths(entity: Entity) -> dict[str, Schema]:
    """Path → what can be done there, for the operations that are offered."""
    root, one = f"/{entity.name}", f"/{entity.name}/{{id}}"
    offered = entity.operations
    found: dict[str, Schema] = {root: {}, one: {}}
    if Operation.SEARCH in offered:
        found[root]["get"] = _list(entity)
        found[f"{root}/search"] = {"post": _search(entity)}
    if Operation.CREATE in offered:
        found[root]["post"] = _create(entity)
    if Operation.COUNT in offered:
        found[f"{root}/count"] = {"post": _count(entity)}
    if {Operation.CREATE, Operation.UPDATE} <= offered and entity.keys:
        found[f"{root}/upsert"] = {"post": _upsert(entity)}
    for operation, method, made in (
        (Operation.GET, "get", _get),
        (Operation.UPDATE, "patch", _update),
        (Operation.DELETE, "delete", _delete),
    ):
        if operation in offered:
            found[one][method] = made(entity)
    found |= _choices(entity) | _files(entity)
    for path in (one, *(each for each in found if each.startswith(f"{one}/"))):
        if found[path]:
            found[path]["parameters"] = [_path_parameter("id", "The id of the record.", "uuid", GUID)]
    return {path: methods for path, methods in found.items() if methods}


def _create(entity: Entity) -> Schema:
    key = _header("Idempotency-Key", "The same key and body make one record, however often they are sent.")
    made = _operation(entity, "create", f"Create {_a(entity)}", (*WITH_BODY, "409", "422"), parameters=[key])
    created = _json("Created.", _object_of_id()) | {"headers": {"Location": _location()}}
    return made | {"requestBody": _body(f"{entity.name}.new")} | _answers(made, {"201": created})


def _get(entity: Entity) -> Schema:
    parameters = [
        _listed("select", "Attributes to read; all by default.", [each.name for each in readable(entity)]),
        _header("If-None-Match", "The etag that is known: answers 304 while it is still so."),
        *_expand(entity),
    ]
    made = _operation(entity, "get", f"Get {_a(entity)}", (), parameters=parameters)
    found = _json("The record.", ref(entity.name)) | {"headers": {"ETag": _etag()}}
    return made | _answers(made, {"200": found, "304": {"description": "Not changed."}})


def _update(entity: Entity) -> Schema:
    match = _header("If-Match", "The etag that was read: answers 412 when the record has changed since.")
    made = _operation(
        entity, "update", f"Change {_a(entity)}", (*WITH_BODY, "409", "412"), parameters=[match]
    )
    changed = {"204": {"description": "Changed."}}
    return made | {"requestBody": _body(f"{entity.name}.changes")} | _answers(made, changed)


def _delete(entity: Entity) -> Schema:
    match = _header("If-Match", "The etag that was read: answers 412 when the record has changed since.")
    made = _operation(entity, "delete", f"Delete {_a(entity)}", ("409", "412"), parameters=[match])
    return made | _answers(made, {"204": {"description": "Deleted."}})


def _upsert(entity: Entity) -> Schema:
    made = _operation(entity, "upsert", f"Create or change {_a(entity)} by a key", (*WITH_BODY, "409"))
    body = _object_of_id() | {"required": ["id", "created"]}
    body["properties"]["created"] = {"type": "boolean"}
    answers = {
        "200": _json("There was one; it is changed.", body) | {"headers": {"Location": _location()}},
        "201": _json("There was none; it is created.", body) | {"headers": {"Location": _location()}},
    }
    sent = {"required": True, "content": {"application/json": {"schema": upsert_schema(entity)}}}
    return made | {"requestBody": sent} | _answers(made, answers)


def _search(entity: Entity) -> Schema:
    made = _operation(entity, "search", f"Search {_many(entity)}", WITH_BODY)
    page = _json("A page of records.", ref(f"{entity.name}.page"))
    return made | {"requestBody": _body(f"{entity.name}.search")} | _answers(made, {"200": page})


def _list(entity: Entity) -> Schema:
    names = [each.name for each in readable(entity)]
    parameters = [
        _whole("top", "Records per page.", 1, MAX_PAGE, 50),
        _whole("skip", "Records to leave out first.", 0, MAX_SKIP, 0),
        _query("cursor", "next_cursor of the page before."),
        _listed("order_by", "Attributes; a minus turns the order round.", _either_way(sortable(entity))),
        _listed("select", "Attributes to read; all by default.", names),
        _query("filter", "OData text over the names of this service."),
        *_expand(entity),
    ]
    made = _operation(entity, "list", f"List {_many(entity)}", (), parameters=parameters)
    return made | _answers(made, {"200": _json("A page of records.", ref(f"{entity.name}.page"))})


def _count(entity: Entity) -> Schema:
    made = _operation(entity, "count", f"Count {_many(entity)}", WITH_BODY)
    body = {
        "type": "object",
        "properties": {"count": {"type": "integer", "minimum": 0}},
        "required": ["count"],
    }
    sent = _body(f"{entity.name}.count")
    return made | {"requestBody": sent} | _answers(made, {"200": _json("Exactly so many.", body)})


def _choices(entity: Entity) -> dict[str, Schema]:
    names = [each.name for each in entity.attributes if each.options]
    if not names:
        return {}
    made = _operation(entity, "choices", f"The choices of an attribute of {_many(entity)}", ())
    attribute = _path_parameter("attribute", "The attribute.", "", names[0]) | {
        "schema": {"type": "string", "enum": names}
    }
    body = _json("What it may be.", ref("Choices"))
    return {
        f"/{entity.name}/choices/{{attribute}}": {
            "parameters": [attribute],
            "get": made | _answers(made, {"200": body}),
        }
    }


def _files(entity: Entity) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for each in entity.attributes:
        if kind_of(each) is not Kind.FILE or not each.can_read:
            continue
        methods: Schema = {}
        name = each.label or each.name
        content: Schema = {"application/octet-stream": {}}
        if Operation.GET in entity.operations:
            made = _operation(entity, f"read_{each.name}", f"Read {name}", ())
            methods["get"] = made | _answers(made, {"200": {"description": "The file.", "content": content}})
        if Operation.UPDATE in entity.operations:
            wanted = _query("name", "The name of the file.") | {"required": True}
            made = _operation(
                entity, f"replace_{each.name}", f"Replace {name}", (*WITH_BODY, "409"), parameters=[wanted]
            )
            sent = {"requestBody": {"required": True, "content": content}}
            methods["put"] = made | sent | _answers(made, {"204": {"description": "Replaced."}})
            made = _operation(entity, f"remove_{each.name}", f"Remove {name}", ("409",))
            methods["delete"] = made | _answers(made, {"204": {"description": "Removed."}})
        if methods:
            found[f"/{entity.name}/{{id}}/{each.name}"] = methods
    return found


def _operation(
    entity: Entity, verb: str, summary: str, more: tuple[str, ...], parameters: list[Schema] | None = None
) -> Schema:
    refused = {status: {"$ref": f"#/components/responses/{status}"} for status in sorted({*ALWAYS, *more})}
    made: Schema = {
        "operationId": f"{verb}_{entity.name}",
        "summary": summary,
        "tags": [entity.name],
        "responses": refused,
    }
    return {**made, "parameters": parameters} if parameters else made


def _answers(made: Schema, good: dict[str, Schema]) -> Schema:
    return {"responses": good | made["responses"]}


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(name: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


def _object_of_id() -> Schema:
    identity = {"type": "string", "format": "uuid", "examples": [GUID]}
    return {"type": "object", "properties": {"id": identity}, "required": ["id"]}


def _query(name: str, description: str, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _whole(name: str, description: str, least: int, most: int, usual: int) -> Schema:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": usual}
    return _query(name, description, schema)


def _listed(name: str, description: str, choices: list[str]) -> Schema:
    schema = {"type": "array", "items": {"type": "string", "enum": choices}, "minItems": 1}
    return _query(name, description, schema) | {"explode": False, "style": "form"}


def _either_way(names: list[str]) -> list[str]:
    return [*names, *(f"-{name}" for name in names)]


def _expand(entity: Entity) -> list[Schema]:
    names = [each.name for each in entity.expand]
    return [_listed("expand", "Related records to bring along.", names)] if names else []


def _header(name: str, description: str) -> Schema:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


def _path_parameter(name: str, description: str, text_format: str, sample: Any) -> Schema:
    schema: Schema = {"type": "string", "format": text_format} if text_format else {"type": "string"}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": sample,
    }


def _etag() -> Schema:
    return {"description": "The version of the record.", "schema": {"type": "string"}}


def _location() -> Schema:
    return {"description": "The address of the record.", "schema": {"type": "string"}}


def _a(entity: Entity) -> str:
    return f"a record of {entity.label or entity.name}"


def _many(entity: Entity) -> str:
    return entity.plural or entity.label or entity.name
