"""From SQL's conditions to the query tree's, in SQL's logic: what is compared with nothing is never true."""

from typing import Any

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.functions import MOST_VALUES
from sandbox.dataverse.query.literals import from_text
from sandbox.dataverse.query.operators import TEXT_KINDS
from sandbox.dataverse.query.tree import Always, ColumnComparison, Condition, Filter, Group, Ref, Source
from sandbox.dataverse.records.values import edm_type
from sandbox.dataverse.sql.tree import Comparison, Expression, Junction, Literal, Name, Negation, Test

OPPOSITE = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "lt": "ge", "ge": "lt"}
MOST_CONDITIONS = 500


class Filters:
    """Binds conditions to the sources known so far, by alias."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self.sources = sources
        self.conditions = 0

    def bind(self, node: Expression, *, negated: bool = False) -> Filter:
        """The filter of a condition. NOT is carried down to the comparisons. Raises a 400."""
        if isinstance(node, Negation):
            return self.bind(node.item, negated=not negated)
        if isinstance(node, Junction):
            kind = {"and": "or", "or": "and"}[node.kind] if negated else node.kind
            return Group(kind, tuple(self.bind(item, negated=negated) for item in node.items))
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            raise ApiError(
                "TooManyConditions",
                f"Number of conditions in query exceeded maximum limit of {MOST_CONDITIONS}.",
            )
        if isinstance(node, Comparison):
            return self._comparison(node, OPPOSITE[node.operator] if negated else node.operator)
        return self._test(node, negated=node.negated != negated)

    def ref(self, name: Name) -> Ref:
        """The column of a name. Raises a 400 for an unknown or ambiguous one."""
        if name.holder:
            source = self.sources.get(name.holder)
            if source is None:
                raise bad_query(f"The multi-part identifier '{str(name)[:100]}' could not be bound.")
            return self._column(source, name.column)
        having = [s for s in self.sources.values() if _has(s.entity, name.column)]
        if len(having) > 1:
            raise bad_query(f"Ambiguous column name '{name.column[:100]}'.")
        return self._column(having[0] if having else next(iter(self.sources.values())), name.column)

    def _column(self, source: Source, name: str) -> Ref:
        if not _has(source.entity, name):
            raise ApiError(
                "AttributeNotFound",
                f"'{source.entity.table.schema_name}' entity doesn't contain attribute with Name = '{name[:100]}' "
                "and NameMapping = 'Logical'.",
            )
        return Ref(source, source.entity.columns[name])

    def _comparison(self, node: Comparison, operator: str) -> Filter:
        left = self.ref(node.left)
        if isinstance(node.right, Name):
            return _columns(left, operator, self.ref(node.right))
        if node.right.value is None:
            return Always(truth=False)
        found = Condition(left, operator, (stored(left, node.right),))
        return _with_value(left, found) if operator == "ne" else found

    def _test(self, node: Test, *, negated: bool) -> Filter:
        ref, word = self.ref(node.left), "not-" if negated else ""
        if node.operator == "null":
            return Condition(ref, f"{word}null")
        if node.operator == "like":
            if ref.column.kind not in TEXT_KINDS:
                raise bad_query(f"LIKE is not supported for the column '{ref.column.name}'.")
            return _with_value(ref, Condition(ref, f"{word}like", (node.values[0].value,)))
        if node.operator == "between" and None in {v.value for v in node.values}:
            return Always(truth=False)
        if len(node.values) > MOST_VALUES:
            raise ApiError(
                "TooManyValues", f"The number of values in IN exceeded the maximum of {MOST_VALUES}."
            )
        if negated and any(v.value is None for v in node.values):
            return Always(truth=False)
        values = tuple(stored(ref, v) for v in node.values if v.value is not None)
        return _with_value(ref, Condition(ref, f"{word}{node.operator}", values))


def _has(entity: Entity, name: str) -> bool:
    column = entity.columns.get(name)
    return column is not None and column.is_stored and column.can_read


def _with_value(ref: Ref, found: Filter) -> Filter:
    return Group("and", (found, Condition(ref, "not-null")))


def _columns(left: Ref, operator: str, right: Ref) -> Filter:
    if edm_type(left.column) != edm_type(right.column):
        raise bad_query(
            f"The columns '{left.column.name}' and '{right.column.name}' have different types and cannot be compared."
        )
    found = ColumnComparison(left, operator, right)
    if operator != "ne":
        return found
    return Group("and", (found, Condition(left, "not-null"), Condition(right, "not-null")))


def stored(ref: Ref, literal: Literal) -> Any:
    """The stored form of a literal that is compared with a column. Raises SQL Server's 400."""
    try:
        return from_text(ref.column, str(literal.value))
    except (ValueError, OverflowError) as error:
        raise bad_query(
            f"Conversion failed when converting the value '{str(literal.value)[:60]}' to the type of the column "
            f"'{ref.column.name}' ({edm_type(ref.column)})."
        ) from error
