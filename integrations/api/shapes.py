"""Records as a service says them in JSON."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute, Definition, Entity
from integrations.kinds import Kind, kind_of
from integrations.records import Link, Record, Value


def record_json(definition: Definition, entity: Entity, record: Record) -> dict[str, Any]:
    """`id`, `etag`, and each attribute that was read under its name. See docs/service.md for the values."""
    known = {attribute.name: attribute for attribute in entity.attributes}
    shown = {
        name: value_json(known[name], value, record.labels.get(name, ""))
        for name, value in record.values.items()
    }
    related = {
        each.name: _related(definition, each.target, record.expanded[each.name])
        for each in entity.expand
        if each.name in record.expanded
    }
    return {"id": record.id, "etag": record.etag, **shown, **related}


def _related(definition: Definition, target: str, found: Record | list[Record] | None) -> Any:
    entity = definition.entity(target)
    if entity is None or found is None:
        return None
    if isinstance(found, list):
        return [record_json(definition, entity, each) for each in found]
    return record_json(definition, entity, found)


def value_json(attribute: Attribute, value: Value, label: str = "") -> Any:
    """One value. Choices say their label beside the number; money and decimals are exact text."""
    if value is None:
        return None
    match kind_of(attribute):
        case Kind.CHOICE:
            return {"value": value, "label": label or _label(attribute, value)}
        case Kind.CHOICES:
            return [{"value": each, "label": _label(attribute, each)} for each in _several(value)]
    return _plain(value)


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Link):
        return {"entity": value.entity, "id": value.id, "name": value.label}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _label(attribute: Attribute, value: Any) -> str:
    return next((option.label for option in attribute.options if option.value == value), "")


def _several(value: Value) -> list[int]:
    return value if isinstance(value, list) else []


def choices_json(attribute: Attribute) -> list[Mapping[str, Any]]:
    """What a choice may be, in the order in which Dynamics shows it."""
    return [
        {"value": option.value, "label": option.label, "color": option.color} for option in attribute.options
    ]
