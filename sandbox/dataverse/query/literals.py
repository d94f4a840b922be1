"""From what a query says to what SQLite holds, by the column it is compared with."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.odata.tree import Literal
from sandbox.dataverse.records.dates import parse_moment, store_moment
from sandbox.dataverse.records.decimals import store_decimal, store_money
from sandbox.dataverse.records.values import edm_type

GUID = re.compile(r"\{?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\}?\Z")
OPERATOR_KINDS = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
LITERAL_TYPES = {
    "string": "Edm.String",
    "bool": "Edm.Boolean",
    "guid": "Edm.Guid",
    "moment": "Edm.DateTimeOffset",
    "date": "Edm.Date",
    "array": "Collection(Edm.String)",
    "enum": "Edm.String",
}
INTEGERS = frozenset({"Integer", "BigInt", "Picklist", "State", "Status"})
GUIDS = frozenset({"Uniqueidentifier", "Lookup", "Customer", "Owner", "File"})
LARGEST = 2**63 - 1


def as_guid(text: str) -> str | None:
    """The canonical form of a GUID, with or without braces; None if it is none."""
    found = GUID.match(text)
    return found.group(1).lower() if found else None


def incompatible(column: Column, literal: Literal, operator: str) -> ApiError:
    kind = LITERAL_TYPES.get(literal.kind) or _number_type(literal.value)
    return bad_query(
        "A binary operator with incompatible types was detected. Found operand types "
        f"'{edm_type(column)}' and '{kind}' for operator kind '{OPERATOR_KINDS.get(operator, 'Equal')}'."
    )


def _number_type(value: Any) -> str:
    return "Edm.Int32" if isinstance(value, Decimal) and value == value.to_integral_value() else "Edm.Decimal"


def compared(column: Column, literal: Literal, operator: str) -> Any:
    """The stored form of a literal in a comparison. Raises a 400 when the types do not go together."""
    try:
        return _stored(column, literal)
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise incompatible(column, literal, operator) from error


def _stored(column: Column, literal: Literal) -> Any:
    if column.kind in GUIDS:
        return _guid(literal)
    if column.kind == "DateTime":
        if literal.kind not in {"moment", "date"}:
            raise ValueError(literal.kind)
        return stored_date(column, literal.value)
    if column.kind == "Boolean":
        if literal.kind == "bool":
            return int(literal.value)
        raise ValueError(literal.kind)
    if edm_type(column) in {"Edm.String", "Edm.Binary"}:
        if literal.kind not in {"string", "guid"}:
            raise ValueError(literal.kind)
        return literal.value
    if literal.kind != "number":
        raise ValueError(literal.kind)
    return stored_number(column, literal.value)


def _guid(literal: Literal) -> str:
    # GUIDs belong unquoted, but Microsoft's own pages and clients quote them as well.
    found = as_guid(literal.value) if literal.kind in {"guid", "string"} else None
    if not found:
        raise ValueError(literal.kind)
    return found


def stored_number(column: Column, value: Decimal) -> Any:
    """A number as its column keeps it. Raises ValueError for what SQLite could not hold."""
    if not value.is_finite() or abs(value) > 10**25:
        raise ValueError(value)
    if column.kind == "Money":
        return _bounded(store_money(value))
    if column.kind == "Decimal":
        return store_decimal(max(min(value, Decimal(10**14)), Decimal(-(10**14))))
    if column.kind in INTEGERS and value == value.to_integral_value():
        return _bounded(int(value))
    return float(value)


def _bounded(value: int) -> int:
    return max(min(value, LARGEST), -LARGEST)


def stored_date(column: Column, text: str) -> str:
    """A moment or date as its column keeps it. Raises ValueError."""
    moment = parse_moment(text)
    return moment.date().isoformat() if column.is_date_only else store_moment(moment)


def from_text(column: Column, text: str) -> Any:
    """The stored form of a value written as text, as query functions and FetchXML have it. Raises ValueError."""
    if column.kind in GUIDS:
        found = as_guid(text)
        if not found:
            raise ValueError(text)
        return found
    if column.kind == "DateTime":
        return stored_date(column, text)
    if column.kind == "Boolean":
        lowered = text.lower()
        if lowered not in {"0", "1", "true", "false"}:
            raise ValueError(text)
        return int(lowered in {"1", "true"})
    if edm_type(column) in {"Edm.String", "Edm.Binary"}:
        return text
    try:
        return stored_number(column, Decimal(text))
    except InvalidOperation as error:
        raise ValueError(text) from error
