"""Records as a service says them in JSON."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute, Definition, Entity
from integrations.kinds import Kind, kind_of
from integrations.records import Link, Record

Options = Mapping[int, str]


def records_json(definition: Definition, entity: Entity, records: Iterable[Record]) -> list[dict[str, Any]]:
    """`id`, `etag`, and each attribute that was read under its name. See docs/service.md for the values."""
    shapes = {each.name: _SHAPES.get(kind_of(each), _plain) for each in entity.attributes}
    options = {each.name: {one.value: one.label for one in each.options} for each in entity.attributes}

    def shown(record: Record) -> dict[str, Any]:
        return {"id": record.id, "etag": record.etag} | {
            name: None if value is None else shapes[name](value, record.labels.get(name, ""), options[name])
            for name, value in record.values.items()
        }

    return [shown(each) | _related(definition, entity, each) for each in records]


def _related(definition: Definition, entity: Entity, record: Record) -> dict[str, Any]:
    return {
        each.name: _beside(definition, each.target, record.expanded[each.name])
        for each in entity.expand
        if each.name in record.expanded
    }


def _beside(definition: Definition, target: str, found: Record | list[Record] | None) -> Any:
    entity = definition.entity(target)
    if entity is None or found is None:
        return None
    if isinstance(found, list):
        return records_json(definition, entity, found)
    return records_json(definition, entity, [found])[0]


def _choice(value: Any, label: str, options: Options) -> Any:
    return {"value": value, "label": label or options.get(value, "")}


def _choices(value: Any, _label: str, options: Options) -> Any:
    return [{"value": each, "label": options.get(each, "")} for each in value]


def _plain(value: Any, _label: str, _options: Options) -> Any:
    """Money and decimals are exact text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Link):
        return {"entity": value.entity, "id": value.id, "name": value.label}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


_SHAPES: Mapping[Kind, Callable[[Any, str, Options], Any]] = {Kind.CHOICE: _choice, Kind.CHOICES: _choices}


def choices_json(attribute: Attribute) -> list[Mapping[str, Any]]:
    """What a choice may be, in the order in which Dynamics shows it."""
    return [
        {"value": option.value, "label": option.label, "color": option.color} for option in attribute.options
    ]
