"""What a <fetch> returns and in which order: attributes, aggregates, groups and orders."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.element import Element, invalid
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.aggregation import PARTS
from sandbox.dataverse.query.tree import Order, Output, Query, Ref, Source

AGGREGATES = frozenset({"count", "countcolumn", "sum", "avg", "min", "max"})


@dataclass
class Outputs:
    """Collects outputs under names of their own."""

    find: Callable[[Entity, str], Column]
    aggregate: bool
    distinct: bool
    found: list[Output] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, output: Output) -> None:
        """Once each; one name for two things is a fault."""
        if output in self.found:
            return
        if output.name in self.names:
            raise invalid(f"The name '{output.name[:100]}' is used for several attributes.")
        self.names.add(output.name)
        self.found.append(output)


def bind_outputs(outputs: Outputs, element: Element, source: Source, alias: str) -> None:
    """The attributes of one <entity> (without alias) or <link-entity>. Raises a 400."""
    attributes = list(element.all("attribute"))
    if outputs.aggregate:
        for attribute in attributes:
            outputs.add(_aggregate(outputs, attribute, source))
        if not alias and next(element.all("all-attributes"), None):
            raise _neither("all-attributes")
        return
    everything = bool(next(element.all("all-attributes"), None)) or (not attributes and not alias)
    if not alias and not outputs.distinct and not everything:
        outputs.add(_named(source, source.entity.columns[source.entity.id], alias))
    if everything:
        for column in source.entity.by_wire.values():
            outputs.add(_named(source, column, alias))
    for attribute in attributes:
        _attribute(outputs, attribute, source, alias)


def _named(source: Source, column: Column, alias: str) -> Output:
    return Output(Ref(source, column), f"{alias}.{column.name}" if alias else column.wire, plain=not alias)


def _attribute(outputs: Outputs, element: Element, source: Source, alias: str) -> None:
    if element.get("aggregate") or element.flag("groupby"):
        raise invalid("An aggregate or a group needs aggregate='true' on the fetch element.")
    column = outputs.find(source.entity, element.need("name"))
    name = element.get("alias")
    if element.get("rowaggregate"):
        if element.need("rowaggregate") != "CountChildren" or not name:
            raise invalid("A rowaggregate must be CountChildren and needs an alias.")
        outputs.add(Output(Ref(source, column), name, use="children"))
    elif column.shadow_of:
        return  # the text of a lookup is an annotation in the Web API
    elif name:
        outputs.add(Output(Ref(source, column), name))
    else:
        outputs.add(_named(source, column, alias))
        money = not alias and column.kind == "Money" and "transactioncurrencyid" in source.entity.columns
        if money and not outputs.distinct:
            outputs.add(_named(source, source.entity.columns["transactioncurrencyid"], alias))


def _aggregate(outputs: Outputs, element: Element, source: Source) -> Output:
    name = element.need("name")
    ref = Ref(source, outputs.find(source.entity, name))
    alias = element.get("alias")
    use, groups = (element.get("aggregate") or "").lower(), element.flag("groupby")
    if not use and not groups:
        raise _neither(name)
    if not alias:
        raise invalid(f"The attribute '{name}' of an aggregate query needs an alias.")
    part = element.get("dategrouping") or ""
    if groups:
        if part and (part not in PARTS or ref.column.kind != "DateTime"):
            raise ApiError("InvalidArgument", f"The dategrouping '{part[:40]}' is not valid for '{name}'.")
        return Output(ref, alias, use="group", part=part)
    if use not in AGGREGATES:
        raise invalid(f"The aggregate '{use[:40]}' is not supported.")
    return Output(ref, alias, use=use, distinct=element.flag("distinct"))


def _neither(name: str) -> ApiError:
    return invalid(
        "An attribute can not be requested when an aggregate operation has been specified and its neither "
        f"groupby not aggregate. NodeXml : <attribute name='{name}' />"
    )


def bind_orders(
    element: Element, source: Source, find: Callable[[str], Source], query: Query, *, raw: bool
) -> list[Order]:
    """The orders of one level. Choices sort by their labels unless `raw`."""
    return [_order(order, source, find, query, raw=raw) for order in element.all("order")]


def _order(
    element: Element, source: Source, find: Callable[[str], Source], query: Query, *, raw: bool
) -> Order:
    down, alias = element.flag("descending"), element.get("alias")
    if query.aggregate or (alias and not element.get("attribute")):
        output = next((o for o in query.outputs if o.name == alias), None)
        if output is None:
            raise invalid(
                "An attribute cannot be used in an order when an aggregate is asked for; use the alias of an attribute."
                if query.aggregate
                else f"There is no attribute with the alias '{str(alias)[:100]}'."
            )
        return Order(output.ref, down, by_label=not raw, output=output)
    holder = element.get("entityname")
    owner = find(holder) if holder else source
    column = owner.entity.columns.get(element.need("attribute"))
    if column is None or not column.is_stored or not column.can_read:
        raise ApiError(
            "AttributeNotFound",
            f"'{owner.entity.table.schema_name}' entity doesn't contain attribute with Name = "
            f"'{element.need('attribute')[:100]}' and NameMapping = 'Logical'.",
        )
    return Order(Ref(owner, column), down, by_label=not raw)
