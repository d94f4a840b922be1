"""The whole $metadata document, made once for a snapshot.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-service-documents
"""

from weakref import WeakKeyDictionary

from sandbox.dataverse.csdl.annotations import Annotations
from sandbox.dataverse.csdl.entities import EntityTypes, type_name
from sandbox.dataverse.csdl.markup import tag
from sandbox.dataverse.csdl.operations import imports, operations, types
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot

VOCABULARIES = {
    "http://vocabularies.odata.org/OData.Community.Keys.V1.xml": ("OData.Community.Keys.V1", "Keys"),
    "http://vocabularies.odata.org/OData.Community.Display.V1.xml": ("OData.Community.Display.V1", "Display"),
    "http://docs.oasis-open.org/odata/odata/v4.0/vocabularies/Org.OData.Core.V1.xml": (
        "Org.OData.Core.V1",
        "Core",
    ),
    "http://docs.oasis-open.org/odata/odata/v4.0/vocabularies/Org.OData.Capabilities.V1.xml": (
        "Org.OData.Capabilities.V1",
        "Capabilities",
    ),
}
_documents: "WeakKeyDictionary[Snapshot, dict[bool, bytes]]" = WeakKeyDictionary()


def document(snapshot: Snapshot, *, annotations: bool) -> bytes:
    """The document of a snapshot, as long as that lives."""
    known = _documents.setdefault(snapshot, {})
    if annotations not in known:
        known[annotations] = _build(snapshot, Annotations(wanted=annotations)).encode()
    return known[annotations]


def _build(snapshot: Snapshot, annotations: Annotations) -> str:
    entity_types = EntityTypes(snapshot, annotations)
    sets = [_set(snapshot, entity, annotations) for entity in snapshot.entities.values()]
    container = tag("EntityContainer", *sets, *imports(), Name="System")
    schema = tag(
        "Schema",
        *entity_types.all(),
        *types(),
        *operations(),
        container,
        xmlns="http://docs.oasis-open.org/odata/ns/edm",
        Namespace="Microsoft.Dynamics.CRM",
        Alias="mscrm",
    )
    references = [
        tag(
            "edmx:Reference",
            tag("edmx:Include", Namespace=namespace, Alias=alias),
            tag("edmx:IncludeAnnotations", TermNamespace=namespace),
            Uri=uri,
        )
        for uri, (namespace, alias) in VOCABULARIES.items()
    ]
    names = {"xmlns:edmx": "http://docs.oasis-open.org/odata/ns/edmx"}
    body = tag("edmx:Edmx", *references, tag("edmx:DataServices", schema), Version="4.0", **names)
    return f'<?xml version="1.0" encoding="utf-8"?>{body}'


def _set(snapshot: Snapshot, entity: Entity, annotations: Annotations) -> str:
    bindings = [
        tag("NavigationPropertyBinding", Path=n.name, Target=snapshot.entities[n.target].table.set_name)
        for n in entity.navigations.values()
    ]
    content = [*bindings, *annotations.of_set(entity)]
    return tag("EntitySet", *content, Name=entity.table.set_name, EntityType=type_name(entity.name))
