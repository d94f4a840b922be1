"""Columns: made, changed and deleted.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-column-definitions-using-web-api
"""

import re
from collections.abc import Collection
from typing import Any

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.attributes import attribute_document
from sandbox.dataverse.metadata.build import Items, build_column, shadows, stable_id
from sandbox.dataverse.metadata.customize import solutions
from sandbox.dataverse.metadata.customize.workshop import (
    Document,
    Workshop,
    duplicate,
    in_use,
    new_id,
    not_custom,
    schema_name,
)
from sandbox.dataverse.metadata.model import CHOICES, Choice, Column, Table
from sandbox.dataverse.metadata.reader import beyond, choice_of, column_of, kind_of, managed
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.metadata.system_columns import currency_columns
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.storage import quoted
from sandbox.schema.declare import READ_ONLY, money

CREATABLE = frozenset(
    {"String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "DateTime", "Boolean", "Picklist"}
    | {"MultiSelectPicklist", "File", "Image"}
)
BOUND = re.compile(r"/?GlobalOptionSetDefinitions\((?:Name='(?P<name>[^']*)'|(?P<id>[0-9a-fA-F-]{36}))\)\Z")
CUSTOM = {"is_custom": True, "is_managed": False}


def create(bench: Workshop, table: Table, taken: Collection[str], document: Document, number: int) -> Items:
    """The items of a new column: itself, its shadows, its choice, and what an amount brings along."""
    name = schema_name(document, "attribute")
    if name.lower() in taken:
        raise duplicate("An attribute", name)
    kind = kind_of(document)
    if kind not in CREATABLE:
        raise ApiError(
            "InvalidArgument",
            f"Attributes of type {kind} cannot be created this way. Create a relationship to get a lookup.",
        )
    items = Items()
    facets: dict[str, Any] = {**CUSTOM, "number": number, "shadow_of": None}
    if kind in {"File", "Image"}:
        facets |= {"can_create": kind == "Image", "can_update": kind == "Image"}
    column = column_of(document | {"LogicalName": None}, table.name, metadata_id=new_id(document), **facets)
    if kind in CHOICES:
        column = msgspec.structs.replace(column, choice=_choice(bench, column, document, items))
        _check_default(bench, column, items)
    _check_limits(column)
    extra, _ = beyond(column, attribute_document(column, None), document)
    column = msgspec.structs.replace(column, extra={k: v for k, v in extra.items() if k not in FIXED})
    items.columns.append(column)
    items.columns.extend(shadows(column))
    if kind == "Money":
        _add_base(table, column, taken, items)
    bench.note(solutions.COLUMN, column)
    return items


# What a client may say but not choose.
FIXED = frozenset(
    {
        "LogicalName",
        "EntityLogicalName",
        "IsPrimaryId",
        "IsPrimaryName",
        "IsCustomAttribute",
        "IsManaged",
        "AttributeType",
        "AttributeTypeName",
        "ColumnNumber",
    }
)


def _add_base(table: Table, column: Column, taken: Collection[str], items: Items) -> None:
    base = money(
        f"{column.schema_name}_Base", f"{next(iter(column.labels.values()), column.name)} (Base)", **READ_ONLY
    )
    build_column(table.name, base, items, number=column.number + 1, **CUSTOM)
    for spec in currency_columns(table.name):
        if spec.name not in taken:
            build_column(table.name, spec, items, number=column.number + 2)


def _choice(bench: Workshop, column: Column, document: Document, items: Items) -> str:
    """The name of the option set of a new column: a global one that is bound, or one of its own."""
    bound = document.get("GlobalOptionSet@odata.bind") or document.get("OptionSet@odata.bind")
    given = document.get("GlobalOptionSet") or document.get("OptionSet") or {}
    if bound:
        return _bound_choice(bench, str(bound))
    if not isinstance(given, dict):
        raise bad_payload("OptionSet must be an object.")
    if given.get("IsGlobal") or (document.get("GlobalOptionSet") and given.get("Name")):
        return _global(bench, str(given.get("Name") or ""))
    if column.kind == "Boolean" and not (given.get("TrueOption") and given.get("FalseOption")):
        given = {**given, **_yes_no()}
    name = f"{column.table}_{column.name}"
    kind = "Boolean" if column.kind == "Boolean" else "Picklist"
    items.choices.append(
        choice_of(
            {"DisplayName": document.get("DisplayName"), **given},
            metadata_id=stable_id("choice", name, column.metadata_id),
            name=name,
            kind=kind,
            first=bench.option_prefix,
            **CUSTOM,
        )
    )
    return name


def _yes_no() -> Document:
    def option(value: int, text: str) -> Document:
        return {"Value": value, "Label": {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}}

    return {"TrueOption": option(1, "Yes"), "FalseOption": option(0, "No")}


def _bound_choice(bench: Workshop, address: str) -> str:
    found = BOUND.search(address)
    if not found:
        raise bad_payload(f"'{address}' is not the address of a global option set.")
    if found["name"] is not None:
        return _global(bench, found["name"])
    wanted = as_guid(found["id"])
    for choice in bench.snapshot.items.choices:
        if choice.is_global and choice.metadata_id == wanted:
            return choice.name
    raise ApiError("NotFound", f"Could not find an optionset with id {found['id']}.")


def _global(bench: Workshop, name: str) -> str:
    choice = bench.snapshot.choices.get(name)
    if choice is None or not choice.is_global:
        raise ApiError("NotFound", f"Could not find an optionset with name {name}.")
    return choice.name


def _check_default(bench: Workshop, column: Column, items: Items) -> None:
    choice = (
        next((c for c in items.choices if c.name == column.choice), None)
        or bench.snapshot.choices[column.choice or ""]
    )
    if column.default is not None and column.default not in {option.value for option in choice.options}:
        raise ApiError(
            "OptionInvalid", f"The default value {column.default} is not an option of '{column.name}'."
        )


def _check_limits(column: Column) -> None:
    most = 4000 if column.kind == "String" else 1048576
    if column.max_length is not None and not 1 <= column.max_length <= most:
        raise ApiError(
            "InvalidArgument",
            f"MaxLength of '{column.name}' must be between 1 and {most}.",
            code="0x80044332",
        )
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        raise ApiError("InvalidArgument", f"MinValue of '{column.name}' is greater than its MaxValue.")
    if column.precision is not None and not 0 <= column.precision <= 10:
        raise ApiError("InvalidArgument", f"Precision of '{column.name}' must be between 0 and 10.")


def update(bench: Workshop, entity: Entity, column: Column, document: Document) -> None:
    """PUT replaces a definition; what it leaves out stays, and names and types never change."""
    bench.demand("prvWriteAttribute")
    before = attribute_document(column, entity)
    if document.get("@odata.type") or document.get("AttributeType"):
        given = kind_of(
            document | {"AttributeTypeName": document.get("AttributeTypeName", before["AttributeTypeName"])}
        )
        if given != column.kind and {given, column.kind} - {"Lookup", "Customer", "Owner"}:
            raise ApiError("InvalidArgument", f"The type of the attribute '{column.name}' cannot be changed.")
    for member in ("SchemaName", "LogicalName"):
        if str(document.get(member) or before[member]).lower() != column.name:
            raise ApiError("InvalidArgument", f"{member} of the attribute '{column.name}' cannot be changed.")
    merged = {
        **before,
        **document,
        "@odata.type": before.get("@odata.type"),
        "AttributeType": before["AttributeType"],
    }
    if "Format" in document and "FormatName" not in document:
        merged.pop("FormatName", None)
    new = column_of(
        merged | {"AttributeTypeName": before["AttributeTypeName"], "LogicalName": column.name},
        column.table,
        metadata_id=column.metadata_id,
        shadow_of=column.shadow_of,
        number=column.number,
        choice=column.choice,
        targets=column.targets,
        labels=bench.labels(document, "DisplayName", column.labels),
        description=bench.labels(document, "Description", column.description),
        is_custom=column.is_custom,
        is_managed=column.is_managed,
    )
    new = msgspec.structs.replace(new, schema_name=column.schema_name, kind=column.kind)
    _check_limits(new)
    extra, _ = beyond(new, attribute_document(new, entity), document)
    kept = column.extra | {k: v for k, v in extra.items() if k not in FIXED | {"Format", "FormatName"}}
    bench.alteration.put("columns", msgspec.structs.replace(new, extra=kept))
    if column.behavior != new.behavior:
        _change_behavior(bench, column, new)


def _change_behavior(bench: Workshop, column: Column, new: Column) -> None:
    """A moment may become a calendar date, never the reverse: the time of day is not known."""
    if column.is_date_only:
        raise ApiError(
            "InvalidArgument",
            f"DateTimeBehavior of '{column.name}' cannot be changed any more.",
            code="0x80048D23",
        )
    if new.is_date_only:
        name = quoted(column.name)
        bench.session.connection.execute(
            f"UPDATE {quoted(column.table)} SET {name} = substr({name}, 1, 10) WHERE {name} IS NOT NULL"  # noqa: S608
        )


def delete(bench: Workshop, entity: Entity, column: Column) -> None:
    """Raises a 400 for the system's own columns, primary names, and members of keys."""
    bench.demand("prvDeleteAttribute")
    if not column.is_custom or column.shadow_of or column.name in {entity.id, entity.primary_name}:
        raise not_custom("attribute", column.name)
    users = [key for key in entity.keys.values() if column.name in key.columns]
    if users:
        raise in_use("Attribute", column.name, len(users))
    for one in [*entity.references, *entity.dormant]:
        if getattr(one, "column", None) == column.name:
            bench.alteration.remove("one_to_many", one)
    remove(bench, entity, column)


def remove(bench: Workshop, entity: Entity, column: Column) -> None:
    """Take a column out with everything that exists because of it."""
    names = {column.name}
    if column.kind == "Money":
        names.add(f"{column.name}_base")
    for other in list(entity.columns.values()):
        if other.name in names or other.shadow_of in names:
            bench.alteration.remove("columns", other)
    own = bench.snapshot.choices.get(column.choice or "")
    if isinstance(own, Choice) and not own.is_global:
        bench.alteration.remove("choices", own)


def is_primary_name(document: Document) -> bool:
    return bool(managed(document.get("IsPrimaryName"), otherwise=False))
