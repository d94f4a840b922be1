"""Rows as FetchXML and SQL have them: columns of several tables side by side, nulls left out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.dataverse.query.aggregation import SCALES, expression
from sandbox.dataverse.query.tree import Output, Query
from sandbox.dataverse.records.decimals import load_decimal, load_money, load_wide, store_wide
from sandbox.dataverse.records.plan import PRINCIPALS, Annotator, Plan, Row
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.values import formatter, loader
from sandbox.dataverse.web.preferences import FORMATTED

ATTRIBUTE_NAME = "OData.Community.Display.V1.AttributeName"
SUM_PLACES = {"Money": 4, "Decimal": 10}
MIN_PLACES = {"Money": load_money, "Decimal": lambda stored: load_decimal(stored, 10)}


@dataclass
class FlatPlan(Plan):
    """`cells` are the properties in order, each with its place in the row."""

    cells: list[tuple[str, int]] = field(default_factory=list)

    def document(self, row: Row) -> dict[str, Any]:
        document: dict[str, Any] = {}
        if self.etag_at is not None:
            document["@odata.etag"] = f'W/"{row[self.etag_at]}"'
        for key, at in self.cells:
            if row[at] is not None:
                document[key] = row[at]
        for key, load in self.loaders:
            if key in document:
                document[key] = load(document[key])
        self.annotate(row, document)
        return document


def flat_plan(session: Session, query: Query, *, zero_sums: bool) -> FlatPlan:
    """The plan of a query's outputs that have a name. `zero_sums` makes the sum of nothing 0, as FetchXML has it."""
    entity = query.scope.root.entity
    plan = FlatPlan(entity, [output.name for output in query.outputs])
    for output in (o for o in query.outputs if o.name):
        _add(session, plan, output, zero_sums=zero_sums)
    has_id = any(o.plain and o.ref.source is query.scope.root and o.name == entity.id for o in query.outputs)
    if has_id and not query.aggregate:
        if "versionnumber" in entity.columns:
            plan.etag_at = plan.place(f"{query.scope.root.alias}.versionnumber")
        if entity.name in PRINCIPALS:
            plan.cells.append(("ownerid", dict(plan.cells)[entity.id]))
    return plan


def _add(session: Session, plan: FlatPlan, output: Output, *, zero_sums: bool) -> None:
    text = expression(session.compiler, output)
    if output.use == "sum" and zero_sums:
        text = f"coalesce({text}, {_zero(output)})"
    at = plan.place(text)
    plan.cells.append((output.name, at))
    load = _loader(output)
    if load:
        plan.loaders.append((output.name, load))
    wants = session.preferences.wants
    if output.is_aggregate or output.part or output.use == "children":
        show = _formatter(session, output)
        if show and wants(FORMATTED):
            plan.shown.append((f"{output.name}@{FORMATTED}", at, show))
    else:
        session.planner.annotate(plan, output.ref, output.name)
    if not output.plain and wants(ATTRIBUTE_NAME):
        name = output.ref.column.name
        plan.annotators.append(Annotator(f"{output.name}@{ATTRIBUTE_NAME}", at, lambda _row: name))


def _zero(output: Output) -> str:
    return "0.0" if output.ref.column.kind == "Double" else f"'{store_wide(0)}'"


def _loader(output: Output) -> Callable[[Any], Any] | None:
    kind = output.ref.column.kind
    if output.part:
        return _period if output.part == "fiscal-period" else None
    if output.use in {"count", "countcolumn", "children"}:
        return None
    if output.use in {"sum", "avg"}:
        if kind not in SCALES:
            return None
        places = SUM_PLACES.get(kind)
        return (lambda stored: int(load_wide(stored))) if places is None else _quantized(places)
    if output.use in {"min", "max"}:
        return MIN_PLACES.get(kind)
    return loader(output.ref.column)


def _quantized(places: int) -> Callable[[str], Decimal]:
    return lambda stored: round(load_wide(stored), places)


def _period(number: int) -> str:
    return f"Quarter {number % 10} FY{number // 10}"


def _formatter(session: Session, output: Output) -> Callable[[Any], Any] | None:
    column, load = output.ref.column, _loader(output)
    if output.part:
        return {"fiscal-period": _period, "fiscal-year": "FY{}".format}.get(output.part, "{:,}".format)
    if output.use in {"count", "countcolumn", "children"}:
        return "{:,}".format
    if column.kind == "DateTime":
        return formatter(column, session.snapshot)
    symbol, places = "", column.precision or 0
    if column.kind == "Money":
        symbol, places = session.currencies.get(session.base_currency, ("", 2))

    def show(stored: Any) -> str:
        value = load(stored) if load else stored
        return f"{'-' if value < 0 else ''}{symbol}{abs(value):,.{places}f}"

    return show
