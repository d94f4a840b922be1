"""Lookups: which record of which entity, and how the Web API wants that said."""

import uuid
from collections.abc import Mapping
from typing import Any

from integrations.definition import Attribute
from integrations.records import Link
from integrations.values.scalars import Unfit


def checked_link(attribute: Attribute, value: Any) -> Link:
    """A Link from a Link, from {"entity", "id"}, or from a bare id where there is only one target."""
    if isinstance(value, Link):
        entity, record = value.entity, value.id
    elif isinstance(value, Mapping):
        entity, record = value.get("entity", ""), value.get("id", "")
    else:
        entity, record = "", value
    targets = attribute.targets
    if not entity and len(targets) == 1:
        entity = next(iter(targets))
    if not entity:
        raise Unfit(f'Say which entity as well: {{"entity": …, "id": …}}. {_choices(attribute)}')
    if entity not in targets:
        raise Unfit(f"This does not point to {str(entity)[:60]}. {_choices(attribute)}")
    try:
        return Link(str(uuid.UUID(str(record).strip())), str(entity))
    except ValueError:
        raise Unfit("This is not the id of a record.") from None


def bind(attribute: Attribute, link: Link | None) -> dict[str, Any]:
    """The body part that sets or clears a lookup.

    https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api
    """
    if link is None:
        # Every navigation property of a polymorphic lookup stands for the same column.
        return {f"{next(iter(attribute.targets.values()))}@odata.bind": None}
    return {
        f"{attribute.targets[link.entity]}@odata.bind": f"/{attribute.target_sets[link.entity]}({link.id})"
    }


def _choices(attribute: Attribute) -> str:
    return f"It can be one of: {', '.join(attribute.targets)}."
