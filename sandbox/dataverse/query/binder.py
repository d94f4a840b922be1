"""From an OData tree to a query tree: names are looked up, literals take their column's form."""

from dataclasses import dataclass, field

from sandbox.dataverse.errors import ApiError, bad_query, no_property
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Navigation, Snapshot
from sandbox.dataverse.odata.tree import (
    Comparison,
    Function,
    Junction,
    Lambda,
    Literal,
    Negation,
    Node,
    Path,
    QueryFunction,
)
from sandbox.dataverse.query.functions import bind_function
from sandbox.dataverse.query.literals import compared, incompatible
from sandbox.dataverse.query.tree import (
    Aliases,
    Always,
    ColumnComparison,
    Condition,
    Exists,
    Filter,
    Group,
    Join,
    Not,
    Ref,
    Scope,
    Source,
)
from sandbox.dataverse.records.values import edm_type

SWAPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
MOST_CONDITIONS = 500
MOST_JOINS = 15


@dataclass
class Binder:
    """Binds one scope. Lambdas get binders of their own that share aliases and counts."""

    snapshot: Snapshot
    scope: Scope
    aliases: Aliases
    variables: dict[str, Source] = field(default_factory=dict)
    variable: str = ""
    counts: dict[str, int] = field(default_factory=lambda: {"conditions": 0, "joins": 0})

    def bind(self, node: Node) -> Filter:
        """The filter of a boolean expression. Raises a 400."""
        if isinstance(node, Junction):
            return Group(node.kind, tuple(self.bind(item) for item in node.items))
        if isinstance(node, Negation):
            return Not(self.bind(node.item))
        self._count("conditions", MOST_CONDITIONS, "TooManyConditions")
        if isinstance(node, Comparison):
            return self._comparison(node)
        if isinstance(node, Lambda):
            return self._lambda(node)
        if isinstance(node, (Function, QueryFunction)):
            return self._function(node)
        return self._truth(node)

    def _count(self, what: str, most: int, error: str) -> None:
        self.counts[what] += 1
        if self.counts[what] > most:
            raise ApiError(error, f"The number of {what} in the query exceeded the maximum of {most}.")

    def _truth(self, node: Node) -> Filter:
        """A bare boolean: true, false or a two-options column."""
        if isinstance(node, Literal) and node.kind == "bool":
            return Always(truth=node.value)
        if isinstance(node, Path):
            ref = self.ref(node)
            if ref.column.kind == "Boolean":
                return Condition(ref, "eq", (1,))
        raise bad_query("The $filter expression must evaluate to a single boolean value.")

    def _comparison(self, node: Comparison) -> Filter:
        left, right, operator = node.left, node.right, node.operator
        if isinstance(left, Literal) and not isinstance(right, Literal):
            left, right, operator = right, left, SWAPPED[operator]
        if isinstance(left, (Function, QueryFunction, Lambda)) and isinstance(right, Literal):
            return self._compared_truth(left, operator, right)
        if not isinstance(left, Path):
            raise bad_query("A comparison needs a property on one of its sides.")
        ref = self.ref(left)
        if isinstance(right, Path):
            return self._two_columns(ref, operator, self.ref(right))
        if not isinstance(right, Literal):
            raise bad_query("A comparison needs a property or a literal on its right side.")
        if right.kind == "null":
            return Condition(ref, operator, (None,))
        if right.kind == "array":
            raise incompatible(ref.column, right, operator)
        return Condition(ref, operator, (compared(ref.column, right, operator),))

    def _compared_truth(self, node: Node, operator: str, literal: Literal) -> Filter:
        """contains(name,'x') eq true"""
        if literal.kind != "bool" or operator not in {"eq", "ne"}:
            raise bad_query("A boolean function can only be compared with true or false.")
        found = self.bind(node)
        return found if literal.value == (operator == "eq") else Not(found)

    def _two_columns(self, left: Ref, operator: str, right: Ref) -> Filter:
        kinds = {edm_type(left.column), edm_type(right.column)}
        if len(kinds) > 1 or left.column.kind != right.column.kind:
            literal = Literal(None, "string")
            if len(kinds) > 1 and not kinds <= {"Edm.Int32", "Edm.Int64"}:
                raise incompatible(left.column, literal, operator)
        return ColumnComparison(left, operator, right)

    def _function(self, node: Function | QueryFunction) -> Filter:
        if isinstance(node, QueryFunction):
            return bind_function(node, self._function_ref(node))
        if len(node.arguments) != 2:
            raise bad_query(
                f"No function signature for the function with name '{node.name}' matches the arguments."
            )
        path, text = node.arguments
        if not isinstance(path, Path) or not isinstance(text, Literal):
            raise bad_query(
                f"No function signature for the function with name '{node.name}' matches the arguments."
            )
        ref = self.ref(path)
        if text.kind == "null":
            return Always(truth=False)
        if edm_type(ref.column) != "Edm.String" or text.kind not in {"string", "guid"}:
            raise bad_query(
                f"No function signature for the function with name '{node.name}' matches the specified arguments. "
                "The function signatures considered are: "
                f"{node.name}(Edm.String Nullable=true, Edm.String Nullable=true)."
            )
        return Condition(ref, "like", (PATTERNS[node.name].format(text.value),))

    def _function_ref(self, node: QueryFunction) -> Ref:
        name = node.parameters.get("PropertyName")
        if not isinstance(name, Literal) or name.kind != "string":
            raise bad_query(f"The function '{node.name}' needs the parameter PropertyName as a string.")
        source = self._walk(self._start(node.path.names), node.path.names) if node.path else self.scope.root
        # Query functions name columns by their logical names, lookups included.
        bare = source.entity.columns.get(name.value)
        if bare is not None and bare.is_stored and bare.can_read:
            return Ref(source, bare)
        return Ref(source, self.column(source.entity, name.value))

    def _start(self, names: tuple[str, ...]) -> Source:
        return self.variables.get(names[0], self.scope.root) if names else self.scope.root

    def ref(self, path: Path) -> Ref:
        """The column a path leads to, joining on the way."""
        names = path.names
        source = self.scope.root
        if self.variables:
            if names[0] not in self.variables:
                raise bad_query(f"Could not find a property named '{names[0]}': '{self.variable}/' expected.")
            source, names = self.variables[names[0]], names[1:]
        if not names:
            raise bad_query("The $filter expression must evaluate to a single boolean value.")
        source = self._walk(source, names[:-1])
        return Ref(source, self.column(source.entity, names[-1]))

    def column(self, entity: Entity, name: str) -> Column:
        """A column by the name it has in records. Raises Dataverse's 400."""
        column = entity.by_wire.get(name)
        if column is None:
            if name == "ownerid" and entity.name in {"systemuser", "team"}:
                return entity.columns[entity.id]
            navigation = entity.navigations.get(name)
            if navigation is not None and navigation.is_single:
                # A row cannot be compared; its id can, under the name _x_value.
                raise bad_query(
                    "A binary operator with incompatible types was detected. Found operand types "
                    f"'Microsoft.Dynamics.CRM.{navigation.target.replace('owner', 'principal')}' and 'Edm.String' "
                    "for operator kind 'Equal'."
                )
            raise no_property(name, entity.name)
        return column

    def _walk(self, source: Source, names: tuple[str, ...]) -> Source:
        for name in names:
            if name in self.variables:
                source = self.variables[name]
                continue
            navigation = source.entity.navigations.get(name)
            if navigation is None:
                raise no_property(name, source.entity.name)
            if not navigation.is_single:
                raise bad_query(
                    f"The parent value for a property access of a property '{name}' is not a single value. "
                    "Property access can only be applied to a single value."
                )
            source = self.join(source, navigation)
        return source

    def join(self, source: Source, navigation: Navigation) -> Source:
        """The table behind a lookup, joined once however often it is named."""
        left = Ref(source, source.entity.columns[navigation.column])
        for join in self.scope.joins:
            known = (join.left.source, join.left.column, join.source.entity.name)
            if known == (source, left.column, navigation.target):
                return join.source
        self._count("joins", MOST_JOINS, "TooManyJoins")
        target = self.aliases.source(self.snapshot.entities[navigation.target])
        self.scope.joins.append(Join(target, left, target.entity.id))
        return target

    def _lambda(self, node: Lambda) -> Filter:
        names = node.path.names
        outer = self.scope.root
        if self.variables:
            if names[0] not in self.variables:
                raise no_property(names[0], self.scope.root.entity.name)
            outer, names = self.variables[names[0]], names[1:]
        if len(names) != 1:
            raise bad_query(
                f"The path '{node.path}' is not supported: any and all apply to collections of the row itself."
            )
        navigation = outer.entity.navigations.get(names[0])
        if navigation is None:
            raise no_property(names[0], outer.entity.name)
        if navigation.is_single:
            raise bad_query("Any/All may only be used following a collection.")
        self._count("joins", MOST_JOINS, "TooManyJoins")
        return self._exists(node, outer, navigation)

    def _exists(self, node: Lambda, outer: Source, navigation: Navigation) -> Filter:
        root = self.aliases.source(self.snapshot.entities[navigation.target])
        if node.body is None:
            return Exists(outer, navigation, Scope(root))
        scope = Scope(root)
        inner = Binder(self.snapshot, scope, self.aliases, {node.variable: root}, node.variable, self.counts)
        scope.where = inner.bind(node.body)
        if node.kind == "any":
            return Exists(outer, navigation, scope)
        # Dataverse's `all` wants at least one related row, and none that fails.
        scope.where = Not(scope.where)
        some = Scope(self.aliases.source(root.entity))
        return Group("and", (Exists(outer, navigation, some), Not(Exists(outer, navigation, scope))))
