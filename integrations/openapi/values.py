"""JSON Schemas of values: what a service gives, and what it takes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute
from integrations.kinds import EXACT, Kind, kind_of

Schema = dict[str, Any]

GUID = "00000000-0000-4000-8000-000000000001"
EXACT_TEXT = r"^[+-]?[0-9]{1,24}(\.[0-9]{1,10})?$"
_CLOCK_TEXT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
_EXAMPLES: dict[Kind, Any] = {
    Kind.TEXT: "Text",
    Kind.LONG_TEXT: "A longer text",
    Kind.INTEGER: 12,
    Kind.DECIMAL: "1.5",
    Kind.MONEY: "1234.5600",
    Kind.FLOAT: 1.5,
    Kind.BOOLEAN: True,
    Kind.DATE: "2025-12-31",
    Kind.INSTANT: "2025-12-31T18:30:00Z",
    Kind.CLOCK: "2025-12-31T18:30:00",
    Kind.ID: GUID,
    Kind.FILE: GUID,
    Kind.IMAGE: GUID,
}
_FORMATS = {"Email": "email", "Url": "uri"}
_INTEGERS = {"Integer": ("int32", 2**31), "BigInt": ("int64", 2**63)}


def given(attribute: Attribute) -> Schema:
    """The schema of the attribute in a record that the service gives."""
    return _described(attribute, _or_null(_given(attribute))) | {"examples": [example(attribute)]}


def taken(attribute: Attribute) -> Schema:
    """The schema of the attribute in what the service takes."""
    schema = _taken(attribute)
    schema = schema if attribute.required else _or_null(schema)
    return _described(attribute, schema) | {"examples": [example_taken(attribute)]}


def example(attribute: Attribute) -> Any:
    """A value as the service gives it."""
    kind = kind_of(attribute)
    if kind is Kind.CHOICE:
        return _chosen(attribute)
    if kind is Kind.CHOICES:
        return [_chosen(attribute)]
    if kind is Kind.LOOKUP:
        return {"entity": next(iter(attribute.targets), "account"), "id": GUID, "name": "Contoso"}
    return _short(attribute, _EXAMPLES[kind])


def example_taken(attribute: Attribute) -> Any:
    """A value to send."""
    kind = kind_of(attribute)
    if kind is Kind.CHOICE:
        return _chosen(attribute)["value"]
    if kind is Kind.CHOICES:
        return [_chosen(attribute)["value"]]
    if kind is Kind.LOOKUP:
        return {"entity": next(iter(attribute.targets), "account"), "id": GUID}
    return _short(attribute, _EXAMPLES[kind])


def _given(attribute: Attribute) -> Schema:
    return _GIVEN.get(kind_of(attribute), _taken)(attribute)


def _taken(attribute: Attribute) -> Schema:
    return _TAKEN.get(kind_of(attribute), _uuid)(attribute)


def _text(attribute: Attribute) -> Schema:
    schema: Schema = {"type": "string"}
    if attribute.max_length:
        schema["maxLength"] = attribute.max_length
    if attribute.format in _FORMATS:
        schema["format"] = _FORMATS[attribute.format]
    return schema


def _range(attribute: Attribute) -> Schema:
    """Bounds as JSON numbers; exact ones beyond what a float holds are described in words instead."""
    bounds = {"minimum": attribute.minimum, "maximum": attribute.maximum}
    if kind_of(attribute) is Kind.INTEGER:
        limit = _INTEGERS[attribute.type][1]
        known = {"minimum": -limit, "maximum": limit - 1}
        return known | {name: int(Decimal(text)) for name, text in bounds.items() if text is not None}
    return {name: float(text) for name, text in bounds.items() if text is not None}


def _integer(attribute: Attribute) -> Schema:
    return {"type": "integer", "format": _INTEGERS[attribute.type][0], **_range(attribute)}


def _exact(attribute: Attribute) -> Schema:
    bounds = f"From {attribute.minimum} to {attribute.maximum}." if attribute.minimum else ""
    places = f"Up to {attribute.precision} digits after the point." if attribute.precision else ""
    number = {"type": "number", **_range(attribute)}
    text = {"type": "string", "pattern": EXACT_TEXT}
    return {
        "anyOf": [text, number],
        "description": f"Exact: text or a number. {bounds} {places}".strip(),
    }


def _float(attribute: Attribute) -> Schema:
    return {"type": "number", "format": "double", **_range(attribute)}


def _choices(attribute: Attribute) -> Schema:
    return {"type": "array", "items": _choice(attribute), "uniqueItems": True}


def _uuid(_attribute: Attribute) -> Schema:
    return {"type": "string", "format": "uuid"}


def _always(schema: Schema) -> Callable[[Attribute], Schema]:
    return lambda _attribute: dict(schema)


def _choice(attribute: Attribute) -> Schema:
    labels = "; ".join(f"{option.value} {option.label}" for option in attribute.options[:50])
    return {"type": "integer", "enum": [option.value for option in attribute.options], "description": labels}


def _link(attribute: Attribute) -> Schema:
    return {
        "type": "object",
        "properties": {
            "entity": {"type": "string", "enum": list(attribute.targets)},
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "description": "Ignored."},
        },
        "required": ["entity", "id"],
    }


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _described(attribute: Attribute, schema: Schema) -> Schema:
    words = [attribute.description, str(schema.get("description", ""))]
    text = " ".join(word for word in words if word)
    return {"title": attribute.label or attribute.name, **schema, **({"description": text} if text else {})}


def _chosen(attribute: Attribute) -> dict[str, Any]:
    for option in attribute.options:
        return {"value": option.value, "label": option.label}
    return {"value": 1, "label": "One"}


def _short(attribute: Attribute, value: Any) -> Any:
    if kind_of(attribute) in EXACT and attribute.precision == 0:
        return "1"
    if isinstance(value, str) and attribute.max_length:
        return value[: attribute.max_length]
    return value


_CHOICE_GIVEN = {"$ref": "#/components/schemas/Choice"}
_GIVEN: dict[Kind, Callable[[Attribute], Schema]] = {
    **dict.fromkeys((Kind.TEXT, Kind.LONG_TEXT), _always({"type": "string"})),
    **dict.fromkeys(
        EXACT, _always({"type": "string", "pattern": EXACT_TEXT, "description": "Exact decimal text."})
    ),
    Kind.INTEGER: lambda attribute: {"type": "integer", "format": _INTEGERS[attribute.type][0]},
    Kind.CHOICE: _always(_CHOICE_GIVEN),
    Kind.CHOICES: _always({"type": "array", "items": _CHOICE_GIVEN}),
    Kind.LOOKUP: _always({"$ref": "#/components/schemas/Lookup"}),
}
_TAKEN: dict[Kind, Callable[[Attribute], Schema]] = {
    **dict.fromkeys((Kind.TEXT, Kind.LONG_TEXT), _text),
    **dict.fromkeys(EXACT, _exact),
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _always({"type": "boolean"}),
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DATE: _always({"type": "string", "format": "date"}),
    Kind.INSTANT: _always({"type": "string", "format": "date-time"}),
    Kind.CLOCK: _always(
        {"type": "string", "pattern": _CLOCK_TEXT, "description": "The same in every time zone."}
    ),
    Kind.LOOKUP: _link,
}
