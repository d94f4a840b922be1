"""How rows of a table become documents: decided once per request, then applied to each row."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.errors import no_property
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.query.compiler import Compiler
from sandbox.dataverse.query.tree import Ref, Source
from sandbox.dataverse.records.values import edm_type, formatter, loader, show_money
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.preferences import FORMATTED, LOGICAL_NAME, NAVIGATION, Preferences

Row = tuple[Any, ...]
# What JSON itself tells: OData names no type beside these.
PLAIN_TYPES = frozenset({"String", "Boolean", "Double", "Int32"})
PRINCIPALS = frozenset({"systemuser", "team"})


@dataclass
class Annotator:
    """Adds what is asked for beside one property."""

    key: str
    at: int
    text: Callable[[Row], Any]

    def add(self, row: Row, document: dict[str, Any]) -> None:
        if row[self.at] is not None:
            value = self.text(row)
            if value is not None:
                document[self.key] = value


@dataclass
class Plan:
    """`expressions` is the SELECT list; `keys[i]` is the property of the i-th of them."""

    entity: Entity
    names: list[str]
    expressions: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    loaders: list[tuple[str, Callable[[Any], Any]]] = field(default_factory=list)
    annotators: list[Annotator] = field(default_factory=list)
    # What follows from one value alone, as most annotations do: key, position, and how the value reads.
    shown: list[tuple[str, int, Callable[[Any], Any] | None]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    etag_at: int | None = None
    omit_nulls: bool = False
    explicit: bool = False
    # OData's full metadata: the service root, and the type of each property that JSON alone does not tell.
    root: str | None = None
    types: dict[str, str] = field(default_factory=dict)

    def place(self, expression: str) -> int:
        """The position of an expression in the SELECT list, added if it is new."""
        at = self.places.get(expression)
        if at is None:
            at = self.places[expression] = len(self.expressions)
            self.expressions.append(expression)
        return at

    def document(self, row: Row) -> dict[str, Any]:
        """One row as the wire shows it."""
        document: dict[str, Any] = {}
        if self.etag_at is not None:
            document["@odata.etag"] = f'W/"{row[self.etag_at]}"'
        document.update(zip(self.keys, row, strict=False))
        for key, load in self.loaders:
            value = document[key]
            if value is not None:
                document[key] = load(value)
        self.annotate(row, document)
        if self.entity.name in PRINCIPALS:
            document["ownerid"] = document[self.entity.id]
        if self.omit_nulls:
            document = {key: value for key, value in document.items() if value is not None}
        return document if self.root is None else self._full(document)

    def _full(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document at OData's level of full metadata."""
        place = f"{self.entity.table.set_name}({document[self.entity.id]})"
        full: dict[str, Any] = {
            "@odata.type": f"#Microsoft.Dynamics.CRM.{self.entity.name}",
            "@odata.id": f"{self.root}/{place}",
        }
        for key, value in document.items():
            if key in self.types and value is not None:
                full[f"{key}@odata.type"] = self.types[key]
            full[key] = value
        full["@odata.editLink"] = place
        for name in () if self.explicit else self.entity.navigations:
            full[f"{name}@odata.associationLink"] = f"{self.root}/{place}/{name}/$ref"
            full[f"{name}@odata.navigationLink"] = f"{self.root}/{place}/{name}"
        return full

    def annotate(self, row: Row, document: dict[str, Any]) -> None:
        """Add the annotations of one row. This runs for every cell of a page, so it is kept short."""
        for key, at, show in self.shown:
            value = row[at]
            if value is not None:
                document[key] = value if show is None else show(value)
        for annotator in self.annotators:
            annotator.add(row, document)


def selected(entity: Entity, names: tuple[str, ...] | None) -> list[Column]:
    """The columns of a $select, the primary key first; money brings its currency. Raises a 400."""
    if names is None:
        return list(entity.by_wire.values())
    columns = {entity.id: entity.columns[entity.id]}
    for name in names:
        column = entity.by_wire.get(name)
        if column is None:
            if name == "ownerid" and entity.name in PRINCIPALS:
                continue
            raise no_property(name, entity.name)
        columns.setdefault(column.name, column)
        if column.kind == "Money" and "transactioncurrencyid" in entity.columns:
            columns.setdefault("transactioncurrencyid", entity.columns["transactioncurrencyid"])
    return list(columns.values())


@dataclass
class Planner:
    """Makes plans for one request."""

    snapshot: Snapshot
    compiler: Compiler
    preferences: Preferences
    currencies: Callable[[], dict[str, tuple[str, int]]]
    base_currency: Callable[[], str]
    root: str = ""

    def plan(self, source: Source, names: tuple[str, ...] | None) -> Plan:
        """Raises a 400 for a name that is no column."""
        entity = source.entity
        columns = selected(entity, names)
        plan = Plan(entity, [column.wire for column in columns], explicit=names is not None)
        if self.preferences.metadata == "full":
            plan.root = self.root
            kinds = {column.wire: edm_type(column).removeprefix("Edm.") for column in columns}
            plan.types = {wire: f"#{kind}" for wire, kind in kinds.items() if kind not in PLAIN_TYPES}
        for column in columns:
            plan.keys.append(column.wire)
            plan.place(self.compiler.column(Ref(source, column)))
            load = loader(column)
            if load:
                plan.loaders.append((column.wire, load))
        if "versionnumber" in entity.columns:
            plan.etag_at = plan.place(f"{source.alias}.versionnumber")
        for column in columns:
            self.annotate(plan, Ref(source, column), column.wire)
        return plan

    def annotate(self, plan: Plan, ref: Ref, key: str) -> None:
        """Plan what is asked for beside a column that is shown under a key and has its place already."""
        column = ref.column
        at = plan.places[self.compiler.column(ref)]
        if column.is_lookup:
            self._annotate_lookup(plan, ref, key, at)
        elif column.kind == "Money":
            if self.preferences.wants(FORMATTED):
                self._annotate_money(plan, ref, key, at)
        elif self.preferences.wants(FORMATTED):
            show = formatter(column, self.snapshot)
            if show:
                plan.shown.append((f"{key}@{FORMATTED}", at, show))

    def _annotate_lookup(self, plan: Plan, ref: Ref, key: str, at: int) -> None:
        column, wants = ref.column, self.preferences.wants
        if wants(FORMATTED):
            name_at = plan.place(self.compiler.name_of(ref))
            plan.shown.append((f"{key}@{FORMATTED}", name_at, None))
        if not wants(NAVIGATION) and not wants(LOGICAL_NAME):
            return
        type_at = plan.place(self.compiler.type_of(ref))
        navigations = {n.target: n.name for n in ref.source.entity.lookup_navigations(column.name)}
        only = next(iter(navigations.values()), None) if column.kind == "Owner" else None
        if wants(NAVIGATION):
            named = f"{key}@{NAVIGATION}"
            plan.annotators.append(Annotator(named, at, lambda row: only or navigations.get(row[type_at])))
        if wants(LOGICAL_NAME):
            plan.annotators.append(Annotator(f"{key}@{LOGICAL_NAME}", at, lambda row: row[type_at]))

    def _annotate_money(self, plan: Plan, ref: Ref, key: str, at: int) -> None:
        source, column = ref.source, ref.column
        currencies, base = self.currencies(), self.base_currency()
        if column.name.endswith("_base") or "transactioncurrencyid" not in source.entity.columns:
            symbol, places = currencies.get(base, ("", 2))
            text: Callable[[Row], Any] = lambda row: show_money(row[at], symbol, places)  # noqa: E731
        else:
            currency_at = plan.place(f"{source.alias}.{quoted('transactioncurrencyid')}")

            def text(row: Row) -> str:
                return show_money(row[at], *currencies.get(row[currency_at] or base, ("", 2)))

        plan.annotators.append(Annotator(f"{key}@{FORMATTED}", at, text))
