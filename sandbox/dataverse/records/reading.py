"""Runs a query of FetchXML or SQL: a page of rows, where it ends, and how many rows there are."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.query.aggregation import expression
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.paging import Key, after, inner_cookie, key_of
from sandbox.dataverse.query.tree import Order, Query
from sandbox.dataverse.records.deadline import timed_rows
from sandbox.dataverse.records.flat import flat_plan
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.preferences import LARGEST_PAGE

MOST_AGGREGATED = 50_000
SIMPLE_PAGING_ROWS = 50_000


@dataclass(frozen=True)
class Slice:
    """Which rows: so many, after the row with these sort values, or after so many rows."""

    size: int
    offset: int = 0
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Page:
    """`first` and `last` are sort values of the page's ends, where a cookie can carry on from them."""

    documents: list[dict[str, Any]]
    more: bool
    first: tuple[Any, ...] | None = None
    last: tuple[Any, ...] | None = None


class Reader:
    """Reads one query. `fixed` is a condition from the path on the root's alias."""

    def __init__(
        self, session: Session, query: Query, fixed: Sql | None = None, *, zero_sums: bool = False
    ) -> None:
        self.session = session
        self.query = query
        self.plan = flat_plan(session, query, zero_sums=zero_sums)
        source = session.compiler.from_clause(query.scope)
        self.source = (
            Sql(f"{source.text} AND {fixed.text}", source.params + fixed.params) if fixed else source
        )
        self.sorting = self._sorting()

    @property
    def can_carry_on(self) -> bool:
        """Can a page begin after a row? Not when its order is that of a joined table, or of groups."""
        root = self.query.scope.root
        own = all(order.ref.source is root and order.output is None for order in self.query.order)
        return own and not self.query.distinct and not self.query.aggregate

    def _expression(self, order: Order) -> str:
        if order.output is not None:
            text = expression(self.session.compiler, order.output)
            if order.output.is_aggregate or order.output.part:
                return text
        return self.session.compiler.order_expression(order)

    def _sorting(self) -> list[tuple[Key, str, bool]]:
        """Key, expression and direction of all that rows are sorted by, so that every order is total."""
        order = self.query.order
        found = [(key_of(o.ref.column), self._expression(o), o.descending) for o in order]
        if self.query.distinct or self.query.aggregate:
            keys = [o for o in self.query.outputs if o.use in {"", "group"}]
            return found + [(Key(o.name), expression(self.session.compiler, o), False) for o in keys]
        root = self.query.scope.root
        found.append((Key(root.entity.id, is_id=True), f"{root.alias}.{quoted(root.entity.id)}", False))
        for join in self.query.scope.joins:
            if join.multiplies:
                alias, key = join.source.alias, join.source.entity.id
                found.append((Key(f"{alias}.{key}", is_id=True), f"{alias}.{quoted(key)}", False))
        return found

    def page(self, wanted: Slice) -> Page:
        """A page of rows."""
        if wanted.size == 0:
            return Page([], more=False)
        carry = self.can_carry_on
        places = [self.plan.place(text) for _, text, _ in self.sorting] if carry else []
        rows = timed_rows(self.session, self._statement(wanted))
        more, rows = len(rows) > wanted.size, rows[: wanted.size]
        documents = [self.plan.document(row) for row in rows]
        if not carry or not rows:
            return Page(documents, more)
        first, last = (tuple(row[at] for at in places) for row in (rows[0], rows[-1]))
        return Page(documents, more, first, last)

    def _statement(self, wanted: Slice) -> Sql:
        text, params = self.source.text, list(self.source.params)
        if wanted.values is not None:
            expressions, downwards = [s[1] for s in self.sorting], [s[2] for s in self.sorting]
            behind = after(expressions, downwards, wanted.values)
            text += f" AND {behind.text}"
            params.extend(behind.params)
        if self.query.aggregate:
            keys = [expression(self.session.compiler, o) for o in self.query.outputs if o.use == "group"]
            text += f" GROUP BY {', '.join(keys)}" if keys else ""
        order = ", ".join(f"{e}{' DESC' if down else ''}" for _, e, down in self.sorting)
        text += f" ORDER BY {order}" if order else ""
        distinct = "DISTINCT " if self.query.distinct else ""
        limit = f"LIMIT {wanted.size + 1} OFFSET {wanted.offset}"
        return Sql(f"SELECT {distinct}{', '.join(self.plan.expressions)} {text} {limit}", tuple(params))

    def check_ceiling(self, most: int) -> None:
        """Raises a 400 when more rows than that would be aggregated."""
        if self._count(f"SELECT 1 {self.source.text} LIMIT {most + 1}") > most:
            raise ApiError(
                "AggregateLimit",
                "The maximum record limit is exceeded. Reduce the number of records. "
                "AggregateQueryRecordLimit exceeded. Cannot perform this operation.",
            )

    def _count(self, inner: str) -> int:
        counted = Sql(f"SELECT count(*) FROM ({inner})", self.source.params)
        return int(timed_rows(self.session, counted)[0][0])

    def total(self) -> tuple[int, bool]:
        """The number of rows, capped as Dataverse does, and whether the cap was met."""
        listed = ", ".join(self.plan.expressions) if self.query.distinct else "1"
        distinct = "DISTINCT " if self.query.distinct else ""
        found = self._count(f"SELECT {distinct}{listed} {self.source.text} LIMIT {LARGEST_PAGE + 1}")
        return min(found, LARGEST_PAGE), found > LARGEST_PAGE

    def cookie(self, number: int, page: Page) -> str | None:
        """The inner paging cookie of a page, None where rows cannot be carried on from."""
        if page.first is None or page.last is None:
            return None
        return inner_cookie(number, [key for key, _, _ in self.sorting], page.last, page.first)


def simple_offset(page: int, size: int) -> int:
    """How many rows lie before a page. Raises a 400 beyond what simple paging reaches."""
    if page * size > SIMPLE_PAGING_ROWS and page > 1:
        raise ApiError(
            "PagingLimit",
            "Paging cookie is required when trying to retrieve a set of records on any high pages.",
        )
    return (page - 1) * size
