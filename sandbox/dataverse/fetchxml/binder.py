"""From FetchXML to a query tree: names are looked up, links become joins, filters find their columns."""

from dataclasses import dataclass, field

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.conditions import condition_filter
from sandbox.dataverse.fetchxml.element import Element, invalid
from sandbox.dataverse.fetchxml.outputs import Outputs, bind_orders, bind_outputs
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.query.operators import COMPARATORS
from sandbox.dataverse.query.tree import (
    Aliases,
    Always,
    ColumnComparison,
    Filter,
    Group,
    Join,
    Not,
    Query,
    Ref,
    Related,
    Scope,
    Source,
)
from sandbox.dataverse.records.values import edm_type

MOST_CONDITIONS = 500
MOST_LINKS = 15
JOINS = {"inner": "inner", "outer": "left", "matchfirstrowusingcrossapply": "first", "natural": "inner"}
SEMI_JOINS = frozenset({"exists", "in"})
FILTER_LINKS = {
    "any": (False, False),
    "not any": (False, True),
    "all": (True, True),
    "not all": (True, False),
}


def find_entity(snapshot: Snapshot, name: str) -> Entity:
    """A table by logical name. Raises Dataverse's 400."""
    entity = snapshot.entities.get(name)
    if entity is None:
        raise ApiError(
            "EntityNotFound",
            f"The entity with a name = '{name[:100]}' with namemapping = 'Logical' was not found in the MetadataCache.",
        )
    return entity


def find_column(entity: Entity, name: str) -> Column:
    """A column by logical name, the name behind a lookup included. Raises Dataverse's 400."""
    column = entity.columns.get(name)
    shadow = column is not None and bool(column.shadow_of) and column.kind != "String"
    if column is None or not column.can_read or shadow or not (column.is_stored or column.shadow_of):
        raise no_attribute(entity, name)
    return column


def no_attribute(entity: Entity, name: str) -> ApiError:
    return ApiError(
        "AttributeNotFound",
        f"'{entity.table.schema_name}' entity doesn't contain attribute with Name = '{name[:100]}' "
        "and NameMapping = 'Logical'.",
    )


@dataclass
class Level:
    """An <entity> or <link-entity> with the table that it stands for. `name` is its alias in the query."""

    element: Element
    source: Source
    name: str = ""


@dataclass
class Binder:
    """Binds one <fetch>. Filter links get binders of their own that share aliases and counts."""

    snapshot: Snapshot
    scope: Scope
    aliases: Aliases
    named: dict[str, Source] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"conditions": 0, "links": 0})
    levels: list[Level] = field(default_factory=list)

    def bind_level(self, level: Level, parts: list[Filter]) -> None:
        """An element with all that is linked below it. Sources come first: filters may name later links."""
        self.levels.append(level)
        for link in level.element.all("link-entity"):
            self._link(level.source, link, parts)

    def _count(self, what: str, most: int, error: str, message: str) -> None:
        self.counts[what] += 1
        if self.counts[what] > most:
            raise ApiError(error, message)

    def _count_link(self) -> None:
        self._count(
            "links",
            MOST_LINKS,
            "TooManyJoins",
            "Number of link entities in query exceeded maximum limit.",
        )

    def _link(self, parent: Source, element: Element, parts: list[Filter]) -> None:
        self._count_link()
        kind = (element.get("link-type") or "inner").lower()
        if kind in SEMI_JOINS:
            parts.append(self._related(parent, element))
            return
        if kind not in JOINS:
            raise invalid(f"The value '{kind[:40]}' of the attribute 'link-type' is not valid here.")
        left, source = self._ends(parent, element)
        right = self._right(source, element)
        join = Join(source, left, right.name, JOINS[kind])
        self.scope.joins.append(join)
        name = element.get("alias") or f"{source.entity.name}{self.counts['links']}"
        if name in self.named:
            raise invalid(f"The alias '{name[:100]}' is used for several link-entity elements.")
        self.named[name] = source
        nested: list[Filter] = []
        self.bind_level(Level(element, source, name), nested)
        filters = tuple(self.filter(item, source) for item in element.all("filter"))
        join.on = Group("and", filters) if filters else Always(truth=True)
        parts.extend(nested)

    def _ends(self, parent: Source, element: Element) -> tuple[Ref, Source]:
        entity = find_entity(self.snapshot, element.need("name"))
        return Ref(parent, self._key(parent.entity, element.need("to"))), self.aliases.source(entity)

    def _right(self, source: Source, element: Element) -> Column:
        return self._key(source.entity, element.need("from"))

    def _key(self, entity: Entity, name: str) -> Column:
        column = find_column(entity, name)
        if column.shadow_of:
            raise no_attribute(entity, name)
        return column

    def _related(self, parent: Source, element: Element, *, negated: bool = False) -> Related:
        """A link that only filters: some related row satisfies its filters, or fails them."""
        left, source = self._ends(parent, element)
        right = self._right(source, element)
        scope = Scope(source)
        if next(element.all("attribute", "all-attributes"), None):
            raise invalid("A link-entity of this link-type cannot return columns.")
        inner = Binder(self.snapshot, scope, self.aliases, {}, self.counts)
        parts: list[Filter] = []
        inner.bind_level(Level(element, source), parts)
        parts.extend(inner.filter(item, source) for item in element.all("filter"))
        where = Group("and", tuple(parts))
        scope.where = Not(where) if negated else where
        return Related(left, right.name, scope)

    def filter(self, element: Element, source: Source) -> Filter:
        """A <filter> and what is in it. Raises a 400."""
        kind = (element.get("type") or "and").lower()
        if kind not in {"and", "or"}:
            raise invalid(f"The value '{kind[:40]}' of the attribute 'type' is not valid.")
        return Group(kind, tuple(self._item(child, source) for child in element.children))

    def _item(self, element: Element, source: Source) -> Filter:
        if element.name == "filter":
            return self.filter(element, source)
        if element.name == "condition":
            return self._condition(element, source)
        self._count_link()
        kind = (element.get("link-type") or "").lower()
        if kind not in FILTER_LINKS:
            raise invalid(f"The link-type '{kind[:40]}' is not valid inside a filter.")
        negated_inside, negated_outside = FILTER_LINKS[kind]
        found = self._related(source, element, negated=negated_inside)
        return Not(found) if negated_outside else found

    def _condition(self, element: Element, source: Source) -> Filter:
        self._count(
            "conditions",
            MOST_CONDITIONS,
            "TooManyConditions",
            f"Number of conditions in query exceeded maximum limit of {MOST_CONDITIONS}.",
        )
        holder = element.get("entityname")
        ref = self.ref(source if not holder else self.source(holder), element.need("attribute"))
        if element.get("valueof") is not None:
            return self._comparison(element, ref)
        return condition_filter(element, ref)

    def _comparison(self, element: Element, ref: Ref) -> Filter:
        operator, other = element.need("operator").lower(), element.need("valueof")
        holder, dot, name = other.rpartition(".")
        right = self.ref(self.source(holder) if dot else ref.source, name)
        if operator not in COMPARATORS or edm_type(ref.column) != edm_type(right.column):
            raise ApiError(
                "InvalidArgument",
                f"The attribute '{ref.column.name}' cannot be compared with '{other[:100]}' by '{operator[:40]}'.",
            )
        return ColumnComparison(ref, operator, right)

    def ref(self, source: Source, name: str) -> Ref:
        return Ref(source, find_column(source.entity, name))

    def source(self, name: str) -> Source:
        """A linked table by its alias, or by its name where there is no doubt. Raises a 400."""
        found = self.named.get(name)
        if found is None:
            same = [level.source for level in self.levels if level.source.entity.name == name]
            found = same[0] if len(same) == 1 else None
        if found is None:
            raise ApiError(
                "FetchInvalid", f"LinkEntity with name or alias '{name[:100]}' is not found in the query."
            )
        return found


def bind(fetch: Element, snapshot: Snapshot) -> Query:
    """The query of a <fetch>. Raises a 400."""
    element = next(fetch.all("entity"))
    aliases = Aliases()
    root = aliases.source(find_entity(snapshot, element.need("name")))
    query = Query(Scope(root), distinct=fetch.flag("distinct"), aggregate=fetch.flag("aggregate"))
    binder = Binder(snapshot, query.scope, aliases)
    parts: list[Filter] = []
    binder.bind_level(Level(element, root), parts)
    parts.extend(binder.filter(item, root) for item in element.all("filter"))
    query.scope.where = Group("and", tuple(parts))
    outputs = Outputs(find_column, aggregate=query.aggregate, distinct=query.distinct)
    for level in binder.levels:
        bind_outputs(outputs, level.element, level.source, level.name)
    if not outputs.found:
        raise invalid("An aggregate query needs at least one attribute with an aggregate or a groupby.")
    query.outputs = outputs.found
    for level in binder.levels:
        query.order += bind_orders(
            level.element, level.source, binder.source, query, raw=fetch.flag("useraworderby")
        )
    return query
