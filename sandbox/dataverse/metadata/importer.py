"""Somebody's own schema: from the metadata that a real environment returns to tables here.

Nothing is dropped in silence: what is not understood ends up in the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sandbox.dataverse.metadata.alteration import Alteration
from sandbox.dataverse.metadata.attributes import attribute_document
from sandbox.dataverse.metadata.build import Items, build_many, stable_id
from sandbox.dataverse.metadata.customize.keys import activate
from sandbox.dataverse.metadata.gather import Document, Gathered, gather
from sandbox.dataverse.metadata.model import CHOICES, Choice, Column, Item, Key, ManyToMany, OneToMany, Table
from sandbox.dataverse.metadata.reader import (
    UnreadableError,
    beyond,
    cascade_of,
    choice_of,
    column_of,
    labels_of,
)
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.metadata.wire import (
    choice_document,
    key_document,
    many_to_many_document,
    one_to_many_document,
    table_document,
)
from sandbox.dataverse.organization import Organization
from sandbox.schema.declare import ManySpec

# Properties of options that no one here would act on.
OPTION_EXTRAS = ("ParentValues", "Tag", "TransitionData")


@dataclass
class Report:
    """What was made, and what was not understood: a text with the places where it was met."""

    made: dict[str, int] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)

    def count(self, kind: str) -> None:
        self.made[kind] = self.made.get(kind, 0) + 1

    def note(self, text: str, place: str) -> None:
        self.notes.setdefault(text, []).append(place)


class Importer:
    """Reads one pile of responses into one environment, in one transaction."""

    def __init__(self, organization: Organization, contents: Any) -> None:
        self.organization = organization
        self.found: Gathered = gather(contents)
        self.report = Report()

    def run(self) -> Report:
        """Make or replace what is described. Columns that only the sandbox has stay."""
        for text in self.found.strange:
            self.report.note("This is no metadata that is understood", text)
        with self.organization.write() as connection:
            self.alteration = Alteration(self.organization, connection)
            self.before = self.alteration.before
            for name, document in self.found.choices.items():
                self._guarded(f"choice {name}", lambda n=name, d=document: self._choice(n, d))
            for name, document in self.found.tables.items():
                self._guarded(f"table {name}", lambda d=document: self._table(d))
            for name in self.found.columns.keys() - self.found.tables.keys():
                self._loose_columns(name)
            for (table, name), document in self.found.keys.items():
                self._guarded(f"key {table}.{name}", lambda t=table, d=document: self._key(t, d))
            for name, document in self.found.relationships.items():
                self._guarded(f"relationship {name}", lambda d=document: self._relationship(d))
            after = self.alteration.apply()
        activate(self.organization)
        for entity in after.entities.values():
            for dormant in entity.dormant:
                missing = (
                    ", ".join(t for t in _tables_of(dormant) if t not in after.entities) or "a lookup column"
                )
                self.report.note(f"Relationships that sleep until there is {missing}", dormant.schema_name)
        return self.report

    def _guarded(self, place: str, work: Any) -> None:
        try:
            work()
        except UnreadableError as error:
            self.report.note(f"Left out: {error}", place)
        except (KeyError, TypeError, AttributeError, ValueError, msgspec.ValidationError) as error:
            self.report.note(f"Left out, for it is not of the expected shape ({type(error).__name__})", place)

    def _put(
        self, kind: str, item: Any, made: Document, given: Mapping[str, Any], *, place: str, old: Item | None
    ) -> None:
        """Put an item with what its document says beyond the model; an item of the same name gives way."""
        extra, unknown = beyond(item, made, given)
        for name in unknown:
            self.report.note(f"The property {name} of {kind} is not kept", place)
        if old is not None and old.metadata_id != item.metadata_id:
            self.alteration.remove(kind, old)
        self.alteration.put(kind, msgspec.structs.replace(item, extra=extra))
        self.report.count(kind)

    def _choice(self, name: str, document: Document, **facets: Any) -> Choice:
        kind = facets.pop("kind", None) or str(document.get("OptionSetType") or "Picklist")
        old = self.before.choices.get(name)
        facts = {"is_global": True, **_custom(document, "IsCustomOptionSet"), **facets}
        choice = choice_of(
            document, metadata_id=_id(document, old, "choice", name), name=name, kind=kind, **facts
        )
        for option in document.get("Options") or ():
            for extra in OPTION_EXTRAS:
                if option.get(extra):
                    self.report.note(f"{extra} of options is not kept", f"{name} {option.get('Value')}")
        made = choice_document(choice)
        self._put("choices", choice, made, document, place=name, old=old)
        return choice

    def _table(self, document: Document) -> None:
        name = document["LogicalName"]
        old = self.before.entities.get(name)
        columns = self.found.columns.get(name, {})
        primary = document["PrimaryIdAttribute"]
        if old is None and primary not in columns:
            raise UnreadableError("there is no definition of its columns")
        table = self._table_item(document, old)
        entity = Entity(table)
        entity.columns = dict(old.columns) if old else {}
        for column_name, column in columns.items():
            self._guarded(
                f"column {name}.{column_name}", lambda c=column: self._column(table, entity, old, c)
            )
        before = old.table if old else None
        self._put("tables", table, table_document(entity), document, place=name, old=before)

    def _table_item(self, document: Document, old: Entity | None) -> Table:
        name, schema = document["LogicalName"], document.get("SchemaName") or document["LogicalName"]
        reading = [p for p in document.get("Privileges") or () if p.get("PrivilegeType") == "Read"]
        access = str(reading[0]["Name"]).removeprefix("prvRead") if reading else None
        access = access or (old.table.privilege if old else None)
        return Table(
            metadata_id=_id(document, old.table if old else None, "table", name),
            name=name,
            schema_name=schema,
            set_name=document.get("EntitySetName") or document.get("LogicalCollectionName") or f"{name}s",
            labels=labels_of(document.get("DisplayName")),
            plural=labels_of(document.get("DisplayCollectionName")),
            description=labels_of(document.get("Description")),
            type_code=document.get("ObjectTypeCode") or 0,
            ownership=document.get("OwnershipType") or "UserOwned",
            primary_id=document["PrimaryIdAttribute"],
            primary_name=document.get("PrimaryNameAttribute") or None,
            is_activity=bool(document.get("IsActivity")),
            is_intersect=bool(document.get("IsIntersect")),
            is_private=bool(document.get("IsPrivate")),
            has_notes=bool(document.get("HasNotes")),
            has_activities=bool(document.get("HasActivities")),
            change_tracking=document.get("ChangeTrackingEnabled") is not False,
            optimistic_concurrency=document.get("IsOptimisticConcurrencyEnabled") is not False,
            privilege=access if access != schema else None,
            is_view=old.table.is_view if old else False,
            color=document.get("EntityColor"),
            **_custom(document, "IsCustomEntity"),
        )

    def _loose_columns(self, name: str) -> None:
        """Answers of casts without the table's own: fine, if the table is here already."""
        entity = self.before.entities.get(name)
        if entity is None:
            self.report.note("Left out: columns of a table that is in none of the files", name)
            return
        for column_name, column in self.found.columns[name].items():
            self._guarded(
                f"column {name}.{column_name}", lambda c=column: self._column(entity.table, entity, entity, c)
            )

    def _column(self, table: Table, entity: Entity, old: Entity | None, document: Document) -> None:
        name = str(document.get("LogicalName") or document["SchemaName"]).lower()
        before = old.columns.get(name) if old else None
        facts = _custom(document, "IsCustomAttribute")
        column = column_of(
            document, table.name, metadata_id=_id(document, before, "column", table.name, name), **facts
        )
        if column.kind in CHOICES and not column.shadow_of:
            column = msgspec.structs.replace(column, choice=self._choice_of(column, before, document))
        entity.columns[name] = column
        place = f"{table.name}.{name}"
        self._put("columns", column, attribute_document(column, entity), document, place=place, old=before)

    def _choice_of(self, column: Column, before: Column | None, document: Document) -> str | None:
        given = document.get("GlobalOptionSet") or document.get("OptionSet")
        if not isinstance(given, Mapping):
            if before is not None and before.choice:
                return before.choice
            self.report.note(
                "Choices without options; add the answers of the casts", f"{column.table}.{column.name}"
            )
            return None
        if given.get("IsGlobal") and given.get("Name"):
            return str(given["Name"])
        name = f"{column.table}_{column.name}"
        kind = column.kind if column.kind in {"Boolean", "State", "Status"} else "Picklist"
        own = dict(given) | {"Name": name}
        self._choice(name, own, kind=kind, is_global=False)
        if given.get("Name") not in {None, name}:
            self.report.note("Local choices are called after their column", f"{given['Name']} is {name}")
        return name

    def _key(self, table: str, document: Document) -> None:
        schema = document.get("SchemaName") or document["LogicalName"]
        name = str(document.get("LogicalName") or schema).lower()
        entity = self.before.entities.get(table)
        known = {**self.found.columns.get(table, {}), **(entity.columns if entity else {})}
        if not set(document["KeyAttributes"]) <= known.keys():
            raise UnreadableError("a column of the key is unknown")
        old = entity.keys.get(name) if entity else None
        status = document.get("EntityKeyIndexStatus") or "Active"
        key = Key(
            metadata_id=_id(document, old, "key", table, name),
            table=table,
            name=name,
            schema_name=schema,
            labels=labels_of(document.get("DisplayName")),
            columns=tuple(document["KeyAttributes"]),
            # What is Active elsewhere must prove itself on the rows that are here.
            status="Pending" if status == "Active" else status,
            due=0.0 if status == "Active" else None,
            **_custom(document, "IsCustom"),
        )
        self._put("keys", key, key_document(key), document, place=f"{table}.{name}", old=old)

    def _relationship(self, document: Document) -> None:
        if "IntersectEntityName" in document:
            self._many_to_many(document)
        else:
            self._one_to_many(document)

    def _one_to_many(self, document: Document) -> None:
        name, items = document["SchemaName"], self.before.items.one_to_many
        same = [
            one
            for one in items
            if one.schema_name.lower() == name.lower() and one.referencing == document["ReferencingEntity"]
        ]
        old = next((one for one in same if one.referenced == document["ReferencedEntity"]), None)
        one = OneToMany(
            metadata_id=_id(document, old, "relationship", name),
            schema_name=name,
            referenced=document["ReferencedEntity"],
            referenced_column=document["ReferencedAttribute"],
            referencing=document["ReferencingEntity"],
            column=document["ReferencingAttribute"],
            lookup_name=document.get("ReferencingEntityNavigationPropertyName")
            or document["ReferencingAttribute"],
            collection_name=document.get("ReferencedEntityNavigationPropertyName") or "",
            cascade=cascade_of(document.get("CascadeConfiguration")),
            is_hierarchical=bool(document.get("IsHierarchical")),
            **_custom(document, "IsCustomRelationship"),
        )
        self._put("one_to_many", one, one_to_many_document(one), document, place=name, old=old)

    def _many_to_many(self, document: Document) -> None:
        name, intersect = document["SchemaName"], document["IntersectEntityName"]
        old = next((both for both in self.before.items.many_to_many if both.schema_name == name), None)
        spec = ManySpec(
            name,
            document["Entity1LogicalName"],
            document["Entity2LogicalName"],
            intersect,
            document.get("Entity1NavigationPropertyName") or name,
            document.get("Entity2NavigationPropertyName") or name,
            document["Entity1IntersectAttribute"],
            document["Entity2IntersectAttribute"],
        )
        items = Items()
        build_many(spec, items)
        facts = _custom(document, "IsCustomRelationship")
        both: ManyToMany = msgspec.structs.replace(
            items.many_to_many[0], metadata_id=_id(document, old, "relationship", name), **facts
        )
        self._put("many_to_many", both, many_to_many_document(both), document, place=name, old=old)
        if intersect not in self.before.entities and intersect not in self.found.tables:
            items.many_to_many = []
            self.alteration.add(items)


def _id(document: Document, old: Item | None, *names: str) -> str:
    return str(document.get("MetadataId") or (old.metadata_id if old else stable_id(*names))).lower()


def _custom(document: Document, member: str) -> dict[str, Any]:
    return {"is_custom": bool(document.get(member)), "is_managed": bool(document.get("IsManaged"))}


def _tables_of(relationship: OneToMany | ManyToMany) -> tuple[str, str]:
    if isinstance(relationship, OneToMany):
        return relationship.referenced, relationship.referencing
    return relationship.first, relationship.second
