"""Addressing a record by an alternate key instead of its id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.problems import BadInput
from integrations.definition import Attribute, Entity
from integrations.kinds import Kind, column, kind_of
from integrations.records import Link
from integrations.values import body_for, checked
from integrations.values.scalars import Unfit
from microsoft import odata


def key_values(entity: Entity, given: Mapping[str, Any]) -> dict[str, object]:
    """Web API property → value for the alternate key that is made of exactly these attributes.

    Raises:
        BadInput: no published key is made of them, or a value is missing or does not fit.

    """
    attributes = {name: entity.attribute(name) for name in given}
    logical = {each.logical_name for each in attributes.values() if each is not None}
    if None in attributes.values() or not any(set(key.attributes) == logical for key in entity.keys):
        raise BadInput(
            f"{entity.label or entity.name} has no such key.",
            advice=_offered(entity),
            fields={"key": _offered(entity)},
        )
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, attribute in attributes.items():
        try:
            if attribute is not None:
                values[column(attribute)] = _literal(attribute, given[name])
        except Unfit as unfit:
            errors[name] = str(unfit)
    if errors:
        name, text = next(iter(errors.items()))
        raise BadInput(f"The key cannot be used. {name}: {text}", fields=errors)
    return values


def upsert_body(entity: Entity, key: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The body beside the key. Raises BadInput: what an upsert sets must be settable in a new record and later."""
    errors = {name: "This is part of the key already." for name in values if name in key}
    for name in values:
        attribute = entity.attribute(name)
        if attribute is not None and not (attribute.can_create and attribute.can_update):
            errors[name] = "This cannot be set both when a record is created and when it is changed."
    if errors:
        name, text = next(iter(errors.items()))
        raise BadInput(f"Nothing was written. {name}: {text}", fields=errors)
    return body_for(entity, values, creating=False)


def _literal(attribute: Attribute, value: Any) -> object:
    python = checked(attribute, value)
    if python is None:
        raise Unfit("A key needs a value.")
    if isinstance(python, Link):
        return odata.guid(python.id)
    if kind_of(attribute) is Kind.ID:
        return odata.guid(python)
    return python.replace(microsecond=0) if isinstance(python, datetime) else python


def _offered(entity: Entity) -> str:
    """The keys in the words of the integration."""
    names = {each.logical_name: each.name for each in entity.attributes}
    keys = [" + ".join(names.get(part, part) for part in key.attributes) for key in entity.keys]
    return f"Keys are: {'; '.join(keys)}." if keys else "The integration offers no alternate keys of it."
