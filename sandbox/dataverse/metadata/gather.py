"""What a pile of metadata responses holds, whichever queries they come from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
RELATIONSHIPS = ("OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships")


@dataclass
class Gathered:
    """Documents by name. Columns of several answers to the same question are laid over one another."""

    tables: dict[str, Document] = field(default_factory=dict)
    columns: dict[str, dict[str, Document]] = field(default_factory=dict)
    keys: dict[tuple[str, str], Document] = field(default_factory=dict)
    relationships: dict[str, Document] = field(default_factory=dict)
    choices: dict[str, Document] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def gather(contents: Any) -> Gathered:
    """Take a response, a list of responses, or a single item apart, at any depth."""
    found = Gathered()
    for document in _items(contents, found):
        _sort_in(document, found)
    return found


def _items(contents: Any, found: Gathered) -> Iterator[Document]:
    if isinstance(contents, list):
        for one in contents:
            yield from _items(one, found)
    elif not isinstance(contents, dict):
        found.strange.append(f"a JSON value of type {type(contents).__name__}")
    elif isinstance(contents.get("value", contents.get("EntityMetadata")), list):
        yield from _items(contents.get("value", contents.get("EntityMetadata")), found)
    else:
        yield contents


def _sort_in(document: Document, found: Gathered) -> None:
    if "PrimaryIdAttribute" in document and document.get("LogicalName"):
        _table(document, found)
    elif "KeyAttributes" in document and document.get("EntityLogicalName"):
        found.keys[
            document["EntityLogicalName"], str(document.get("LogicalName") or document["SchemaName"]).lower()
        ] = document
    elif "AttributeType" in document and document.get("EntityLogicalName"):
        _column(document["EntityLogicalName"], document, found)
    elif document.get("SchemaName") and (
        "ReferencingAttribute" in document or "IntersectEntityName" in document
    ):
        found.relationships[document["SchemaName"].lower()] = document
    elif document.get("Name") and ("Options" in document or "TrueOption" in document):
        found.choices[document["Name"]] = document
    else:
        found.strange.append("an object with " + (", ".join(sorted(document)[:5]) or "nothing in it"))


def _table(document: Document, found: Gathered) -> None:
    name = document["LogicalName"]
    found.tables[name] = found.tables.get(name, {}) | document
    for column in document.get("Attributes") or ():
        if isinstance(column, dict):
            _column(name, column, found)
    for key in document.get("Keys") or ():
        if isinstance(key, dict):
            found.keys[name, str(key.get("LogicalName") or key.get("SchemaName")).lower()] = key
    for member in RELATIONSHIPS:
        for relationship in document.get(member) or ():
            if isinstance(relationship, dict) and relationship.get("SchemaName"):
                found.relationships[relationship["SchemaName"].lower()] = relationship


def _column(table: str, document: Document, found: Gathered) -> None:
    """A cast's answer knows more than the plain one: it may have options. Nulls teach nothing."""
    name = str(document.get("LogicalName") or document.get("SchemaName") or "").lower()
    columns = found.columns.setdefault(table, {})
    before = columns.get(name, {})
    columns[name] = before | {k: v for k, v in document.items() if v is not None or k not in before}
    for member in ("OptionSet", "GlobalOptionSet"):
        choice = document.get(member)
        if isinstance(choice, Mapping) and choice.get("IsGlobal") and choice.get("Name"):
            found.choices.setdefault(choice["Name"], dict(choice))
