"""Relationships: a lookup column with its 1:N, or an N:N with its intersect table.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-entity-relationships-using-web-api
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from typing import Any, TypeVar

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.build import Items, build_many, shadows
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
from sandbox.dataverse.metadata.model import Cascade, Column, ManyToMany, OneToMany
from sandbox.dataverse.metadata.reader import beyond, cascade_of, column_of, plain, type_of
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.metadata.wire import many_to_many_document, one_to_many_document
from sandbox.dataverse.storage import quoted, type_column
from sandbox.schema.declare import ManySpec

CUSTOM: dict[str, Any] = {"is_custom": True, "is_managed": False}
Kind = TypeVar("Kind", OneToMany, ManyToMany)
CASCADES = frozenset({"Cascade", "NoCascade", "RemoveLink", "Restrict", "Active", "UserOwned"})


def create(bench: Workshop, document: Document) -> str:
    """A relationship of either type; returns its id."""
    bench.demand("prvCreateRelationship")
    if type_of(document) == "ManyToManyRelationshipMetadata" or "Entity1LogicalName" in document:
        return create_many_to_many(bench, document).metadata_id
    lookup = document.get("Lookup")
    if not isinstance(lookup, dict):
        raise bad_payload("A one-to-many relationship needs the definition of its Lookup.")
    bench.demand("prvCreateAttribute")
    referencing = bench.entity(document.get("ReferencingEntity"))
    name = schema_name(lookup, "attribute").lower()
    existing = referencing.columns.get(name)
    target = bench.entity(document.get("ReferencedEntity"))
    if existing is None:
        column = _lookup_column(bench, referencing, lookup, (target.name,))
        _put_column(bench, column)
    elif existing.kind == "Lookup" and existing.is_custom and target.name not in existing.targets:
        column = msgspec.structs.replace(existing, targets=(*existing.targets, target.name))
        bench.alteration.put("columns", column, *shadows(column))
    else:
        raise duplicate("An attribute", name)
    one = one_to_many(bench, document, column, polymorphic=existing is not None)
    bench.alteration.put("one_to_many", one)
    bench.note(solutions.RELATIONSHIP, one)
    return one.metadata_id


def create_lookup(bench: Workshop, lookup: Document, documents: list[Any], kind: str) -> Document:
    """A lookup with several targets: CreateCustomerRelationships and CreatePolymorphicLookupAttribute."""
    bench.demand("prvCreateRelationship", "prvCreateAttribute")
    if not documents or not all(isinstance(one, dict) for one in documents):
        raise bad_payload(
            "The parameter 'OneToManyRelationships' must be a non-empty collection of relationships."
        )
    tables = {str(one.get("ReferencingEntity") or "").lower() for one in documents}
    if len(tables) != 1:
        raise ApiError(
            "InvalidArgument", "All relationships of a lookup must have the same ReferencingEntity."
        )
    referencing = bench.entity(tables.pop())
    targets = tuple(bench.entity(one.get("ReferencedEntity")).name for one in documents)
    if len(set(targets)) != len(targets) or (kind == "Customer" and set(targets) != {"account", "contact"}):
        raise ApiError(
            "InvalidArgument", f"The targets {', '.join(targets)} do not fit a lookup of type {kind}."
        )
    name = schema_name(lookup, "attribute")
    if name.lower() in referencing.columns:
        raise duplicate("An attribute", name)
    column = msgspec.structs.replace(_lookup_column(bench, referencing, lookup, targets), kind=kind)
    _put_column(bench, column)
    relationships = [one_to_many(bench, one, column, polymorphic=True) for one in documents]
    if len({one.schema_name.lower() for one in relationships}) != len(relationships):
        raise duplicate("A relationship", relationships[0].schema_name)
    bench.alteration.put("one_to_many", *relationships)
    for one in relationships:
        bench.note(solutions.RELATIONSHIP, one)
    return {"RelationshipIds": [one.metadata_id for one in relationships], "AttributeId": column.metadata_id}


def _lookup_column(bench: Workshop, entity: Entity, lookup: Document, targets: tuple[str, ...]) -> Column:
    number = max((column.number for column in entity.columns.values()), default=0) + 1
    facets = {**CUSTOM, "kind": "Lookup", "targets": targets, "number": number, "shadow_of": None}
    given = lookup | {"LogicalName": None, "AttributeType": "Lookup"}
    column = column_of(
        given, entity.name, metadata_id=new_id(lookup), **{k: v for k, v in facets.items() if k != "kind"}
    )
    bench.note(solutions.COLUMN, column)
    return column


def _put_column(bench: Workshop, column: Column) -> None:
    bench.alteration.put("columns", column, *shadows(column))


def one_to_many(bench: Workshop, document: Document, column: Column, *, polymorphic: bool) -> OneToMany:
    """The relationship behind a lookup. Raises a 400 for a name that is taken."""
    target = bench.entity(document.get("ReferencedEntity"))
    name = schema_name(document, "relationship")
    _check_name(bench, name)
    _check_cascade(document.get("CascadeConfiguration"))
    usual = (
        f"{column.schema_name}_{target.name}" if polymorphic or column.is_polymorphic else column.schema_name
    )
    lookup_name = document.get("ReferencingEntityNavigationPropertyName") or usual
    collection_name = document.get("ReferencedEntityNavigationPropertyName") or name
    referencing = bench.entity(column.table)
    if lookup_name in referencing.navigations or collection_name in target.navigations:
        raise ApiError(
            "InvalidArgument",
            f"The navigation property name of the relationship {name} is not unique within an entity.",
            code="0x80072551",
        )
    one = OneToMany(
        metadata_id=new_id(document),
        schema_name=name,
        referenced=target.name,
        referenced_column=target.id,
        referencing=column.table,
        column=column.name,
        lookup_name=lookup_name,
        collection_name=collection_name,
        cascade=cascade_of(document.get("CascadeConfiguration")),
        is_hierarchical=bool(document.get("IsHierarchical")),
        **CUSTOM,
    )
    return _with_extra(one, one_to_many_document(one), document)


def _with_extra(item: Kind, made: Document, document: Document) -> Kind:
    extra, _ = beyond(item, made, {k: v for k, v in document.items() if k not in NAMES})
    return msgspec.structs.replace(item, extra=extra)


# What a relationship holds in its own fields, or does not let clients choose.
NAMES = frozenset(one_to_many_document(OneToMany(metadata_id="", schema_name="", referenced="", referenced_column="", referencing="", column="", lookup_name="", collection_name=""))) - {
    "AssociatedMenuConfiguration", "IsValidForAdvancedFind", "IsCustomizable", "SecurityTypes"
} | {"Entity1LogicalName", "Entity2LogicalName", "IntersectEntityName", "Entity1NavigationPropertyName"} | {
    "Entity2NavigationPropertyName", "Entity1IntersectAttribute", "Entity2IntersectAttribute"
}  # fmt: skip


def _check_name(bench: Workshop, name: str) -> None:
    items = bench.snapshot.items
    taken = {one.schema_name.lower() for one in items.one_to_many} | {
        both.schema_name.lower() for both in items.many_to_many
    }
    if name.lower() in taken:
        raise duplicate("A relationship", name)


def _check_cascade(document: Any) -> None:
    given = document if isinstance(document, dict) else {}
    for member, value in given.items():
        if "@" not in member and value is not None and str(value) not in CASCADES:
            raise bad_payload(f"'{value}' is not a cascade behaviour for {member}.")


def create_many_to_many(bench: Workshop, document: Document) -> ManyToMany:
    """An N:N with its intersect table. A table linked with itself has the columns …idone and …idtwo."""
    name = schema_name(document, "relationship")
    _check_name(bench, name)
    intersect = (
        schema_name(document, "intersect entity", "IntersectEntityName")
        if document.get("IntersectEntityName")
        else name
    )
    first, second = (
        bench.entity(document.get("Entity1LogicalName")),
        bench.entity(document.get("Entity2LogicalName")),
    )
    if intersect.lower() in bench.snapshot.entities:
        raise duplicate("An entity", intersect)
    same = first.name == second.name
    spec = ManySpec(
        name,
        first.name,
        second.name,
        intersect.lower(),
        document.get("Entity1NavigationPropertyName") or name,
        document.get("Entity2NavigationPropertyName") or name,
        f"{first.id}one" if same else first.id,
        f"{second.id}two" if same else second.id,
    )
    for entity, navigation in ((first, spec.first_name), (second, spec.second_name)):
        if navigation in entity.navigations:
            raise ApiError(
                "InvalidArgument",
                f"The navigation property name of the relationship {name} is not unique within an entity.",
                code="0x80072551",
            )
    items = Items()
    build_many(spec, items)
    both = msgspec.structs.replace(items.many_to_many[0], metadata_id=new_id(document), **CUSTOM)
    both = _with_extra(both, many_to_many_document(both), document)
    items.many_to_many = [both]
    items.tables = [msgspec.structs.replace(items.tables[0], **CUSTOM)]
    bench.alteration.add(items)
    bench.note(solutions.RELATIONSHIP, both)
    return both


def update(bench: Workshop, item: OneToMany | ManyToMany, document: Document) -> None:
    """PUT: cascades, menus and the hierarchy can change, names cannot."""
    bench.demand("prvWriteRelationship")
    menus = {
        k: plain(v)
        for k, v in document.items()
        if k.endswith("MenuConfiguration") or k == "IsValidForAdvancedFind"
    }
    changed: OneToMany | ManyToMany = msgspec.structs.replace(item, extra=item.extra | menus)
    if isinstance(changed, OneToMany):
        _check_cascade(document.get("CascadeConfiguration"))
        cascade: Cascade = cascade_of(document.get("CascadeConfiguration"), changed.cascade)
        hierarchical = document.get("IsHierarchical", changed.is_hierarchical)
        changed = msgspec.structs.replace(changed, cascade=cascade, is_hierarchical=bool(hierarchical))
        bench.alteration.put("one_to_many", changed)
    else:
        bench.alteration.put("many_to_many", changed)


def delete(bench: Workshop, item: OneToMany | ManyToMany) -> None:
    """With a 1:N goes its lookup, or the lookup's target; with an N:N its intersect table."""
    bench.demand("prvDeleteRelationship")
    if not item.is_custom:
        raise not_custom("relationship", item.schema_name)
    if isinstance(item, ManyToMany):
        bench.alteration.remove("many_to_many", item)
        others = [one for one in bench.snapshot.items.many_to_many if one.intersect == item.intersect]
        if len(others) == 1 and item.intersect in bench.snapshot.entities:
            intersect = bench.snapshot.entities[item.intersect]
            bench.alteration.remove("columns", *intersect.columns.values())
            bench.alteration.remove("tables", intersect.table)
        return
    bench.alteration.remove("one_to_many", item)
    entity = bench.entity(item.referencing)
    column = entity.columns.get(item.column)
    if column is None or not column.is_lookup:
        return
    left = tuple(target for target in column.targets if target != item.referenced)
    if left:
        _forget_target(bench, column, item.referenced)
        narrower = msgspec.structs.replace(column, targets=left)
        gone = {shadow.name for shadow in shadows(column)} - {shadow.name for shadow in shadows(narrower)}
        bench.alteration.remove("columns", *(entity.columns[name] for name in gone if name in entity.columns))
        bench.alteration.put("columns", narrower)
        return
    users = [key for key in entity.keys.values() if column.name in key.columns]
    if users:
        raise in_use("Attribute", column.name, len(users))
    columns.remove(bench, entity, column)


def _forget_target(bench: Workshop, column: Column, target: str) -> None:
    name, companion = quoted(column.name), quoted(type_column(column.name))
    bench.session.connection.execute(
        f"UPDATE {quoted(column.table)} SET {name} = NULL, {companion} = NULL WHERE {companion} = ?",
        (target,),
    )
