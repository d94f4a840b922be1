"""Tables: made with their columns, changed and deleted.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-entity-definitions-using-web-api
"""

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.build import Items, build_table, shadows, stable_id
from sandbox.dataverse.metadata.customize import columns, solutions
from sandbox.dataverse.metadata.customize.workshop import (
    Document,
    Workshop,
    duplicate,
    in_use,
    new_id,
    not_custom,
    schema_name,
)
from sandbox.dataverse.metadata.model import Cascade, Column, Item, OneToMany, Table
from sandbox.dataverse.metadata.reader import beyond, labels_of, managed
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.metadata.wire import table_document
from sandbox.schema.activities import ACTIVITY_STATES, activity_columns
from sandbox.schema.declare import USUAL_STATES, ColumnSpec, TableSpec

FIRST_CUSTOM_CODE = 10000
CUSTOM = {"is_custom": True, "is_managed": False}
OWNERSHIPS = frozenset({"UserOwned", "OrganizationOwned"})
FIXED = frozenset({"LogicalName", "SchemaName", "EntitySetName", "LogicalCollectionName", "PrimaryIdAttribute"}) | {
    "PrimaryNameAttribute", "OwnershipType", "IsActivity", "IsCustomEntity", "IsManaged", "IsIntersect", "IsStateModelAware",
    "ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "HasNotes", "HasActivities", "EntityColor", "HasEmailAddresses"
}  # fmt: skip


def create(bench: Workshop, document: Document) -> Table:
    """A table with what every table has, and the columns that come along."""
    bench.demand("prvCreateEntity")
    schema = schema_name(document, "entity")
    name = schema.lower()
    if name in bench.snapshot.entities:
        raise duplicate("An entity", schema)
    attributes = document.get("Attributes") or []
    if not isinstance(attributes, list) or not all(isinstance(one, dict) for one in attributes):
        raise bad_payload("Attributes must be a list of attributes.")
    items = Items()
    build_table(_spec(bench, document, schema, attributes), items)
    table = _described(bench, items.tables[0], document)
    items.tables = [table]
    taken = {column.name for column in items.columns}
    number = len(items.columns)
    for given in attributes:
        number += 3
        new = columns.create(bench, table, taken, given, number)
        taken |= {column.name for column in new.columns}
        items.columns += new.columns
        items.choices += new.choices
        items.one_to_many += new.one_to_many
    known = {*bench.snapshot.entities, name}
    items.one_to_many = [one for one in items.one_to_many if one.referenced in known]
    bench.alteration.add(items)
    bench.note(solutions.TABLE, table)
    attach(bench, table)
    return table


def _spec(bench: Workshop, document: Document, schema: str, attributes: list[Document]) -> TableSpec:
    ownership = str(document.get("OwnershipType") or "UserOwned")
    if ownership not in OWNERSHIPS:
        raise bad_payload(f"'{ownership}' is not an OwnershipType that tables can be created with.")
    primary = [one for one in attributes if columns.is_primary_name(one)]
    named = str(document.get("PrimaryNameAttribute") or "").lower()
    primary = primary or [one for one in attributes if str(one.get("SchemaName")).lower() == named]
    activity = bool(document.get("IsActivity"))
    if len(primary) != 1 and not activity:
        raise ApiError(
            "InvalidArgument", "The entity needs exactly one attribute with IsPrimaryName.", code="0x80044352"
        )
    set_name = str(document.get("EntitySetName") or plural(schema.lower()))
    if set_name in bench.snapshot.sets:
        raise duplicate("An entity set", set_name)
    if not labels_of(document.get("DisplayName")):
        raise ApiError("InvalidArgument", "Required field 'DisplayName' is missing for the entity.")
    extra: tuple[ColumnSpec, ...] = (
        activity_columns(schema.lower(), bench.snapshot.entities) if activity else ()
    )
    return TableSpec(
        schema,
        set_name,
        extra,
        schema,
        schema,
        type_code=_next_code(bench),
        ownership=ownership,
        primary_id="activityid" if activity else "",
        primary_name="subject" if activity else str(primary[0].get("SchemaName")).lower(),
        facets=dict(CUSTOM) | ({"is_activity": True, "privilege": "Activity"} if activity else {}),
        states=ACTIVITY_STATES if activity else USUAL_STATES,
    )


def plural(name: str) -> str:
    """How Dataverse names the set of a table."""
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in set("aeiou") else f"{name}s"


def _next_code(bench: Workshop) -> int:
    return max((table.type_code for table in bench.snapshot.items.tables), default=FIRST_CUSTOM_CODE) + 1


def _described(bench: Workshop, table: Table, document: Document) -> Table:
    """What a client may say about a table, on creation and in updates."""
    changed = msgspec.structs.replace(
        table,
        metadata_id=table.metadata_id if table.name in bench.snapshot.entities else new_id(document),
        labels=bench.labels(document, "DisplayName", table.labels),
        plural=bench.labels(document, "DisplayCollectionName", table.plural),
        description=bench.labels(document, "Description", table.description),
        has_notes=bool(document.get("HasNotes", table.has_notes)),
        has_activities=bool(document.get("HasActivities", table.has_activities)),
        change_tracking=bool(document.get("ChangeTrackingEnabled", table.change_tracking)),
        color=document.get("EntityColor", table.color),
    )
    entity = bench.snapshot.entities.get(table.name) or Entity(changed)
    made = table_document(entity) | dict.fromkeys(table.extra)
    extra, _ = beyond(changed, made, {k: v for k, v in document.items() if k not in FIXED and v is not None})
    return msgspec.structs.replace(changed, extra=extra)


def attach(bench: Workshop, table: Table) -> None:
    """Notes and activities can regard a table that says so."""
    wanted = []
    if table.has_notes:
        wanted.append(
            ("annotation", "objectid", f"{table.schema_name}_Annotations", f"objectid_{table.name}")
        )
    if table.has_activities:
        for entity in bench.snapshot.entities.values():
            if entity.table.is_activity:
                relationship = f"{table.schema_name}_{plural(entity.table.schema_name)}"
                navigation = f"regardingobjectid_{table.name}_{entity.name}"
                wanted.append((entity.name, "regardingobjectid", relationship, navigation))
    for referencing, column, relationship, navigation in wanted:
        found = (
            bench.snapshot.entities[referencing].columns.get(column)
            if referencing in bench.snapshot.entities
            else None
        )
        if found is not None and table.name not in found.targets:
            _widen(bench, table, found, relationship, navigation)


def _widen(bench: Workshop, table: Table, column: Column, relationship: str, navigation: str) -> None:
    wider = msgspec.structs.replace(column, targets=(*column.targets, table.name))
    primary = "activityid" if table.is_activity else table.primary_id
    one = OneToMany(
        metadata_id=stable_id("relationship", relationship, column.table, column.name),
        schema_name=relationship,
        referenced=table.name,
        referenced_column=primary,
        referencing=column.table,
        column=column.name,
        lookup_name=navigation,
        collection_name=relationship,
        cascade=Cascade(delete="Cascade"),
        is_custom=True,
        is_managed=False,
    )
    bench.alteration.put(
        "columns",
        wider,
        *(s for s in shadows(wider) if s.name not in bench.snapshot.entities[column.table].columns),
    )
    bench.alteration.put("one_to_many", one)


def update(bench: Workshop, entity: Entity, document: Document) -> None:
    """PUT replaces a definition; what it leaves out stays, and names and ownership never change."""
    bench.demand("prvWriteEntity")
    table = entity.table
    for member, value in (
        ("LogicalName", table.name),
        ("SchemaName", table.schema_name),
        ("OwnershipType", table.ownership),
    ):
        if str(managed(document.get(member), value)).lower() != value.lower():
            raise ApiError("InvalidArgument", f"{member} of the entity '{table.name}' cannot be changed.")
    changed = _described(bench, table, document)
    bench.alteration.put("tables", changed)
    if (changed.has_notes, changed.has_activities) != (table.has_notes, table.has_activities):
        attach(bench, changed)


def delete(bench: Workshop, entity: Entity) -> None:
    """With the table go its rows, columns, keys and links. Raises a 400 while lookups of other tables point to it."""
    bench.demand("prvDeleteEntity")
    if not entity.table.is_custom or entity.table.is_intersect:
        raise not_custom("entity", entity.name)
    built_in = [one for one in entity.referenced_by if one.column in {"objectid", "regardingobjectid"}]
    users = [one for one in entity.referenced_by if one.referencing != entity.name and one not in built_in]
    if users:
        raise in_use("Entity", entity.name, len(users))
    for one in built_in:
        column = bench.snapshot.entities[one.referencing].columns[one.column]
        narrower = msgspec.structs.replace(
            column, targets=tuple(t for t in column.targets if t != entity.name)
        )
        bench.alteration.put("columns", narrower)
    for both in entity.many_to_many:
        intersect = bench.snapshot.entities[both.intersect]
        bench.alteration.remove("many_to_many", both)
        bench.alteration.remove("columns", *intersect.columns.values())
        bench.alteration.remove("tables", intersect.table)
    bench.alteration.remove("one_to_many", *entity.references, *entity.referenced_by)
    bench.alteration.remove("keys", *entity.keys.values())
    bench.alteration.remove("choices", *_own_choices(bench, entity))
    bench.alteration.remove("columns", *entity.columns.values())
    bench.alteration.remove("tables", entity.table)


def _own_choices(bench: Workshop, entity: Entity) -> list[Item]:
    names = {column.choice for column in entity.columns.values() if column.choice}
    return [c for name in names if (c := bench.snapshot.choices.get(name)) and not c.is_global]
