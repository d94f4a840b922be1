"""The schemas of one entity: its records, what creates and changes them, and what may be asked of them."""

from integrations.definition import Attribute, Definition, Entity, Expand
from integrations.filters import operators_for
from integrations.kinds import BLOBS, UNSORTABLE, kind_of
from integrations.openapi.values import GUID, Schema, example, example_taken, given, taken
from integrations.searching.paging import MAX_PAGE, MAX_SKIP
from integrations.searching.query import readable


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def schemas(definition: Definition, entity: Entity) -> dict[str, Schema]:
    """Component name → schema. Names of ours have a point, which names of entities cannot have."""
    name = entity.name
    return {
        name: _record(definition, entity),
        f"{name}.new": _body(entity, creating=True),
        f"{name}.changes": _body(entity, creating=False),
        f"{name}.filter": _filter(entity),
        f"{name}.search": _search(entity),
        f"{name}.count": _object({"where": ref(f"{name}.filter"), "filter": _filter_text()}),
        f"{name}.page": _object(
            {
                "records": {"type": "array", "items": ref(name)},
                "next_cursor": {"type": ["string", "null"], "description": "Null on the last page."},
            },
            required=["records", "next_cursor"],
        ),
    }


def upsert_schema(entity: Entity) -> Schema:
    """The body of an upsert: one of the keys, and the other attributes that are settable at any time."""
    values = {
        each.name: taken(each)
        for each in entity.attributes
        if each.can_create and each.can_update and kind_of(each) not in BLOBS
    }
    keys = []
    for key in entity.keys:
        parts = [each for each in map(entity.attribute_of, key.attributes) if each is not None]
        schema = _object({each.name: taken(each) for each in parts}, required=[each.name for each in parts])
        keys.append({"title": key.name, **schema})
    return _object({"key": {"anyOf": keys}, "values": _object(values)}, required=["key", "values"])


def sortable(entity: Entity) -> list[str]:
    return [each.name for each in readable(entity) if kind_of(each) not in UNSORTABLE]


def example_values(attributes: list[Attribute]) -> Schema:
    """What a first call might send."""
    return {each.name: example_taken(each) for each in attributes}


def creatable(entity: Entity) -> list[Attribute]:
    return [each for each in entity.attributes if each.can_create and kind_of(each) not in BLOBS]


def changeable(entity: Entity) -> list[Attribute]:
    return [each for each in entity.attributes if each.can_update and kind_of(each) not in BLOBS]


def _record(definition: Definition, entity: Entity) -> Schema:
    own: Schema = {
        "id": {"type": "string", "format": "uuid", "examples": [GUID]},
        "etag": {"type": "string", "examples": ['W/"1234567"']},
    }
    attributes = {each.name: given(each) for each in readable(entity)}
    related = {each.name: _related(definition, each) for each in entity.expand}
    schema = _object({**own, **attributes, **related}, required=["id", "etag"])
    samples = {"id": GUID, "etag": 'W/"1234567"', **{each.name: example(each) for each in readable(entity)}}
    return {
        "title": entity.label or entity.name,
        "description": entity.description,
        **schema,
        "examples": [samples],
    }


def _related(definition: Definition, expand: Expand) -> Schema:
    target = definition.entity(expand.target)
    schema = ref(target.name) if target else {"type": "object"}
    if expand.collection:
        return {"type": "array", "items": schema, "description": "Only when it is expanded."}
    return {"anyOf": [schema, {"type": "null"}], "description": "Only when it is expanded."}


def _body(entity: Entity, *, creating: bool) -> Schema:
    attributes = creatable(entity) if creating else changeable(entity)
    required = [each.name for each in attributes if each.required] if creating else []
    schema = _object({each.name: taken(each) for each in attributes}, required=required)
    shown = [each for each in attributes if each.required] or attributes[:2]
    schema["examples"] = [example_values(shown if creating else attributes[:2])]
    return schema if creating else {**schema, "minProperties": 1}


def _filter(entity: Entity) -> Schema:
    name = f"{entity.name}.filter"
    asked = readable(entity)
    operators = dict.fromkeys(each.value for attribute in asked for each in operators_for(attribute))
    condition = _object(
        {
            "attribute": {"type": "string", "enum": [each.name for each in asked]},
            "operator": {"type": "string", "enum": list(operators), "default": "eq"},
            "value": {
                "description": "What suits the attribute and the operator; nothing for empty and not_empty."
            },
        },
        required=["attribute"],
    )
    several = {"type": "array", "minItems": 1, "items": ref(name)}
    return {
        "description": "A condition, or several joined by and, or, not.",
        "anyOf": [
            condition,
            _object({"and": several}, required=["and"]),
            _object({"or": several}, required=["or"]),
            _object({"not": ref(name)}, required=["not"]),
        ],
    }


def _search(entity: Entity) -> Schema:
    names = [each.name for each in readable(entity)]
    term = _object(
        {
            "attribute": {"type": "string", "enum": sortable(entity)},
            "direction": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
        },
        required=["attribute"],
    )
    schema = _object(
        {
            "where": {"anyOf": [ref(f"{entity.name}.filter"), {"type": "null"}]},
            "filter": _filter_text(),
            "order_by": {"type": "array", "items": term, "maxItems": 20},
            "top": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
            "skip": {"type": "integer", "minimum": 0, "maximum": MAX_SKIP, "default": 0},
            "cursor": {"type": ["string", "null"], "description": "next_cursor of the page before."},
            "select": {"type": ["array", "null"], "items": {"type": "string", "enum": names}},
            **_expand(entity),
        }
    )
    schema["examples"] = [{"top": 10, "select": names[:3]}]
    return schema


def _expand(entity: Entity) -> Schema:
    if not entity.expand:
        return {}
    names = [each.name for each in entity.expand]
    return {"expand": {"type": "array", "items": {"type": "string", "enum": names}, "maxItems": 15}}


def _filter_text() -> Schema:
    return {
        "type": "string",
        "maxLength": 8000,
        "description": "OData text over the names of this service, such as: name eq 'Contoso' and not (city eq null)",
    }


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema
