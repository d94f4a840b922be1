"""Lists of rows: from query options to a page."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.options import Expand, parse_expand, parse_orderby, parse_select, parse_top
from sandbox.dataverse.odata.parser import parse
from sandbox.dataverse.query.binder import Binder
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.paging import (
    Key,
    Position,
    after,
    bare_page,
    inner_cookie,
    key_of,
    paging_cookie,
    read_token,
    skip_token,
)
from sandbox.dataverse.query.tree import Aliases, Order, Query, Scope
from sandbox.dataverse.records.expansion import Expander, expanded_context
from sandbox.dataverse.records.plan import Plan, Row
from sandbox.dataverse.records.reading import simple_offset
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.preferences import LARGEST_PAGE, TOTAL, TOTAL_EXCEEDED

SUPPORTED = frozenset({"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken"})


@dataclass
class Request:
    """The options of a list. `fixed` is a condition from the path, such as a navigation property's."""

    entity: Entity
    select: tuple[str, ...] | None = None
    filter: str | None = None
    orderby: str | None = None
    top: int | None = None
    count: bool = False
    expand: tuple[Expand, ...] = ()
    skip_token: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    fixed: Sql | None = None


def read_options(entity: Entity, options: Mapping[str, str], aliases: Mapping[str, str]) -> Request:
    """Raises a 400 for options that Dataverse does not support."""
    for name in options:
        if name == "$skip":
            raise bad_query("Skip Clause is not supported in CRM")
        if name.startswith("$") and name not in SUPPORTED:
            raise bad_query(f"The query parameter {name} is not supported")
    count = options.get("$count", "false").lower()
    if count not in {"true", "false"}:
        raise bad_query(f"Invalid value '{options['$count']}' for $count query option found.")
    return Request(
        entity,
        parse_select(options.get("$select")),
        options.get("$filter"),
        options.get("$orderby"),
        parse_top(options.get("$top")),
        count == "true",
        parse_expand(options.get("$expand")),
        options.get("$skiptoken"),
        aliases,
    )


class Lister:
    """Answers one list request."""

    def __init__(self, session: Session, request: Request) -> None:
        self.session = session
        self.request = request
        aliases = Aliases()
        self.root = aliases.source(request.entity)
        self.query = Query(Scope(self.root))
        self.binder = Binder(session.snapshot, self.query.scope, aliases)
        if request.filter is not None:
            self.query.scope.where = self.binder.bind(parse(request.filter, request.aliases))
        for path, descending in parse_orderby(request.orderby, request.aliases):
            self.query.order.append(Order(self.binder.ref(path), descending))

    def statement(self, plan: Plan, limit: int, position: Position | None, offset: int = 0) -> Sql:
        """One page of rows, one more than fits in order to know whether there is another."""
        source = self._source()
        where, params = source.text, list(source.params)
        expressions, directions = self._sorting()
        if position is not None:
            behind = after(expressions, directions, position.values)
            where += f" AND {behind.text}"
            params.extend(behind.params)
        order = ", ".join(
            f"{e}{' DESC' if down else ''}" for e, down in zip(expressions, directions, strict=True)
        )
        text = f"SELECT {', '.join(plan.expressions)} {where} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        return Sql(text, tuple(params))

    def _source(self) -> Sql:
        source = self.session.compiler.from_clause(self.query.scope)
        fixed = self.request.fixed
        if fixed is None:
            return source
        return Sql(f"{source.text} AND {fixed.text}", source.params + fixed.params)

    def _sorting(self) -> tuple[list[str], list[bool]]:
        compiler = self.session.compiler
        expressions = [compiler.order_expression(order) for order in self.query.order]
        directions = [order.descending for order in self.query.order]
        key = f"{self.root.alias}.{quoted(self.root.entity.id)}"
        return [*expressions, key], [*directions, False]

    def total(self) -> tuple[int, bool]:
        """The number of rows, capped as Dataverse does, and whether the cap was met."""
        source = self._source()
        limited = Sql(
            f"SELECT count(*) FROM (SELECT 1 {source.text} LIMIT {LARGEST_PAGE + 1})", source.params
        )
        found = int(self.session.rows(limited)[0][0])
        return min(found, LARGEST_PAGE), found > LARGEST_PAGE

    def page(self, context: str, link: str) -> dict[str, Any]:
        """The body of the answer; `link` is this request's URL without its $skiptoken."""
        request, session = self.request, self.session
        plan = session.planner.plan(self.root, request.select)
        expander = Expander(session, plan, self.root, request.expand)
        size, ends = self._limits()
        expressions, _ = self._sorting()
        positions = [plan.place(expression) for expression in expressions]
        number, position = self._place()
        offset = 0 if position else simple_offset(number, size)
        rows = session.rows(self.statement(plan, size + 1, position, offset)) if size else []
        more, rows = len(rows) > size and not ends, rows[:size]
        documents = [plan.document(row) for row in rows]
        expander.expand(rows, documents)
        body: dict[str, Any] = {
            "@odata.context": f"{context}{expanded_context(request.select, request.expand)}"
        }
        body.update(self._counts())
        body["value"] = documents
        if more:
            body["@odata.nextLink"] = self._next(link, number, positions, rows)
        return body

    def _place(self) -> tuple[int, Position | None]:
        """The page's number, and behind which row it begins if the $skiptoken says so."""
        token = self.request.skip_token
        if not token:
            return 1, None
        bare = bare_page(token)
        if bare is not None:
            return bare, None
        position = read_token(token, self._keys())
        return position.page, position

    def _limits(self) -> tuple[int, bool]:
        """The page's size, and whether it is the only one. $top yields to maxpagesize."""
        wanted = self.session.preferences.page_size
        if wanted is not None:
            return min(wanted, LARGEST_PAGE), False
        if self.request.top is not None:
            return min(self.request.top, LARGEST_PAGE), True
        return LARGEST_PAGE, False

    def _counts(self) -> dict[str, Any]:
        wants = self.session.preferences.wants
        total, exceeded = self.total() if self.request.count else (-1, False)
        found: dict[str, Any] = {"@odata.count": total} if self.request.count else {}
        if wants(TOTAL):
            found[f"@{TOTAL}"] = total
        if wants(TOTAL_EXCEEDED):
            found[f"@{TOTAL_EXCEEDED}"] = exceeded
        return found

    def _keys(self) -> list[Key]:
        sorted_by = [key_of(order.ref.column) for order in self.query.order]
        return [*sorted_by, Key(self.root.entity.id, is_id=True)]

    def _next(self, link: str, page: int, positions: list[int], rows: list[Row]) -> str:
        last, first = (tuple(row[at] for at in positions) for row in (rows[-1], rows[0]))
        cookie = paging_cookie(page, inner_cookie(page, self._keys(), last, first))
        separator = "&" if "?" in link else "?"
        return f"{link}{separator}$skiptoken={skip_token(cookie)}"
