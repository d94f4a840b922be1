"""What a SELECT statement says, before anybody asks whether its names exist."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """A column, with the table or alias that stands before it."""

    holder: str
    column: str

    def __str__(self) -> str:
        return f"{self.holder}.{self.column}" if self.holder else self.column


@dataclass(frozen=True, slots=True)
class Literal:
    """None is NULL."""

    value: str | Decimal | None


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate; COUNT(*) has no argument."""

    function: str
    argument: Name | None
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    expression: Name | Call
    alias: str = ""


@dataclass(frozen=True, slots=True)
class TableName:
    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of the query tree's: eq, ne, gt, ge, lt, le."""

    left: Name
    operator: str
    right: Name | Literal


@dataclass(frozen=True, slots=True)
class Test:
    """LIKE, IN, BETWEEN and IS NULL. `operator` is like, in, between or null."""

    left: Name
    operator: str
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Junction:
    """`kind` is and or or."""

    kind: str
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    item: "Expression"


Expression = Comparison | Test | Junction | Negation


@dataclass(frozen=True, slots=True)
class Join:
    """`kind` is inner or left; a table after a comma has no condition."""

    kind: str
    table: TableName
    on: Expression | None


@dataclass(frozen=True, slots=True)
class Ordering:
    """By an expression, by an alias (a bare name) or by the position of an item."""

    expression: Name | Call | int
    descending: bool


@dataclass(frozen=True, slots=True)
class Select:
    distinct: bool
    top: int | None
    items: tuple[Item, ...]
    table: TableName
    joins: tuple[Join, ...]
    where: Expression | None
    groups: tuple[Name, ...]
    orders: tuple[Ordering, ...]
    offset: int
    fetch: int | None
