"""From a stored value to the wire, and to the text that people read."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.dataverse.metadata.model import Column, Option, label
from sandbox.dataverse.metadata.snapshot import Snapshot
from sandbox.dataverse.records.dates import show_date, show_moment
from sandbox.dataverse.records.decimals import load_decimal, load_money

Converter = Callable[[Any], Any]
EDM_TYPES = {
    "Integer": "Edm.Int32",
    "BigInt": "Edm.Int64",
    "Money": "Edm.Decimal",
    "Decimal": "Edm.Decimal",
    "Double": "Edm.Double",
    "Boolean": "Edm.Boolean",
    "Picklist": "Edm.Int32",
    "State": "Edm.Int32",
    "Status": "Edm.Int32",
    "Uniqueidentifier": "Edm.Guid",
    "Lookup": "Edm.Guid",
    "Customer": "Edm.Guid",
    "Owner": "Edm.Guid",
    "File": "Edm.Guid",
    "Image": "Edm.Binary",
}


def edm_type(column: Column) -> str:
    """The OData type of a column."""
    if column.kind == "DateTime":
        return "Edm.Date" if column.is_date_only else "Edm.DateTimeOffset"
    return EDM_TYPES.get(column.kind, "Edm.String")


def loader(column: Column) -> Converter | None:
    """How a stored value becomes the wire's; None if it is the same."""
    if column.kind == "Boolean":
        return bool
    if column.kind == "Money":
        return load_money
    if column.kind == "Decimal":
        precision = column.precision or 0
        return lambda stored: load_decimal(stored, precision)
    return None


class _Texts(dict[int, str]):
    """Labels by value; a value without one is shown as itself. Asked for every choice of every row."""

    def __missing__(self, value: int) -> str:
        return str(value)


def _labels(options: Mapping[int, Option]) -> dict[int, str]:
    return {value: label(option.labels) or str(value) for value, option in options.items()}


def _choice_formatter(column: Column, snapshot: Snapshot) -> Converter:
    texts = _labels(snapshot.options(column.choice or ""))
    if column.kind == "MultiSelectPicklist":
        return lambda stored: "; ".join(texts.get(int(part), part) for part in stored.split(","))
    return _Texts(texts).__getitem__


def formatter(column: Column, snapshot: Snapshot) -> Converter | None:
    """How a stored value reads; None for columns that have no formatted value."""
    if column.choice:
        return _choice_formatter(column, snapshot)
    if column.kind == "DateTime":
        plain = column.is_date_only or column.format == "DateOnly"
        return show_date if plain else show_moment
    if column.kind in {"Integer", "BigInt"}:
        return str if column.format in {"Locale", "TimeZone", "Language"} else "{:,}".format
    if column.kind == "Decimal":
        precision = column.precision or 0
        return lambda stored: f"{load_decimal(stored, precision):,.{min(precision, 10)}f}"
    if column.kind == "Double":
        places = column.precision or 0
        return lambda stored: f"{stored:,.{places}f}"
    return None


def show_money(stored: int, symbol: str, precision: int) -> str:
    """$1,234.50, with the sign before the symbol."""
    amount: Decimal = load_money(stored)
    return f"{'-' if amount < 0 else ''}{symbol}{abs(amount):,.{precision}f}"
