"""Create and update: from a draft to a row, with rights, defaults and the table's own behaviour."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import sqlite3
import uuid
from typing import Any

from sandbox.dataverse.behaviours import Behaviour, behaviour_of
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.snapshot import Entity, Navigation
from sandbox.dataverse.records.associations import link_rows
from sandbox.dataverse.records.computed import (
    fill_currency,
    fill_defaults,
    fill_names,
    fill_owner,
    fill_state,
)
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.payload import Draft, read_draft
from sandbox.dataverse.records.references import Reference
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.security.access import RowOwner, row_owner
from sandbox.dataverse.storage import next_version, quoted

DEEPEST_INSERT = 10


class Writer:
    """Writes rows of one session. Every public method is called inside a transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(
        self, entity: Entity, body: dict[str, Any], depth: int = 0, defaults: dict[str, Any] | None = None
    ) -> str:
        """Create a row and what is nested in it; returns its id. `defaults` are stored values the body may override."""
        if entity.table.is_intersect or entity.table.is_view or entity.table.ownership == "None":
            raise ApiError(
                "NotSupported", f"The 'Create' method does not support entities of type '{entity.name}'."
            )
        if depth > DEEPEST_INSERT:
            raise ApiError("InvalidArgument", "The payload is nested too deeply.")
        draft = read_draft(self.session, entity, body, creating=True)
        draft.values = {**(defaults or {}), **draft.values}
        for navigation, parent in draft.new_parents:
            target = self.session.entity(navigation.target)
            parent_id = self.create(target, parent, depth + 1)
            draft.link(entity.columns[navigation.column], Reference(target, parent_id))
        record_id = self.insert(draft)
        self._children(entity, record_id, draft, depth)
        return record_id

    def _children(self, entity: Entity, record_id: str, draft: Draft, depth: int) -> None:
        for navigation, body in draft.new_children:
            target = self.session.entity(navigation.target)
            if navigation.kind == "many":
                child = {
                    **body,
                    f"{_lookup_name(navigation)}@odata.bind": f"/{entity.table.set_name}({record_id})",
                }
                self.create(target, child, depth + 1)
            else:
                child_id = self.create(target, body, depth + 1)
                link_rows(self.session, navigation, Reference(entity, record_id), Reference(target, child_id))
        for navigation, reference in draft.bound_children:
            if navigation.kind == "many":
                bind = {f"{_lookup_name(navigation)}@odata.bind": f"/{entity.table.set_name}({record_id})"}
                self.update(reference.entity, reference.id, bind)
            else:
                link_rows(self.session, navigation, Reference(entity, record_id), reference)

    def insert(self, draft: Draft) -> str:
        """Insert a draft as a new row."""
        session, entity, values = self.session, draft.entity, draft.values
        behaviour = behaviour_of(entity.name)
        behaviour.before_create(session, draft)
        given = dict(values)
        record_id = values.get(entity.id) or str(uuid.uuid4())
        values[entity.id] = record_id
        if entity.has_owner and not values.get("ownerid"):
            values["ownerid"] = session.access.user_id
        fill_owner(session, entity, values)
        fill_defaults(entity, values)
        fill_state(session, entity, values, given)
        fill_currency(session, entity, values)
        fill_names(entity, values)
        self._stamp(entity, values, creating=True)
        self._check_required(entity, values)
        behaviour.check_create(session, draft)
        self._check_create(entity, record_id, values)
        self._check_links(draft, _row_owner(entity, record_id, values))
        self._execute(entity, values, record_id)
        session.organization.touched(entity.name)
        behaviour.after_create(session, draft)
        return str(record_id)

    def _check_create(self, entity: Entity, record_id: str, values: dict[str, Any]) -> None:
        access = self.session.access
        access.check("Create", entity, _row_owner(entity, record_id, values))

    def _check_required(self, entity: Entity, values: dict[str, Any]) -> None:
        for column in entity.stored:
            # Columns that clients cannot write are the server's own business.
            if column.required == "SystemRequired" and column.can_create and values.get(column.name) is None:
                raise ApiError("InvalidArgument", f"The required field '{column.name}' is missing.")

    def _check_links(self, draft: Draft, owner: RowOwner) -> None:
        """A link needs Append on the row and AppendTo on what it points to; a new owner needs Assign."""
        access, entity = self.session.access, draft.entity
        for name, target in draft.links.items():
            if target is None or name in {"ownerid", "transactioncurrencyid"}:
                continue
            access.check("Append", entity, owner)
            row = self.session.record(target.entity, target.id)
            if row is not None:
                access.check("AppendTo", target.entity, row_owner(target.entity, target.id, row))
        assigned = draft.links.get("ownerid")
        if entity.has_owner and assigned is not None and assigned.id != access.user_id:
            access.check("Assign", entity, owner)

    def _stamp(self, entity: Entity, values: dict[str, Any], *, creating: bool) -> None:
        """Who and when, and the row's next version."""
        access, columns = self.session.access, entity.columns
        now = store_moment(access.viewpoint.now)
        on_behalf = access.real_user_id if access.is_impersonated else None
        if "modifiedon" in columns:
            values["modifiedon"], values["modifiedby"] = now, access.user_id
            values["modifiedonbehalfby"] = on_behalf
        if creating and "createdon" in columns:
            values["createdon"] = values.get("overriddencreatedon") or now
            values["createdby"] = access.user_id
            values["createdonbehalfby"] = on_behalf
        if creating and "organizationid" in columns and entity.id != "organizationid":
            values["organizationid"] = self.session.organization.environment.id
        if "versionnumber" in columns:
            values["versionnumber"] = next_version(self.session.connection)

    def _execute(self, entity: Entity, values: dict[str, Any], record_id: str) -> None:
        columns = ", ".join(quoted(name) for name in values)
        marks = ", ".join("?" * len(values))
        try:
            self.session.connection.execute(
                f"INSERT INTO {quoted(entity.name)} ({columns}) VALUES ({marks})", tuple(values.values())
            )
        except sqlite3.IntegrityError as error:
            raise _duplicate(entity, record_id, str(error)) from error

    def update(self, entity: Entity, record_id: str, body: dict[str, Any]) -> None:
        """Change the given columns of a row."""
        draft = read_draft(self.session, entity, body, creating=False)
        self.change(draft, record_id)

    def change(self, draft: Draft, record_id: str) -> None:
        """Apply a draft to an existing row."""
        session, entity = self.session, draft.entity
        row = session.record(entity, record_id)
        if row is None:
            raise ApiError("NotFound", f"{entity.name} With Id = {record_id} Does Not Exist")
        if entity.table.is_view:
            entity = draft.entity = session.behind(entity, row, "Update")
            row = session.record(entity, record_id) or row
        session.access.check("Write", entity, row_owner(entity, record_id, row))
        behaviour: Behaviour = behaviour_of(entity.name)
        before = dict(row)
        behaviour.before_update(session, draft, before)
        self._check_links(draft, row_owner(entity, record_id, row))
        after = before | draft.values
        if "ownerid" in draft.values:
            if not after["ownerid"]:
                raise ApiError("InvalidArgument", "The owner of a record cannot be cleared.")
            fill_owner(session, entity, after)
        fill_state(session, entity, after, draft.values)
        fill_currency(session, entity, after)
        fill_names(entity, after)
        self._stamp(entity, after, creating=False)
        self._check_required(entity, after)
        changed = {name: value for name, value in after.items() if value != before.get(name)}
        self._apply(entity, record_id, changed)
        session.organization.touched(entity.name)
        behaviour.after_update(session, draft, before)

    def _apply(self, entity: Entity, record_id: str, changed: dict[str, Any]) -> None:
        if not changed:
            return
        assignments = ", ".join(f"{quoted(name)} = ?" for name in changed)
        try:
            self.session.connection.execute(
                f"UPDATE {quoted(entity.name)} SET {assignments} WHERE {quoted(entity.id)} = ?",
                (*changed.values(), record_id),
            )
        except sqlite3.IntegrityError as error:
            raise _duplicate(entity, record_id, str(error)) from error


def _lookup_name(navigation: Navigation) -> str:
    return navigation.relationship.lookup_name  # type: ignore[union-attr]


def _row_owner(entity: Entity, record_id: str, values: dict[str, Any]) -> RowOwner:
    owner = values.get("ownerid") if entity.has_owner else None
    return RowOwner(record_id, owner, values.get(entity.unit_column) if entity.unit_column else None)


def _duplicate(entity: Entity, record_id: str, reason: str) -> ApiError:
    if f"{entity.name}.{entity.id}" in reason:
        return ApiError("DuplicateRecord", "Cannot insert duplicate key.")
    for key in entity.keys.values():
        if all(f"{entity.name}.{column}" in reason for column in key.columns):
            return ApiError(
                "DuplicateKey",
                f"Entity Key {key.schema_name} violated. A record with the same value for "
                f"{', '.join(key.columns)} already exists. A duplicate record cannot be created.",
            )
    return ApiError("DuplicateRecord", f"A record with matching key values already exists. (Id={record_id})")
