"""Alternate keys. Their index is built a moment later, and fails on values that are there twice.

https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity
"""

import sqlite3

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.alteration import Alteration
from sandbox.dataverse.metadata.customize import solutions
from sandbox.dataverse.metadata.customize.workshop import Document, Workshop, duplicate, new_id, schema_name
from sandbox.dataverse.metadata.model import ENGLISH, Column, Key
from sandbox.dataverse.metadata.reader import labels_of
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.storage import create_key_index

MOST_KEYS, MOST_COLUMNS = 10, 16
KINDS = frozenset({"Decimal", "Integer", "String", "DateTime", "Lookup", "Customer", "Owner", "Picklist"})
# What SQL Server lets an index hold, and what each kind takes of it; texts take two for each character.
MOST_BYTES = 900
BYTES = {"Decimal": 13, "Integer": 4, "DateTime": 8, "Lookup": 16, "Customer": 16, "Owner": 16, "Picklist": 4}
# Seconds until the index of a new key is built.
INDEX_DELAY = 1.0


def create(bench: Workshop, entity: Entity, document: Document) -> Key:
    """A key in the state Pending. Raises a 400 for columns that cannot be in one."""
    bench.demand("prvWriteEntity")
    name = schema_name(document, "key")
    columns = document.get("KeyAttributes")
    if not isinstance(columns, list) or not columns or not all(isinstance(one, str) for one in columns):
        raise bad_payload("KeyAttributes must be a non-empty list of logical names.")
    if any(key.name == name.lower() for key in entity.keys.values()):
        raise duplicate("An entity key", name)
    if len(entity.keys) >= MOST_KEYS or len(columns) > MOST_COLUMNS or len(set(columns)) != len(columns):
        raise ApiError(
            "InvalidArgument",
            f"A table has at most {MOST_KEYS} keys with {MOST_COLUMNS} distinct attributes each.",
        )
    for column in columns:
        found = entity.columns.get(column)
        if found is None or found.kind not in KINDS or found.shadow_of or column == entity.id:
            raise ApiError(
                "InvalidArgument", f"The attribute '{column}' cannot be part of a key of '{entity.name}'."
            )
    size = sum(_bytes(entity.columns[column]) for column in columns)
    if size > MOST_BYTES:
        raise ApiError(
            "InvalidArgument",
            f"The attributes of the key take {size} bytes; a key has at most {MOST_BYTES}.",
        )
    if any(set(key.columns) == set(columns) for key in entity.keys.values()):
        raise duplicate("An entity key for these attributes", name)
    key = Key(
        metadata_id=new_id(document),
        table=entity.name,
        name=name.lower(),
        schema_name=name,
        labels=labels_of(document.get("DisplayName")) or {ENGLISH: name},
        columns=tuple(columns),
        status="Pending",
        due=bench.session.organization.clock.timestamp() + INDEX_DELAY,
        is_custom=True,
        is_managed=False,
    )
    bench.alteration.put("keys", key)
    bench.note(solutions.KEY, key)
    return key


def _bytes(column: Column) -> int:
    return BYTES.get(column.kind) or 2 * (column.max_length or 0)


def delete(bench: Workshop, key: Key) -> None:
    bench.demand("prvWriteEntity")
    bench.alteration.remove("keys", key)


def activate(organization: Organization) -> None:
    """Build the indexes that are due. Called before every request; costs nothing when there are none."""
    due = organization.snapshot.next_key_due
    now = organization.clock.timestamp()
    if due is None or due > now:
        return
    with organization.write() as connection:
        alteration = Alteration(organization, connection)
        for key in alteration.before.items.keys:
            if key.due is not None and key.due <= now:
                entity = alteration.before.entities[key.table]
                alteration.put(
                    "keys", msgspec.structs.replace(key, due=None, status=_index(organization, entity, key))
                )
        alteration.apply()


def _index(organization: Organization, entity: Entity, key: Key) -> str:
    """Active, or Failed because of repeated values."""
    try:
        with organization.write() as connection:
            create_key_index(connection, entity, key.name, key.columns)
    except sqlite3.IntegrityError:
        return "Failed"
    return "Active"
