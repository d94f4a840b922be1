"""EntityDefinitions, RelationshipDefinitions and GlobalOptionSetDefinitions, for reading."""

from collections.abc import Callable
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_query, no_method, no_property, no_segment
from sandbox.dataverse.metadata.catalogue import Catalogue, catalogue_of
from sandbox.dataverse.metadata.query import answer_list, expand, project
from sandbox.dataverse.odata.options import parse_expand, parse_select
from sandbox.dataverse.odata.path import Segment, key_values, wrong_key
from sandbox.dataverse.odata.tree import Literal
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call

Document = dict[str, Any]
NAMESPACE = "Microsoft.Dynamics.CRM."
COLLECTIONS = (
    "Attributes",
    "Keys",
    "OneToManyRelationships",
    "ManyToOneRelationships",
    "ManyToManyRelationships",
)
NEEDED = {
    "EntityDefinitions": "prvReadEntity",
    "RelationshipDefinitions": "prvReadRelationship",
    "GlobalOptionSetDefinitions": "prvReadOptionSet",
}
TYPES = {
    "EntityDefinitions": "EntityMetadata",
    "RelationshipDefinitions": "RelationshipMetadataBase",
    "GlobalOptionSetDefinitions": "OptionSetMetadataBase",
    "Attributes": "AttributeMetadata",
    "Keys": "EntityKeyMetadata",
    "OneToManyRelationships": "OneToManyRelationshipMetadata",
    "ManyToOneRelationships": "OneToManyRelationshipMetadata",
    "ManyToManyRelationships": "ManyToManyRelationshipMetadata",
}
# Segments that narrow to a base type change nothing.
NOT_CASTABLE = frozenset({"EnumAttributeMetadata"})


class MetadataReader:
    """Answers one GET below a metadata set."""

    def __init__(self, session: Session, call: Call) -> None:
        self.session = session
        self.call = call
        self.catalogue: Catalogue = catalogue_of(session.snapshot)

    def answer(self, parts: list[Segment]) -> Answer:
        head = parts[0].name
        self.session.access.demand(NEEDED[head])
        documents = self._roots(head)
        if head == "GlobalOptionSetDefinitions" and "$filter" in self.call.options:
            raise bad_query("The query parameter $filter is not supported")
        return self._collection(documents, parts, head, head)

    def _roots(self, head: str) -> list[Document]:
        if head == "EntityDefinitions":
            return list(self.catalogue.tables.values())
        return (
            self.catalogue.relationships() if head == "RelationshipDefinitions" else self.catalogue.choices()
        )

    def _collection(self, documents: list[Document], parts: list[Segment], kind: str, context: str) -> Answer:
        """A collection, a cast of it, or one of its items and what lies below."""
        segment, rest = parts[0], parts[1:]
        if segment.arguments is not None:
            return self._item(self._find(documents, segment, kind), rest, kind, context)
        if rest and rest[0].name.startswith(NAMESPACE):
            cast, rest = rest[0].name.removeprefix(NAMESPACE), rest[1:]
            documents = _cast(documents, cast)
            context = f"{context}/{NAMESPACE}{cast}"
            kind_name = cast
        else:
            kind_name = TYPES[kind]
        if rest and rest[0].name == "$count" and len(rest) == 1:
            return Answer(body=str(len(documents)).encode(), content_type="text/plain")
        if rest:
            raise no_segment(rest[0].name)
        found = answer_list(
            documents, self.call.options, self.call.aliases, self.catalogue.related, kind_name
        )
        body: Document = {"@odata.context": self._context(context), "value": found}
        if self.call.option("$count") == "true":
            body["@odata.count"] = len(found)
        return Answer(body=body)

    def _context(self, context: str) -> str:
        select = self.call.option("$select")
        return f"{self.session.base}/$metadata#{context}" + (f"({select})" if select else "")

    def _find(self, documents: list[Document], segment: Segment, kind: str) -> Document:
        """An item by MetadataId or by its name."""
        key = key_values(segment, TYPES[kind], self.call.aliases)
        if isinstance(key, Literal):
            wanted = {"MetadataId": as_guid(str(key.value))}
        elif len(key) == 1 and next(iter(key)) in {"LogicalName", "SchemaName", "Name", "MetadataId"}:
            wanted = {name: literal.value for name, literal in key.items()}
        else:
            raise wrong_key(TYPES[kind])
        name, value = next(iter(wanted.items()))
        lowered = str(value).lower()
        for document in documents:
            if str(document.get(name)).lower() == lowered:
                return document
        raise _missing(kind, str(value))

    def _item(self, document: Document, rest: list[Segment], kind: str, context: str) -> Answer:
        type_name = TYPES[kind]
        if rest and rest[0].name.startswith(NAMESPACE):
            type_name = rest[0].name.removeprefix(NAMESPACE)
            if not _cast([document], type_name):
                raise _missing(kind, str(document.get("LogicalName") or document.get("SchemaName")))
            context = f"{context}/{NAMESPACE}{type_name}"
            rest = rest[1:]
        if not rest:
            select, items = (
                parse_select(self.call.option("$select")),
                parse_expand(self.call.option("$expand")),
            )
            result = project(document, select, type_name)
            expand(document, result, items, self.catalogue.related)
            return Answer(body={"@odata.context": f"{self._context(context)}/$entity", **result})
        return self._below(document, rest, kind, context, type_name)

    def _below(
        self, document: Document, rest: list[Segment], kind: str, context: str, type_name: str
    ) -> Answer:
        name = rest[0].name
        key = f"{context}({document['MetadataId']})"
        if kind == "EntityDefinitions" and name in COLLECTIONS:
            related = self.catalogue.related(document, name)
            return self._collection(related, rest, name, f"{key}/{name}")
        if kind == "Attributes" and name in {"OptionSet", "GlobalOptionSet"}:
            found = self.catalogue.related(document, name)
            if found is None:
                return Answer(204)
            return self._item(found, rest[1:], "GlobalOptionSetDefinitions", f"{key}/{name}")
        if name not in document or rest[0].arguments is not None:
            raise no_segment(name) if kind == "EntityDefinitions" else no_property(name, type_name)
        return _value(document[name], rest[1:], f"{self.session.base}/$metadata#{key}/{name}")


def _value(value: Any, rest: list[Segment], context: str) -> Answer:
    if rest and rest[0].name == "$value":
        return Answer(body=str(value).encode(), content_type="text/plain")
    if rest and isinstance(value, dict) and rest[0].name in value:
        return _value(value[rest[0].name], rest[1:], f"{context}/{rest[0].name}")
    if rest:
        raise no_segment(rest[0].name)
    if isinstance(value, dict):
        return Answer(body={"@odata.context": context, **value})
    return Answer(body={"@odata.context": context, "value": value})


def _cast(documents: list[Document], name: str) -> list[Document]:
    """The documents of a derived type. Enum attributes cannot be cast to."""
    if name in NOT_CASTABLE or not name.endswith(
        ("AttributeMetadata", "RelationshipMetadata", "OptionSetMetadata")
    ):
        raise bad_query(f"The type 'Microsoft.Dynamics.CRM.{name}' cannot be cast to.")
    if name == "AttributeMetadata":
        return documents
    tests: dict[bool, Callable[[Document], bool]] = {
        True: lambda d: str(d.get("@odata.type", "")).endswith(f".{name}"),
        False: lambda d: d.get("RelationshipType") == name.removesuffix("Metadata"),
    }
    return [document for document in documents if tests["@odata.type" in document](document)]


def _missing(kind: str, name: str) -> ApiError:
    messages = {
        "EntityDefinitions": f"Could not find an entity with specified entity name: {name}",
        "Attributes": f"Could not find an attribute with specified attribute name: {name}",
    }
    return ApiError("NotFound", messages.get(kind, f"Could not find {TYPES[kind]} with name {name}"))


def read_metadata(session: Session, call: Call, parts: list[Segment]) -> Answer:
    """GET of a metadata resource."""
    if call.method not in {"GET", "HEAD"}:
        raise no_method(call.method)
    return MetadataReader(session, call).answer(parts)
