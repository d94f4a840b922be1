"""RetrieveMetadataChanges: tables, columns, keys and relationships by a query of its own.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrievemetadatachanges
"""

from collections.abc import Set as AbstractSet
from typing import Any

from sandbox.dataverse.errors import bad_payload
from sandbox.dataverse.metadata.catalogue import CHOICE_KINDS, Catalogue
from sandbox.dataverse.metadata.query import Document

NAMESPACE = "Microsoft.Dynamics.CRM."
RELATED = {
    "Attributes": "AttributeQuery",
    "Keys": "KeyQuery",
    "OneToManyRelationships": "RelationshipQuery",
    "ManyToOneRelationships": "RelationshipQuery",
    "ManyToManyRelationships": "RelationshipQuery",
}


def retrieve_changes(
    catalogue: Catalogue, query: Document, changed: AbstractSet[str] | None = None
) -> list[Document]:
    """The tables that a query asks for, as complex types. Raises a 400 for a query of the wrong shape.

    With the ids of what has `changed`, only that, and the tables that hold it.
    """
    found = []
    for table in catalogue.tables.values():
        if not _meets(_member(query, "Criteria"), table):
            continue
        result = _projected(table, _member(query, "Properties"), "EntityMetadata")
        related = {
            name: _related(catalogue, table, name, _member(query, sub), changed)
            for name, sub in RELATED.items()
            if name in _wanted(_member(query, "Properties"), [name])
        }
        if changed is not None:
            result["HasChanged"] = table["MetadataId"] in changed
            if not result["HasChanged"] and not any(related.values()):
                continue
        found.append(result | related)
    return found


def _related(
    catalogue: Catalogue, table: Document, name: str, query: Document, changed: AbstractSet[str] | None
) -> list[Document]:
    rows = []
    for document in catalogue.related(table, name):
        if _meets(_member(query, "Criteria"), document):
            full = document | _option_sets(catalogue, document)
            row = _projected(full, _member(query, "Properties"), "")
            if changed is not None:
                row["HasChanged"] = document.get("MetadataId") in changed
                choice = full.get("OptionSet") or {}
                if not row["HasChanged"] and choice.get("MetadataId") not in changed:
                    continue
            rows.append(row)
    return rows


def _option_sets(catalogue: Catalogue, document: Document) -> Document:
    kind = (
        str(document.get("@odata.type", "")).removeprefix(f"#{NAMESPACE}").removesuffix("AttributeMetadata")
    )
    if kind not in CHOICE_KINDS:
        return {}
    return {name: catalogue.related(document, name) for name in ("OptionSet", "GlobalOptionSet")}


def _member(query: Any, name: str) -> Document:
    if not isinstance(query, dict):
        raise bad_payload("The query must be an EntityQueryExpression.")
    found = query.get(name)
    if found is not None and not isinstance(found, dict):
        raise bad_payload(f"'{name}' of the query must be an object.")
    return found or {}


def _wanted(properties: Document, names: list[str]) -> list[str]:
    """Which of the names a MetadataPropertiesExpression asks for; nothing said means nothing but the keys."""
    if properties.get("AllProperties"):
        return names
    listed = properties.get("PropertyNames") or []
    return [name for name in names if name in listed]


def _projected(document: Document, properties: Document, base: str) -> Document:
    kind = str(document.get("@odata.type") or (f"#{NAMESPACE}{base}" if base else ""))
    result: Document = {"@odata.type": kind.replace(NAMESPACE, f"{NAMESPACE}Complex")} if kind else {}
    keys = ["LogicalName", "SchemaName", "MetadataId", "HasChanged"]
    for name in [*keys, *_wanted(properties, list(document))]:
        if name in document and not name.startswith("@"):
            result[name] = document[name]
    return result


def _meets(criteria: Document, document: Document) -> bool:
    conditions = criteria.get("Conditions") or []
    filters = criteria.get("Filters") or []
    if not isinstance(conditions, list) or not isinstance(filters, list):
        raise bad_payload("'Conditions' and 'Filters' of a metadata filter must be lists.")
    results = [_holds(one, document) for one in conditions] + [
        _meets(one, document) for one in filters if isinstance(one, dict)
    ]
    if not results:
        return True
    return any(results) if criteria.get("FilterOperator") in {"Or", 1} else all(results)


def _holds(condition: Any, document: Document) -> bool:
    if not isinstance(condition, dict) or not isinstance(condition.get("PropertyName"), str):
        raise bad_payload("A metadata condition needs a PropertyName.")
    actual = document.get(condition["PropertyName"])
    if isinstance(actual, dict) and "Value" in actual:
        actual = actual["Value"]
    given = condition.get("Value")
    value = given.get("Value") if isinstance(given, dict) else given
    operator = condition.get("ConditionOperator", "Equals")
    listed = (
        value
        if isinstance(value, list)
        else str(value).split(",")
        if operator in {"In", "NotIn"}
        else [value]
    )
    present = _same(actual) in {_same(one) for one in listed}
    if operator in {"Equals", "In"}:
        return present
    if operator in {"NotEquals", "NotIn"}:
        return not present
    raise bad_payload(f"The condition operator '{operator}' is not supported for metadata.")


def _same(value: Any) -> str:
    return str(value).strip().lower()
