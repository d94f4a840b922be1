"""All documents of one snapshot, made once and kept with it."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sandbox.dataverse.errors import no_property
from sandbox.dataverse.metadata.attributes import attribute_document, option_sets
from sandbox.dataverse.metadata.model import ManyToMany, OneToMany
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.metadata.wire import (
    NAMESPACE,
    Document,
    choice_document,
    key_document,
    many_to_many_document,
    one_to_many_document,
    table_document,
)

CHOICE_KINDS = frozenset({"Picklist", "State", "Status", "Boolean", "MultiSelectPicklist"})


class Catalogue:
    """Documents by what they belong to. Navigation properties are looked up with `related`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._attributes: dict[str, list[Document]] = {}
        self.tables = {name: table_document(entity) for name, entity in snapshot.entities.items()}

    def entity_of(self, document: Document) -> Entity:
        return self.snapshot.entities[document["LogicalName"]]

    def attributes(self, entity: Entity) -> list[Document]:
        found = self._attributes.get(entity.name)
        if found is None:
            found = [attribute_document(column, entity) for column in entity.columns.values()]
            self._attributes[entity.name] = found
        return found

    def one_to_many(self, entity: Entity) -> list[Document]:
        dormant = (
            one for one in entity.dormant if isinstance(one, OneToMany) and one.referenced == entity.name
        )
        return [one_to_many_document(one) for one in (*entity.referenced_by, *dormant)]

    def many_to_one(self, entity: Entity) -> list[Document]:
        dormant = (
            one for one in entity.dormant if isinstance(one, OneToMany) and one.referencing == entity.name
        )
        return [one_to_many_document(one) for one in (*entity.references, *dormant)]

    def many_to_many(self, entity: Entity) -> list[Document]:
        dormant = (both for both in entity.dormant if isinstance(both, ManyToMany))
        return [many_to_many_document(both) for both in (*entity.many_to_many, *dormant)]

    def relationships(self) -> list[Document]:
        """All of them, each with its type."""
        items = self.snapshot.items
        one = f"#{NAMESPACE}OneToManyRelationshipMetadata"
        many = f"#{NAMESPACE}ManyToManyRelationshipMetadata"
        return [
            *({"@odata.type": one, **one_to_many_document(item)} for item in items.one_to_many),
            *({"@odata.type": many, **many_to_many_document(item)} for item in items.many_to_many),
        ]

    def choices(self) -> list[Document]:
        return [choice_document(choice) for choice in self.snapshot.items.choices if choice.is_global]

    def related(self, document: Document, name: str) -> Any:
        """A navigation property of a table or a column. Raises a 400 for an unknown one."""
        if "EntityLogicalName" in document and "AttributeType" in document:
            return self._of_column(document, name)
        if "PrimaryIdAttribute" not in document:
            raise no_property(name, "MetadataBase")
        entity = self.entity_of(document)
        collections: dict[str, Callable[[Entity], list[Document]]] = {
            "Attributes": self.attributes,
            "Keys": lambda owner: [key_document(key) for key in owner.keys.values()],
            "OneToManyRelationships": self.one_to_many,
            "ManyToOneRelationships": self.many_to_one,
            "ManyToManyRelationships": self.many_to_many,
        }
        if name not in collections:
            raise no_property(name, "EntityMetadata")
        return collections[name](entity)

    def _of_column(self, document: Document, name: str) -> Any:
        column = self.snapshot.entities[document["EntityLogicalName"]].columns[document["LogicalName"]]
        if name not in {"OptionSet", "GlobalOptionSet"} or column.kind not in CHOICE_KINDS:
            raise no_property(name, "AttributeMetadata")
        return option_sets(column, self.snapshot)[name]


_catalogues: "WeakKeyDictionary[Snapshot, Catalogue]" = WeakKeyDictionary()


def catalogue_of(snapshot: Snapshot) -> Catalogue:
    """The catalogue of a snapshot, as long as that lives."""
    found = _catalogues.get(snapshot)
    if found is None:
        found = _catalogues[snapshot] = Catalogue(snapshot)
    return found
