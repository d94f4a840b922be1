"""From a query tree to parameterised SQL. Every table that takes part is seen through the caller's rights."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.query.operators import COMPARATORS, Sql, Viewpoint, condition, hierarchy
from sandbox.dataverse.query.tree import (
    Always,
    ColumnComparison,
    Condition,
    Exists,
    Filter,
    Group,
    Join,
    Not,
    Order,
    Ref,
    Related,
    Scope,
)
from sandbox.dataverse.storage import quoted, type_column

HIERARCHICAL = frozenset({"above", "under", "eq-or-above", "eq-or-under", "not-under"})


class Visibility(Protocol):
    """What the caller may read of a table."""

    def visible(self, entity: Entity, alias: str) -> Sql | None:
        """The condition on rows under an alias; None for all rows. Raises 403 without the privilege."""


@dataclass
class Compiler:
    """Compiles one statement for one caller."""

    snapshot: Snapshot
    visibility: Visibility
    viewpoint: Viewpoint

    def column(self, ref: Ref) -> str:
        """The SQL of a column. That of a lookup's name is the name of the row it points to."""
        shadowed = ref.column.shadow_of
        if shadowed and not ref.column.is_stored:
            return f"({self.name_of(Ref(ref.source, ref.source.entity.columns[shadowed]))} COLLATE NOCASE)"
        return f"{ref.source.alias}.{quoted(ref.column.name)}"

    def type_of(self, ref: Ref) -> str:
        """The SQL of a lookup's target table."""
        if ref.column.is_polymorphic:
            return f"{ref.source.alias}.{quoted(type_column(ref.column.name))}"
        return f"'{ref.column.targets[0]}'" if ref.column.targets else "NULL"

    def name_of(self, ref: Ref) -> str:
        """The SQL of the primary name of the row a lookup points to."""
        value = self.column(ref)
        if ref.column.kind == "Owner":
            return f"(SELECT name FROM owner WHERE ownerid = {value})"
        targets = [
            self.snapshot.entities[name] for name in ref.column.targets if name in self.snapshot.entities
        ]
        names = [
            f"(SELECT {quoted(t.primary_name)} FROM {quoted(t.name)} WHERE {quoted(t.id)} = {value})"
            for t in targets
            if t.primary_name
        ]
        if not names:
            return "NULL"
        return names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"

    def from_clause(self, scope: Scope) -> Sql:
        """FROM root, joins, and WHERE with the caller's rights on the root."""
        text = f"FROM {quoted(scope.root.entity.name)} {scope.root.alias}"
        params: list[Any] = []
        for join in scope.joins:
            joined = self._join(join)
            text += joined.text
            params.extend(joined.params)
        conditions = [self.visibility.visible(scope.root.entity, scope.root.alias), self.filter(scope.where)]
        where = conjunction([c for c in conditions if c is not None])
        return Sql(f"{text} WHERE {where.text}", (*params, *where.params))

    def _join(self, join: Join) -> Sql:
        source = join.source
        linked = Sql(f"{source.alias}.{quoted(join.right)} = {self.column(join.left)}")
        seen = self.visibility.visible(source.entity, source.alias)
        extra = [] if _is_true(join.on) else [self.filter(join.on)]
        on = conjunction([linked, *([seen] if seen else []), *extra])
        table, key = quoted(source.entity.name), quoted(source.entity.id)
        if join.kind == "first":
            first = (
                f"SELECT {source.alias}.{key} FROM {table} {source.alias} WHERE {on.text} ORDER BY 1 LIMIT 1"
            )
            return Sql(f" LEFT JOIN {table} {source.alias} ON {source.alias}.{key} = ({first})", on.params)
        kind = "LEFT JOIN" if join.kind == "left" else "JOIN"
        return Sql(f" {kind} {table} {source.alias} ON {on.text}", on.params)

    def filter(self, node: Filter) -> Sql:
        if isinstance(node, Condition):
            return self._condition(node)
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Not):
            inner = self.filter(node.item)
            return Sql(f"NOT coalesce(({inner.text}), 0)", inner.params)
        if isinstance(node, Always):
            return Sql("1" if node.truth else "0")
        return self._of_several(node)

    def _of_several(self, node: Exists | Related | ColumnComparison) -> Sql:
        if isinstance(node, Exists):
            return self._exists(node)
        if isinstance(node, Related):
            return self._related(node)
        return self._two_columns(node)

    def _group(self, node: Group) -> Sql:
        items = [self.filter(item) for item in node.items if not _is_true(item) or node.kind == "or"]
        return conjunction(items, " OR " if node.kind == "or" else " AND ")

    def _condition(self, node: Condition) -> Sql:
        expression, column = self.column(node.ref), node.ref.column
        if node.operator in HIERARCHICAL:
            return self._hierarchy(node, expression)
        try:
            return condition(expression, column, node.operator, node.values, self.viewpoint)
        except (OverflowError, ValueError) as error:
            raise ApiError(
                "InvalidArgument", f"A value is out of range for the operator '{node.operator}'."
            ) from error

    def _hierarchy(self, node: Condition, expression: str) -> Sql:
        entity = node.ref.source.entity
        column: Column = node.ref.column
        if column.is_lookup:
            entity = self.snapshot.entities.get(column.targets[0], entity)
        for one in entity.references:
            if one.is_hierarchical and one.referenced == entity.name:
                return hierarchy(
                    expression, (entity.name, entity.id, one.column), node.operator, node.values[0]
                )
        raise ApiError("InvalidArgument", f"The attribute '{column.name}' has no hierarchical relationship.")

    def _two_columns(self, node: ColumnComparison) -> Sql:
        left, right, sign = self.column(node.left), self.column(node.right), COMPARATORS[node.operator]
        if {node.left.column.kind, node.right.column.kind} == {"Money", "Decimal"}:
            # They are stored differently, and Dataverse compares only columns of the same type.
            raise ApiError(
                "InvalidArgument",
                f"The attributes '{node.left.column.name}' and '{node.right.column.name}' have different types.",
            )
        if node.operator == "eq":
            return Sql(f"{left} = {right}")
        if node.operator == "ne":
            return Sql(f"{left} IS NOT {right}")
        return Sql(f"{left} {sign} {right}")

    def _exists(self, node: Exists) -> Sql:
        navigation, inner, outer = node.navigation, node.scope.root, node.outer
        outer_id = f"{outer.alias}.{quoted(outer.entity.id)}"
        body = self.from_clause(node.scope)
        if navigation.kind == "many":
            link = f"{inner.alias}.{quoted(navigation.column)} = {outer_id}"
        else:
            intersect = navigation.relationship.intersect  # type: ignore[union-attr]
            link = (
                f"EXISTS (SELECT 1 FROM {quoted(intersect)} x WHERE x.{quoted(navigation.near)} = {outer_id}"
                f" AND x.{quoted(navigation.far)} = {inner.alias}.{quoted(inner.entity.id)})"
            )
        return Sql(f"EXISTS (SELECT 1 {body.text} AND {link})", body.params)

    def _related(self, node: Related) -> Sql:
        inner = node.scope.root
        body = self.from_clause(node.scope)
        link = f"{inner.alias}.{quoted(node.right)} = {self.column(node.left)}"
        return Sql(f"EXISTS (SELECT 1 {body.text} AND {link})", body.params)

    def order_expression(self, order: Order) -> str:
        """Lookups sort by the name of their target, choices by number or label."""
        if order.raw:
            return self.column(order.ref)
        if order.ref.column.is_lookup:
            return f"{self.name_of(order.ref)} COLLATE NOCASE"
        if order.by_label and order.ref.column.choice:
            return self._label_case(order.ref)
        return self.column(order.ref)

    def _label_case(self, ref: Ref) -> str:
        options = self.snapshot.options(ref.column.choice or "").values()
        ranked = sorted(options, key=lambda option: next(iter(option.labels.values()), "").lower())
        cases = " ".join(f"WHEN {option.value} THEN {rank}" for rank, option in enumerate(ranked))
        # The cast gives a type to compare a paging cookie's text with.
        return f"CAST(CASE {self.column(ref)} {cases} END AS INTEGER)" if cases else self.column(ref)


def _is_true(item: Filter) -> bool:
    return isinstance(item, Always) and item.truth


def conjunction(items: Iterable[Sql], word: str = " AND ") -> Sql:
    """Conditions joined by a word; none at all is true."""
    listed = list(items)
    if not listed:
        return Sql("1")
    if len(listed) == 1:
        return listed[0]
    params: tuple[Any, ...] = tuple(p for item in listed for p in item.params)
    return Sql("(" + word.join(f"({item.text})" for item in listed) + ")", params)
