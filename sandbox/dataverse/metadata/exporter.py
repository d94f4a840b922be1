"""The inverse of the importer: tables as the queries would return them, with the options of choices inside."""

from collections.abc import Collection
from typing import Any

from sandbox.dataverse.metadata.attributes import option_sets
from sandbox.dataverse.metadata.catalogue import CHOICE_KINDS, catalogue_of
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot

Document = dict[str, Any]
RELATED = ("Keys", "OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships")


def export_schema(snapshot: Snapshot, tables: Collection[str] = ()) -> list[Document]:
    """Two responses: tables with everything expanded, and global choices. Without names, all tables."""
    catalogue = catalogue_of(snapshot)
    wanted = [entity for name, entity in snapshot.entities.items() if not tables or name in tables]
    listed = []
    for entity in wanted:
        document = dict(catalogue.tables[entity.name])
        document["Attributes"] = _columns(entity, snapshot)
        for name in RELATED:
            document[name] = catalogue.related(catalogue.tables[entity.name], name)
        listed.append(document)
    return [
        {"@odata.context": "$metadata#EntityDefinitions", "value": listed},
        {"@odata.context": "$metadata#GlobalOptionSetDefinitions", "value": catalogue.choices()},
    ]


def _columns(entity: Entity, snapshot: Snapshot) -> list[Document]:
    documents = []
    for document in catalogue_of(snapshot).attributes(entity):
        column = entity.columns[document["LogicalName"]]
        documents.append(document | (option_sets(column, snapshot) if column.kind in CHOICE_KINDS else {}))
    return documents
