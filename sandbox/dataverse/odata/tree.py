"""What an OData expression says, before anybody asks whether its names exist."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind` is null, bool, number, string, guid, moment, date, enum or array."""

    value: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Path:
    """primarycontactid/fullname"""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join(self.names)


@dataclass(frozen=True, slots=True)
class Function:
    """contains(name,'x')"""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class QueryFunction:
    """Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)"""

    name: str
    path: Path | None
    parameters: dict[str, "Node"]


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Junction:
    """`kind` is and or or."""

    kind: str
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    item: "Node"


@dataclass(frozen=True, slots=True)
class Lambda:
    """contact_customer_accounts/any(c:c/lastname eq 'x'); `body` is None for an empty any()."""

    path: Path
    kind: str
    variable: str
    body: "Node | None"


Node = Literal | Path | Function | QueryFunction | Comparison | Junction | Negation | Lambda
