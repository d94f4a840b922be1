"""From a declaration to metadata items: what Dataverse itself adds when a table is made."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.metadata.model import (
    ENGLISH,
    Cascade,
    Choice,
    Column,
    Key,
    Labels,
    ManyToMany,
    OneToMany,
    Option,
    Table,
)
from sandbox.dataverse.metadata.system_columns import system_columns
from sandbox.schema.activities import KINDS
from sandbox.schema.declare import (
    READ_ONLY,
    ColumnSpec,
    GlobalChoice,
    ManySpec,
    OptionTexts,
    TableSpec,
    money,
)

# Primary keys that are not called after their table.
KEYS = {"owner": "ownerid"} | dict.fromkeys(("activitypointer", *KINDS), "activityid")
NAMESPACE = uuid.UUID("6d1b4a52-0c5c-4d7e-9a3e-2f4f1d3b7a10")


@dataclass
class Items:
    """A batch of new metadata."""

    tables: list[Table] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    one_to_many: list[OneToMany] = field(default_factory=list)
    many_to_many: list[ManyToMany] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


def stable_id(*names: str) -> str:
    """The same item has the same id in every sandbox environment."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


def english(text: str | None) -> Labels:
    return {ENGLISH: text} if text else {}


def options_of(texts: OptionTexts, **facets: Any) -> tuple[Option, ...]:
    """Options from texts, or texts with a colour."""
    options = []
    for value, entry in texts.items():
        text, color = (entry, None) if isinstance(entry, str) else entry
        options.append(Option(value=value, labels=english(text), color=color, **facets))
    return tuple(options)


def build_table(spec: TableSpec, items: Items) -> None:
    """Add a table with all its columns, relationships, keys and local choices."""
    facets = dict(spec.facets)
    custom = {"is_custom": facets.get("is_custom", False), "is_managed": facets.get("is_managed", True)}
    primary_id = spec.primary_id or f"{spec.name}id"
    items.tables.append(
        Table(
            metadata_id=stable_id("table", spec.name),
            name=spec.name,
            schema_name=spec.schema_name,
            set_name=spec.set_name,
            labels=english(spec.label),
            plural=english(spec.plural),
            type_code=spec.type_code,
            ownership=spec.ownership,
            primary_id=primary_id,
            primary_name=spec.primary_name,
            **facets,
        )
    )
    columns = [*system_columns(spec), *_with_bases(spec.columns)]
    if spec.states and spec.ownership != "None":
        columns += _state_columns(spec)
    for number, column in enumerate(columns, start=1):
        build_column(spec.name, column, items, number=number, **custom)
    for name, names in spec.keys:
        key_id = stable_id("key", spec.name, name)
        items.keys.append(
            Key(
                metadata_id=key_id,
                table=spec.name,
                name=name.lower(),
                schema_name=name,
                labels=english(name),
                columns=names,
                **custom,
            )
        )


def _with_bases(columns: Iterable[ColumnSpec]) -> list[ColumnSpec]:
    """Every amount has its twin in the organisation's currency."""
    result: list[ColumnSpec] = []
    for column in columns:
        result.append(column)
        if column.kind == "Money":
            result.append(money(f"{column.schema_name}_Base", f"{column.label} (Base)", **READ_ONLY))
    return result


def _state_columns(spec: TableSpec) -> list[ColumnSpec]:
    return [
        ColumnSpec(
            "StateCode",
            "State",
            "Status",
            {"required": "SystemRequired", "can_create": True},
            states=spec.states,
        ),
        ColumnSpec("StatusCode", "Status", "Status Reason", {}, states=spec.states),
    ]


def build_column(table: str, spec: ColumnSpec, items: Items, **facets: Any) -> Column:
    """Add a column with its local choice, its relationships and its shadows."""
    options = _choice_of(table, spec, items, facets)
    targets = spec.facets.get("targets") or tuple(link.target for link in spec.links)
    merged: dict[str, Any] = {**facets, **spec.facets, "targets": targets, "choice": options}
    column = Column(
        metadata_id=stable_id("column", table, spec.name),
        table=table,
        name=spec.name,
        schema_name=spec.schema_name,
        kind=spec.kind,
        labels=english(spec.label),
        **merged,
    )
    items.columns.append(column)
    items.columns.extend(shadows(column))
    for link in spec.links:
        items.one_to_many.append(
            OneToMany(
                metadata_id=stable_id("relationship", link.relationship, table, spec.name),
                schema_name=link.relationship,
                referenced=link.target,
                referenced_column=KEYS.get(link.target, f"{link.target}id"),
                referencing=table,
                column=spec.name,
                lookup_name=link.lookup_name,
                collection_name=link.collection_name,
                cascade=Cascade(delete=link.delete),
                is_hierarchical=link.hierarchical,
                is_custom=column.is_custom,
                is_managed=column.is_managed,
            )
        )
    return column


def _choice_of(table: str, spec: ColumnSpec, items: Items, facets: Mapping[str, Any]) -> str | None:
    if spec.choice:
        return spec.choice
    if spec.states:
        options = _state_options(spec)
    elif spec.options:
        options = options_of(spec.options)
    else:
        return None
    name = f"{table}_{spec.name}"
    items.choices.append(
        Choice(
            metadata_id=stable_id("choice", name),
            name=name,
            kind=spec.kind if spec.kind in {"Boolean", "State", "Status"} else "Picklist",
            labels=english(spec.label),
            options=options,
            is_custom=bool(facets.get("is_custom")),
            is_managed=bool(facets.get("is_managed", True)),
        )
    )
    return name


def _state_options(spec: ColumnSpec) -> tuple[Option, ...]:
    """States number themselves from 0; the first reason of a state is its default."""
    options: list[Option] = []
    for state, (text, reasons) in enumerate(spec.states):
        if spec.kind == "State":
            options.append(Option(value=state, labels=english(text), default_status=next(iter(reasons))))
        else:
            options.extend(options_of(reasons, state=state))
    return tuple(options)


def shadows(column: Column) -> list[Column]:
    """The read-only columns that repeat a label or a name, which only metadata shows."""
    if column.is_lookup and column.name != "owningbusinessunit":
        names = [(f"{column.name}name", "String"), (f"{column.name}yominame", "String")]
        if column.is_polymorphic:
            names.append((f"{column.name}type", "EntityName"))
    elif column.choice and column.kind in {"Picklist", "State", "Status", "Boolean", "MultiSelectPicklist"}:
        names = [(f"{column.name}name", "Virtual")]
    elif column.kind == "File":
        names = [(f"{column.name}_name", "String")]
    else:
        names = []
    return [
        Column(
            metadata_id=stable_id("column", column.table, name),
            table=column.table,
            name=name,
            schema_name=name,
            kind=kind,
            shadow_of=column.name,
            can_create=False,
            can_update=False,
            max_length=160 if kind == "String" else None,
            is_custom=column.is_custom,
            is_managed=column.is_managed,
        )
        for name, kind in names
    ]


def build_many(spec: ManySpec, items: Items) -> None:
    """Add an N:N relationship and its intersect table."""
    first = spec.first_column or f"{spec.first}id"
    second = spec.second_column or f"{spec.second}id"
    items.many_to_many.append(
        ManyToMany(
            metadata_id=stable_id("relationship", spec.schema_name),
            schema_name=spec.schema_name,
            first=spec.first,
            second=spec.second,
            intersect=spec.intersect,
            first_column=first,
            second_column=second,
            first_name=spec.first_name or spec.schema_name,
            second_name=spec.second_name or spec.schema_name,
            is_custom="_" in spec.intersect,
        )
    )
    items.tables.append(
        Table(
            metadata_id=stable_id("table", spec.intersect),
            name=spec.intersect,
            schema_name=spec.intersect,
            set_name=f"{spec.intersect}set" if "_" in spec.intersect else f"{spec.intersect}collection",
            labels=english(spec.intersect),
            ownership="None",
            primary_id=f"{spec.intersect}id",
            is_intersect=True,
            optimistic_concurrency=False,
        )
    )
    extra = ["privilegedepthmask"] if spec.intersect == "roleprivileges" else []
    kinds = {f"{spec.intersect}id": "Uniqueidentifier", first: "Uniqueidentifier", second: "Uniqueidentifier"}
    kinds |= {"versionnumber": "BigInt"} | dict.fromkeys(extra, "Integer")
    for number, (name, kind) in enumerate(kinds.items(), start=1):
        spec_of = ColumnSpec(name, kind, name, {"can_create": False, "can_update": False})
        build_column(spec.intersect, spec_of, items, number=number)


def build_choice(spec: GlobalChoice, items: Items) -> None:
    """Add a global choice."""
    items.choices.append(
        Choice(
            metadata_id=stable_id("choice", spec.name),
            name=spec.name,
            kind="Picklist",
            is_global=True,
            labels=english(spec.label),
            options=options_of(spec.options),
            is_custom="_" in spec.name,
            is_managed=False,
        )
    )


def build_all(
    tables: Iterable[TableSpec], many: Iterable[ManySpec], choices: Iterable[GlobalChoice]
) -> Items:
    """Everything of a set of declarations. Relationships to tables that are not among them are left out."""
    items = Items()
    for choice in choices:
        build_choice(choice, items)
    for table in tables:
        build_table(table, items)
    for relationship in many:
        build_many(relationship, items)
    known = {table.name for table in items.tables}
    items.one_to_many = [one for one in items.one_to_many if one.referenced in known]
    return items
