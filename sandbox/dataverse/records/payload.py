"""From a JSON object to a draft: stored values, links, and related rows to create along.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Navigation
from sandbox.dataverse.records.encode import encode
from sandbox.dataverse.records.references import Reference, resolve
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import type_column

BIND = "@odata.bind"
ANCESTORS = frozenset({"crmbaseentity", "expando", "principal", "activitypointer"})


@dataclass
class Draft:
    """`values` are by SQLite column. Related rows are bodies or references by navigation property."""

    entity: Entity
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Reference | None] = field(default_factory=dict)
    new_parents: list[tuple[Navigation, dict[str, Any]]] = field(default_factory=list)
    new_children: list[tuple[Navigation, dict[str, Any]]] = field(default_factory=list)
    bound_children: list[tuple[Navigation, Reference]] = field(default_factory=list)

    def link(self, column: Column, target: Reference | None) -> None:
        """Point a lookup at a row, or at nothing."""
        self.links[column.name] = target
        self.values[column.name] = target.id if target else None
        if column.is_polymorphic:
            self.values[type_column(column.name)] = target.entity.name if target else None


def read_draft(session: Session, entity: Entity, body: dict[str, Any], *, creating: bool) -> Draft:
    """Everything in a payload, checked. Columns that cannot be written are left out in silence."""
    draft = Draft(entity)
    for name, value in body.items():
        if name.endswith(BIND):
            _bind(session, draft, name.removesuffix(BIND), value, creating=creating)
        elif "@" in name:
            _check_annotation(entity, name, body)
        else:
            _property(session, draft, name, value, creating=creating)
    return draft


def _check_annotation(entity: Entity, name: str, body: dict[str, Any]) -> None:
    owner = name.split("@", 1)[0]
    kind = str(body[name]).removeprefix("#").removeprefix("Microsoft.Dynamics.CRM.")
    if name == "@odata.type" and kind not in {entity.name, *ANCESTORS}:
        raise bad_payload(
            f"A resource with type 'Microsoft.Dynamics.CRM.{kind[:100]}' was found, but it is not assignable to the "
            f"expected type 'Microsoft.Dynamics.CRM.{entity.name}'."
        )
    if owner and owner not in body and owner not in entity.by_wire and owner not in entity.navigations:
        raise _undeclared(owner, entity)


def _undeclared(name: str, entity: Entity) -> ApiError:
    return bad_payload(
        f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{entity.name}'. ---> "
        f"Microsoft.OData.ODataException: An undeclared property '{name}' which only has property annotations in "
        "the payload but no property value was found in the payload. In OData, only declared navigation properties "
        "and declared named streams can be represented as properties without values."
    )


def _property(session: Session, draft: Draft, name: str, value: Any, *, creating: bool) -> None:
    entity = draft.entity
    column = entity.by_wire.get(name)
    if column is not None and column.is_lookup:
        raise ApiError(
            "BadQuery",
            "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.",
        )
    if column is not None:
        if (column.can_create if creating else column.can_update) or (creating and name == entity.id):
            draft.values[name] = encode(column, value, session.snapshot)
        return
    navigation = entity.navigations.get(name)
    if navigation is not None:
        _related(draft, navigation, value, creating=creating)
        return
    known = entity.columns.get(name)
    if known is None or known.is_lookup:
        raise bad_payload(
            f"Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{entity.name}'. ---> "
            f"Microsoft.OData.ODataException: The property '{name}' which is not defined in the type was found. "
            f"Make sure to only use property names that are defined by the type."
        )


def _related(draft: Draft, navigation: Navigation, value: Any, *, creating: bool) -> None:
    """Null clears a lookup; objects are created along (deep insert)."""
    if navigation.is_single and value is None:
        column = draft.entity.columns[navigation.column]
        if column.can_create if creating else column.can_update:
            draft.link(column, None)
        return
    if not creating:
        raise bad_payload(
            f"Deep update is not supported: the navigation property '{navigation.name}' cannot hold a record."
        )
    items = [value] if navigation.is_single else value
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_payload(
            f"The navigation property '{navigation.name}' was given a value of the wrong shape."
        )
    target = draft.new_parents if navigation.is_single else draft.new_children
    target.extend((navigation, item) for item in items)


def _bind(session: Session, draft: Draft, name: str, value: Any, *, creating: bool) -> None:
    navigation = draft.entity.navigations.get(name)
    if navigation is None:
        raise _undeclared(name, draft.entity)
    if navigation.is_single:
        column = draft.entity.columns[navigation.column]
        draft.link(column, None if value is None else _target(session, navigation, value))
        return
    if not creating or not isinstance(value, list):
        raise bad_payload(
            f"The navigation property '{name}' can only be bound to a list, and only when a record is created."
        )
    draft.bound_children.extend((navigation, _target(session, navigation, item)) for item in value)


def _target(session: Session, navigation: Navigation, address: Any) -> Reference:
    reference = resolve(session, address)
    allowed = {navigation.target} if navigation.target != "owner" else {"systemuser", "team", "owner"}
    if reference.entity.name not in allowed:
        raise bad_payload(
            f"A reference to '{reference.entity.name}' does not fit the navigation property '{navigation.name}' "
            f"of type 'Microsoft.Dynamics.CRM.{navigation.target}'."
        )
    return reference
