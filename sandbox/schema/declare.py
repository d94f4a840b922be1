"""The vocabulary in which tables are written: short, with everything usual left out.

A column is named by its schema name ("AccountNumber"); the logical name is that in lower case and the label
is its words ("Account Number") unless given.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

OptionTexts = Mapping[int, str | tuple[str, str]]
USUAL_STATES: tuple[tuple[str, OptionTexts], ...] = (("Active", {1: "Active"}), ("Inactive", {2: "Inactive"}))
WHOLE_LOW, WHOLE_HIGH = -2147483648, 2147483647
MONEY_LOW, MONEY_HIGH = Decimal("-922337203685477.0000"), Decimal("922337203685477.0000")
REQUIRED, SYSTEM, RECOMMENDED = "ApplicationRequired", "SystemRequired", "Recommended"
READ_ONLY: dict[str, Any] = {"can_create": False, "can_update": False}


@dataclass(frozen=True)
class Link:
    """One target of a lookup and the relationship behind it."""

    target: str
    relationship: str
    lookup_name: str = ""
    collection_name: str = ""
    delete: str = "RemoveLink"
    hierarchical: bool = False


@dataclass(frozen=True)
class ColumnSpec:
    """A column as declared. `facets` are fields of metadata.model.Column."""

    schema_name: str
    kind: str
    label: str
    facets: dict[str, Any] = field(default_factory=dict)
    options: OptionTexts | None = None
    choice: str | None = None
    links: tuple[Link, ...] = ()
    states: tuple[tuple[str, OptionTexts], ...] = ()

    @property
    def name(self) -> str:
        return self.schema_name.lower()

    def but(self, **facets: Any) -> "ColumnSpec":
        """The same column with other facets, for what a declaration rarely says."""
        return replace(self, facets=self.facets | facets)


@dataclass(frozen=True)
class TableSpec:
    """A table as declared; ids, owners, audit columns and shadows are added when it is built."""

    schema_name: str
    set_name: str
    columns: tuple[ColumnSpec, ...]
    label: str
    plural: str
    type_code: int = 0
    ownership: str = "UserOwned"
    primary_id: str = ""
    primary_name: str | None = "name"
    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    states: tuple[tuple[str, OptionTexts], ...] = USUAL_STATES
    # Without audit columns and currency: a part of another table's row.
    bare: bool = False
    facets: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.schema_name.lower()


@dataclass(frozen=True)
class ManySpec:
    """An N:N relationship."""

    schema_name: str
    first: str
    second: str
    intersect: str
    first_name: str = ""
    second_name: str = ""
    first_column: str = ""
    second_column: str = ""


@dataclass(frozen=True)
class GlobalChoice:
    """A choice that several columns share."""

    name: str
    label: str
    options: OptionTexts


def words(schema_name: str) -> str:
    """AccountNumber -> Account Number."""
    return re.sub(
        r"(?<=[a-z0-9])(?=[A-Z])", " ", schema_name.removesuffix("Id").removesuffix("Code")
    ).replace("_", " ")


def _column(
    schema_name: str, kind: str, label: str | None, facets: dict[str, Any], **rest: Any
) -> ColumnSpec:
    return ColumnSpec(schema_name, kind, label or words(schema_name), facets, **rest)


def text(schema_name: str, length: int = 100, label: str | None = None, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "String", label, {"max_length": length, "format": "Text"} | facets)


def memo(schema_name: str, length: int = 2000, label: str | None = None, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "Memo", label, {"max_length": length, "format": "TextArea"} | facets)


def whole(
    schema_name: str, low: int = WHOLE_LOW, high: int = WHOLE_HIGH, label: str | None = None, **facets: Any
) -> ColumnSpec:
    bounds = {"minimum": Decimal(low), "maximum": Decimal(high), "format": "None"}
    return _column(schema_name, "Integer", label, bounds | facets)


def big(schema_name: str, label: str | None = None, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "BigInt", label, facets)


def decimal(
    schema_name: str,
    precision: int = 2,
    low: str = "-100000000000",
    high: str = "100000000000",
    label: str | None = None,
    **facets: Any,
) -> ColumnSpec:
    bounds = {"minimum": Decimal(low), "maximum": Decimal(high), "precision": precision}
    return _column(schema_name, "Decimal", label, bounds | facets)


def double(
    schema_name: str,
    precision: int = 5,
    low: str = "-100000000000",
    high: str = "100000000000",
    label: str | None = None,
    **facets: Any,
) -> ColumnSpec:
    bounds = {"minimum": Decimal(low), "maximum": Decimal(high), "precision": precision}
    return _column(schema_name, "Double", label, bounds | facets)


def money(schema_name: str, label: str | None = None, low: str | None = None, **facets: Any) -> ColumnSpec:
    """Comes with its read-only `_base` column in the organisation's currency."""
    bounds = {
        "minimum": Decimal(low) if low else MONEY_LOW,
        "maximum": MONEY_HIGH,
        "precision": 2,
        "precision_source": 2,
    }
    return _column(schema_name, "Money", label, bounds | facets)


def yes_no(
    schema_name: str,
    no: str = "No",
    yes: str = "Yes",
    label: str | None = None,
    default: int = 0,
    **facets: Any,
) -> ColumnSpec:
    return _column(schema_name, "Boolean", label, {"default": default} | facets, options={0: no, 1: yes})


def choice(
    schema_name: str, options: OptionTexts | str, label: str | None = None, **facets: Any
) -> ColumnSpec:
    """`options` are texts (or texts with a colour) by value, or the name of a global choice."""
    return _column(schema_name, "Picklist", label, facets, **_options(options))


def choices(
    schema_name: str, options: OptionTexts | str, label: str | None = None, **facets: Any
) -> ColumnSpec:
    """A multi-select choice."""
    return _column(schema_name, "MultiSelectPicklist", label, facets, **_options(options))


def _options(options: OptionTexts | str) -> dict[str, Any]:
    return {"choice": options} if isinstance(options, str) else {"options": options}


def moment(schema_name: str, label: str | None = None, **facets: Any) -> ColumnSpec:
    """A point in time, shown in the user's zone."""
    return _column(
        schema_name, "DateTime", label, {"format": "DateAndTime", "behavior": "UserLocal"} | facets
    )


def date(schema_name: str, label: str | None = None, **facets: Any) -> ColumnSpec:
    """A calendar date, the same for everybody."""
    return _column(schema_name, "DateTime", label, {"format": "DateOnly", "behavior": "DateOnly"} | facets)


def unique_id(schema_name: str, label: str | None = None, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "Uniqueidentifier", label, facets)


def entity_name(schema_name: str, label: str | None = None, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "EntityName", label, {"max_length": 64} | facets)


def file(schema_name: str, label: str | None = None, max_size_kb: int = 32768, **facets: Any) -> ColumnSpec:
    return _column(schema_name, "File", label, {"max_size_kb": max_size_kb, **READ_ONLY} | facets)


def lookup(
    schema_name: str,
    target: str,
    relationship: str,
    label: str | None = None,
    *,
    delete: str = "RemoveLink",
    navigation: str = "",
    hierarchical: bool = False,
    **facets: Any,
) -> ColumnSpec:
    link = Link(target, relationship, navigation or schema_name.lower(), relationship, delete, hierarchical)
    return _column(schema_name, "Lookup", label, facets, links=(link,))


def polymorphic(
    schema_name: str,
    targets: Mapping[str, str],
    label: str | None = None,
    *,
    kind: str = "Lookup",
    delete: str = "RemoveLink",
    suffixes: Mapping[str, str] | None = None,
    **facets: Any,
) -> ColumnSpec:
    """`targets` gives the relationship by table; the navigation is the column plus _table."""
    name = schema_name.lower()
    ends = suffixes or {}
    links = tuple(
        Link(table, relationship, f"{name}_{ends.get(table, table)}", relationship, delete)
        for table, relationship in targets.items()
    )
    return _column(schema_name, kind, label, facets, links=links)


def customer(
    schema_name: str, accounts: str, contacts: str, label: str | None = None, **rest: Any
) -> ColumnSpec:
    return polymorphic(
        schema_name, {"account": accounts, "contact": contacts}, label, kind="Customer", **rest
    )


def table(
    schema_name: str,
    set_name: str,
    columns: Sequence[ColumnSpec | Sequence[ColumnSpec]],
    label: str | None = None,
    plural: str | None = None,
    **rest: Any,
) -> TableSpec:
    """`columns` may hold lists of columns, such as an address. Unknown keywords become facets."""
    flat: list[ColumnSpec] = []
    for entry in columns:
        flat.extend([entry] if isinstance(entry, ColumnSpec) else entry)
    own = {name: rest.pop(name) for name in list(rest) if name in TableSpec.__dataclass_fields__}
    singular = label or words(schema_name)
    return TableSpec(
        schema_name, set_name, tuple(flat), singular, plural or singular + "s", facets=rest, **own
    )
