"""$expand: related rows fetched for a whole page at once.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/join-tables
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.errors import bad_query, no_property
from sandbox.dataverse.metadata.snapshot import Navigation
from sandbox.dataverse.odata.options import Expand, parse_orderby
from sandbox.dataverse.odata.parser import parse
from sandbox.dataverse.query.binder import Binder
from sandbox.dataverse.query.operators import Sql, members
from sandbox.dataverse.query.tree import Aliases, Order, Scope, Source
from sandbox.dataverse.records.plan import Plan, Row
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.preferences import LARGEST_PAGE

Documents = list[dict[str, Any]]


def expanded_context(select: tuple[str, ...] | None, expand: tuple[Expand, ...]) -> str:
    """(name,revenue,primarycontactid(fullname))"""
    parts = list(select or ())
    parts.extend(f"{item.name}{expanded_context(item.select, item.expand) or '()'}" for item in expand)
    return f"({','.join(parts)})" if parts else ""


@dataclass
class Expander:
    """Expands the rows of one plan. `nested` is true below another expand."""

    session: Session
    plan: Plan
    source: Source
    items: tuple[Expand, ...]
    nested: bool = False

    def __post_init__(self) -> None:
        entity = self.source.entity
        self.steps: list[tuple[Expand, Navigation, int]] = []
        for item in self.items:
            navigation = entity.navigations.get(item.name)
            if navigation is None:
                raise no_property(item.name, entity.name)
            self._check(item, navigation)
            name = navigation.column if navigation.is_single else entity.id
            at = self.plan.place(f"{self.source.alias}.{quoted(name)}")
            self.steps.append((item, navigation, at))

    def _check(self, item: Expand, navigation: Navigation) -> None:
        if item.is_reference and not navigation.is_single:
            raise bad_query("Expand with $ref is only supported on lookup type navigation property.")
        if self.nested and navigation.kind == "both":
            raise bad_query(
                f"The navigation property '{item.name}' cannot be expanded. "
                "Only many-to-one relationships are supported for nested expansion."
            )
        if (self.nested or navigation.is_single) and (item.top is not None or item.orderby is not None):
            raise bad_query(
                "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship "
                "or nested one-to-many relationship."
            )
        if item.expand and (item.top is not None or item.orderby is not None):
            raise bad_query(
                "Only $select and $filter clause can be provided while doing $expand on many-to-one relationship "
                "or nested one-to-many relationship."
            )
        if navigation.kind == "both" and item.expand:
            raise bad_query(
                f"The navigation property '{item.expand[0].name}' cannot be expanded. "
                "Only many-to-one relationships are supported for nested expansion."
            )

    def expand(self, rows: list[Row], documents: Documents) -> None:
        """Add the related rows to the documents."""
        for item, navigation, at in self.steps:
            ids = list(dict.fromkeys(row[at] for row in rows if row[at] is not None))
            if navigation.is_single:
                self._single(
                    item, navigation, ids, [(row[at], d) for row, d in zip(rows, documents, strict=True)]
                )
            else:
                self._collection(
                    item, navigation, ids, [(row[at], d) for row, d in zip(rows, documents, strict=True)]
                )

    def _single(
        self, item: Expand, navigation: Navigation, ids: list[str], targets: list[tuple[Any, dict[str, Any]]]
    ) -> None:
        entity = self.session.entity(navigation.target)
        if item.is_reference:
            for key, document in targets:
                link = f"{self.session.base}/{entity.table.set_name}({key})"
                document[item.name] = {"@odata.id": link} if key else None
            return
        found = self._fetch(item, navigation, ids, f"{{alias}}.{quoted(entity.id)}")
        by_id = dict(found)
        for key, document in targets:
            document[item.name] = by_id.get(key)

    def _collection(
        self, item: Expand, navigation: Navigation, ids: list[str], targets: list[tuple[Any, dict[str, Any]]]
    ) -> None:
        column = (
            f"{{alias}}.{quoted(navigation.column)}"
            if navigation.kind == "many"
            else f"x.{quoted(navigation.near)}"
        )
        groups: defaultdict[str, Documents] = defaultdict(list)
        for owner, document in self._fetch(item, navigation, ids, column):
            groups[owner].append(document)
        for key, document in targets:
            document[item.name] = groups.get(key, [])
            document[f"{item.name}@odata.nextLink"] = self._link(item, key)

    def _link(self, item: Expand, key: str) -> str:
        options = []
        if item.select is not None:
            options.append("$select=" + ",".join(item.select))
        if item.filter:
            options.append("$filter=" + quote(item.filter, safe="/(),'"))
        if item.orderby:
            options.append("$orderby=" + quote(item.orderby, safe="/(),'"))
        query = f"?{'&'.join(options)}" if options else ""
        return f"{self.session.base}/{self.source.entity.table.set_name}({key})/{item.name}{query}"

    def _fetch(
        self, item: Expand, navigation: Navigation, ids: list[str], column: str
    ) -> list[tuple[str, dict[str, Any]]]:
        """Pairs of the nearer row's key and the related document, sorted and cut for each key."""
        session = self.session
        aliases = Aliases()
        root = aliases.source(session.entity(navigation.target))
        scope = Scope(root)
        binder = Binder(session.snapshot, scope, aliases)
        if item.filter:
            scope.where = binder.bind(parse(item.filter))
        plan = session.planner.plan(root, item.select)
        inner = Expander(session, plan, root, item.expand, nested=True)
        owner = column.format(alias=root.alias)
        owner_at = plan.place(owner)
        orders = [Order(binder.ref(path), down) for path, down in parse_orderby(item.orderby)]
        source = session.compiler.from_clause(scope)
        if not ids:
            return []
        statement = self._limited(item, orders, plan, _linked(source, root, navigation), owner=owner, ids=ids)
        rows = session.rows(statement)
        documents = [plan.document(row) for row in rows]
        inner.expand(rows, documents)
        return [(row[owner_at], document) for row, document in zip(rows, documents, strict=True)]

    def _limited(
        self, item: Expand, orders: list[Order], plan: Plan, source: Sql, *, owner: str, ids: list[str]
    ) -> Sql:
        """At most $top rows, or a page, for each key."""
        compiler = self.session.compiler
        order = [compiler.order_expression(o) + (" DESC" if o.descending else "") for o in orders]
        order.append(plan.expressions[plan.keys.index(plan.entity.id)])
        wanted = members(ids)
        ranked = f"row_number() OVER (PARTITION BY {owner} ORDER BY {', '.join(order)})"
        limit = LARGEST_PAGE if item.top is None else min(item.top, LARGEST_PAGE)
        columns = ", ".join(f"{expression} AS c{at}" for at, expression in enumerate(plan.expressions))
        listed = ", ".join(f"c{at}" for at in range(len(plan.expressions)))
        inner = f"SELECT {columns}, {ranked} AS place {source.text} AND {owner} IN {wanted.text}"
        return Sql(
            f"SELECT {listed} FROM ({inner}) WHERE place <= {limit} ORDER BY place",
            source.params + wanted.params,
        )


def _linked(source: Sql, root: Source, navigation: Navigation) -> Sql:
    """An N:N expansion passes through the intersect table."""
    if navigation.kind != "both":
        return source
    intersect = quoted(navigation.relationship.intersect)  # type: ignore[union-attr]
    head = f"FROM {quoted(root.entity.name)} {root.alias}"
    join = f" JOIN {intersect} x ON x.{quoted(navigation.far)} = {root.alias}.{quoted(root.entity.id)}"
    return Sql(source.text.replace(head, head + join, 1), source.params)
