"""From a SELECT statement to a query tree."""

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.fetchxml.binder import find_entity
from sandbox.dataverse.metadata.snapshot import Snapshot
from sandbox.dataverse.query.tree import (
    Aliases,
    Filter,
    Group,
    Join,
    Order,
    Output,
    Query,
    Ref,
    Scope,
    Source,
)
from sandbox.dataverse.sql import tree
from sandbox.dataverse.sql.filters import Filters
from sandbox.dataverse.sql.tree import (
    Call,
    Comparison,
    Expression,
    Junction,
    Name,
    Ordering,
    Select,
    TableName,
)

MOST_JOINS = 15


class Binder:
    """Binds one statement."""

    def __init__(self, snapshot: Snapshot, select: Select) -> None:
        self.snapshot = snapshot
        self.select = select
        self.aliases = Aliases()
        self.sources: dict[str, Source] = {}
        self.filters = Filters(self.sources)
        self.scope = Scope(self._source(select.table))

    def query(self) -> Query:
        """The statement as a query. Raises a 400."""
        select = self.select
        if len(select.joins) > MOST_JOINS:
            raise ApiError("TooManyJoins", "Number of link entities in query exceeded maximum limit.")
        where = conjuncts(select.where)
        for join in select.joins:
            where = self._join(join, where)
        parts = tuple(self.filters.bind(item) for item in where)
        self.scope.where = Group("and", parts)
        aggregate = bool(select.groups) or any(isinstance(item.expression, Call) for item in select.items)
        query = Query(self.scope, distinct=select.distinct, aggregate=aggregate)
        self._outputs(query)
        query.order = [self._order(query, ordering) for ordering in select.orders]
        return query

    def _source(self, table: TableName) -> Source:
        if table.alias in self.sources:
            raise bad_query(f"The table or alias '{table.alias[:100]}' is specified more than once.")
        source = self.sources[table.alias] = self.aliases.source(find_entity(self.snapshot, table.name))
        return source

    def _join(self, join: tree.Join, where: list[Expression]) -> list[Expression]:
        """Add a join; what is left of WHERE. A table after a comma finds its condition there."""
        before = set(self.sources.values())
        source = self._source(join.table)
        candidates = conjuncts(join.on) if join.on is not None else where
        for item in candidates:
            ends = self._ends(item, source, before)
            if ends is None:
                continue
            rest = [other for other in candidates if other is not item]
            on: tuple[Filter, ...] = ()
            if join.on is not None:
                on = tuple(self.filters.bind(other) for other in rest)
            self.scope.joins.append(Join(source, ends[0], ends[1].column.name, join.kind, Group("and", on)))
            return where if join.on is not None else rest
        raise bad_query(
            f"The join with '{join.table.name}' needs a condition of the form table.column = table.column."
        )

    def _ends(self, item: Expression, source: Source, before: set[Source]) -> tuple[Ref, Ref] | None:
        """The earlier table's column and the joined table's, if a condition equates two such columns."""
        if not isinstance(item, Comparison) or item.operator != "eq" or not isinstance(item.right, Name):
            return None
        if not all(name.holder in self.sources for name in (item.left, item.right) if name.holder):
            return None  # about a table that is joined later
        left, right = self.filters.ref(item.left), self.filters.ref(item.right)
        if left.source is source and right.source in before:
            left, right = right, left
        return (left, right) if right.source is source and left.source in before else None

    def _outputs(self, query: Query) -> None:
        groups = [self.filters.ref(name) for name in self.select.groups]
        for item in self.select.items:
            query.outputs.append(self._output(query, item, groups))
        shown = {(o.ref.source, o.ref.column.name) for o in query.outputs if o.use == "group"}
        # What is grouped by but not asked for has no name.
        query.outputs.extend(
            Output(ref, "", use="group") for ref in groups if (ref.source, ref.column.name) not in shown
        )

    def _output(self, query: Query, item: tree.Item, groups: list[Ref]) -> Output:
        taken = {output.name for output in query.outputs}
        if isinstance(item.expression, Call):
            return self._call(item.expression, item.alias, taken)
        ref = self.filters.ref(item.expression)
        if query.aggregate and ref not in groups:
            raise bad_query(
                f"Column '{ref.source.entity.name}.{ref.column.name}' is invalid in the select list because it is not "
                "contained in either an aggregate function or the GROUP BY clause."
            )
        name = item.alias or ref.column.wire
        if name in taken and not item.alias:
            name = f"{item.expression.holder or ref.source.entity.name}.{ref.column.name}"
        return Output(ref, _free(name, taken), use="group" if query.aggregate else "")

    def _call(self, call: Call, alias: str, taken: set[str]) -> Output:
        if call.argument is None:
            root = self.scope.root
            ref = Ref(root, root.entity.columns[root.entity.id])
            return Output(ref, _free(alias or "count", taken), use="count")
        ref = self.filters.ref(call.argument)
        use = "countcolumn" if call.function == "count" else call.function
        name = alias or f"{call.function}_{ref.column.name}"
        return Output(ref, _free(name, taken), use=use, distinct=call.distinct)

    def _order(self, query: Query, ordering: Ordering) -> Order:
        output = self._ordered_output(query, ordering.expression)
        if output is not None:
            group = output if query.aggregate else None
            return Order(output.ref, ordering.descending, raw=True, output=group)
        if not isinstance(ordering.expression, Name) or query.aggregate:
            raise bad_query(
                "ORDER BY items of an aggregate query must be in the select list or in the GROUP BY clause."
            )
        if query.distinct:
            raise ApiError(
                "BadQuery",
                "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.",
                code="0x80048D16",
            )
        return Order(self.filters.ref(ordering.expression), ordering.descending, raw=True)

    def _ordered_output(self, query: Query, expression: Name | Call | int) -> Output | None:
        if isinstance(expression, int):
            if not 1 <= expression <= len(self.select.items):
                raise bad_query(
                    f"The ORDER BY position number {expression} is out of range of the select list."
                )
            return query.outputs[expression - 1]
        if isinstance(expression, Call):
            wanted = self._call(expression, "", set())
            same = (
                o
                for o in query.outputs
                if (o.ref, o.use, o.distinct) == (wanted.ref, wanted.use, wanted.distinct)
            )
            return next(same, None)
        if not expression.holder:
            named = next((o for o in query.outputs if o.name.lower() == expression.column), None)
            if named is not None:
                return named
        ref = self.filters.ref(expression)
        return next((o for o in query.outputs if o.ref == ref and not o.is_aggregate), None)


def _free(name: str, taken: set[str]) -> str:
    if name in taken:
        raise bad_query(f"The column name '{name[:100]}' is specified more than once. Use an alias.")
    return name


def conjuncts(node: Expression | None) -> list[Expression]:
    """The parts of a condition that all must hold."""
    if node is None:
        return []
    return list(node.items) if isinstance(node, Junction) and node.kind == "and" else [node]


def bind(select: Select, snapshot: Snapshot) -> Query:
    """The query of a statement. Raises a 400."""
    return Binder(snapshot, select).query()
