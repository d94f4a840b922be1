"""From an address to a row: accounts({id}), an alternate key, a whole URL, or $1 of a batch."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_payload, bad_query, no_record, no_segment
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.path import Segment, key_values, segments, wrong_key
from sandbox.dataverse.odata.tree import Literal
from sandbox.dataverse.query.literals import as_guid, compared
from sandbox.dataverse.query.operators import compare
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted

# One slash behind the scheme is what a published client makes of it.
ROOT = re.compile(r"(?:https?://?[^/]+)?/api/data/v9\.\d/", re.IGNORECASE)


CONTENT_ID = re.compile(r"/?\$([^/()?]+)(?=/|\Z)")


def referred(address: str, references: Mapping[str, str]) -> str:
    """An address with a leading $1 replaced by what that Content-ID stands for. Raises a 400 for an unknown one.

    $ref, $value and the like are no Content-IDs; they never lead an address.
    """
    found = CONTENT_ID.match(address)
    if not found or found.group(1) in {"batch", "metadata", "ref", "value", "count"}:
        return address
    known = references.get(found.group(1))
    if known is None:
        raise bad_query(
            f"Content-ID Reference: '${found.group(1)}' does not exist in the batch context.",
        )
    return known + address[found.end() :]


@dataclass(frozen=True)
class Reference:
    """A row by table and id."""

    entity: Entity
    id: str


@dataclass(frozen=True)
class KeyAddress:
    """A key as addressed: an id, or alternate key values in stored form by column name."""

    id: str | None
    values: dict[str, Any]


def read_key(entity: Entity, segment: Segment, aliases: Mapping[str, str] | None = None) -> KeyAddress:
    """Raises 400 for a key that is none of the table's."""
    found = key_values(segment, entity.name, aliases)
    if isinstance(found, Literal):
        record_id = as_guid(str(found.value)) if found.kind in {"guid", "string"} else None
        if not record_id:
            raise wrong_key(entity.name)
        return KeyAddress(record_id, {})
    # The key that users and teams have from `principal`; their own id is none by name.
    key = "ownerid" if entity.name in {"systemuser", "team"} else entity.id
    if set(found) == {key}:
        record_id = as_guid(str(found[key].value))
        if not record_id:
            raise wrong_key(entity.name)
        return KeyAddress(record_id, {})
    return _alternate(entity, found)


def _alternate(entity: Entity, found: dict[str, Literal]) -> KeyAddress:
    columns = {name: entity.by_wire.get(name) for name in found}
    names = {column.name for column in columns.values() if column is not None}
    if None in columns.values() or not any(
        key.status == "Active" and set(key.columns) == names for key in entity.keys.values()
    ):
        raise wrong_key(entity.name)
    values = {}
    for name, literal in found.items():
        column = columns[name]
        if column is not None:
            values[column.name] = None if literal.kind == "null" else compared(column, literal, "eq")
    return KeyAddress(None, values)


def find(session: Session, entity: Entity, key: KeyAddress) -> str | None:
    """The id of the row with a key, if there is one."""
    if key.id:
        where, params = f"{quoted(entity.id)} = ?", [key.id]
    else:
        parts = [
            compare(quoted(name), entity.columns[name], "eq", value) for name, value in key.values.items()
        ]
        where, params = " AND ".join(p.text for p in parts), [v for p in parts for v in p.params]
    row = session.connection.execute(
        f"SELECT {quoted(entity.id)} FROM {quoted(entity.name)} WHERE {where}", params
    ).fetchone()
    return row[0] if row else None


def missing(entity: Entity, key: KeyAddress) -> ApiError:
    """The 404 for a key that no row has."""
    if key.id:
        return no_record(entity.name, key.id)
    return ApiError(
        "KeyNotFound", f"A record with the specified key values does not exist in {entity.name} entity"
    )


def resolve(session: Session, address: Any, *, must_exist: bool = True) -> Reference:
    """The row that an @odata.bind or @odata.id names. Raises 400 or 404."""
    if not isinstance(address, str) or not address.strip():
        raise bad_payload("The URI of an entity reference must be a non-empty string.")
    address = referred(address.strip(), session.references)
    text = ROOT.sub("", address, count=1).lstrip("/").split("?", 1)[0]
    parts = segments(text)
    if len(parts) != 1 or parts[0].arguments is None:
        raise bad_query(
            f"Invalid entity reference: '{address[:200]}'. An entity set with a key was expected."
        )
    entity = session.snapshot.sets.get(parts[0].name)
    if entity is None:
        raise no_segment(parts[0].name)
    key = read_key(entity, parts[0])
    record_id = find(session, entity, key)
    if record_id is None:
        if must_exist or key.id is None:
            raise missing(entity, key)
        record_id = key.id
    return Reference(entity, record_id)
