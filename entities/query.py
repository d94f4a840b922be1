"""What the address bar says about a grid: order, filters, columns and page. A view is shared as its link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from core.problems import BadInput
from entities.widgets import yes_no
from integrations.definition import Attribute, Entity
from integrations.filters import EMPTINESS, LABELS, AllOf, Filter, Operator, Where, operators_for
from integrations.kinds import Kind, kind_of

DEFAULT_COLUMNS = 7
SEPARATOR = "~"


@dataclass(frozen=True)
class Condition:
    """One filter as a removable chip: `name~contains~coffee`."""

    attribute: str
    operator: Operator
    value: str = ""

    def __str__(self) -> str:
        return SEPARATOR.join([self.attribute, self.operator, self.value])

    def as_filter(self) -> Where:
        return Where(self.attribute, self.operator, None if self.operator in EMPTINESS else self.value)


@dataclass(frozen=True)
class GridQuery:
    sort: tuple[str, ...] = ()  # names, a leading "-" for descending
    conditions: tuple[Condition, ...] = ()
    columns: tuple[str, ...] = ()
    page: int = 1

    @property
    def where(self) -> Filter | None:
        parts = tuple(condition.as_filter() for condition in self.conditions)
        return AllOf(parts) if parts else None

    @property
    def order_by(self) -> list[tuple[str, str]]:
        return [(name.removeprefix("-"), "desc" if name.startswith("-") else "asc") for name in self.sort]

    @property
    def digest(self) -> str:
        """The same for every page of one list; another order, filter or choice of columns is another list."""
        return sha256(replace(self, page=1).address.encode()).hexdigest()[:16]

    @property
    def address(self) -> str:
        """The query string, `?` included."""
        parts: list[tuple[str, str]] = [("where", str(condition)) for condition in self.conditions]
        if self.sort:
            parts.append(("sort", ",".join(self.sort)))
        if self.columns:
            parts.append(("columns", ",".join(self.columns)))
        if self.page > 1:
            parts.append(("page", str(self.page)))
        return f"?{urlencode(parts)}"

    def at(self, page: int) -> "GridQuery":
        return replace(self, page=page)

    def sorted_by(self, name: str) -> "GridQuery":
        """A first click sorts ascending, a second descending, a third not at all."""
        following = {name: (f"-{name}",), f"-{name}": ()}
        current = self.sort[0] if self.sort else ""
        return replace(self, sort=following.get(current, (name,)), page=1)

    def without(self, condition: Condition) -> "GridQuery":
        rest = tuple(item for item in self.conditions if item != condition)
        return replace(self, conditions=rest, page=1)

    def plus(self, condition: Condition) -> "GridQuery":
        return replace(self.without(condition), conditions=(*self.without(condition).conditions, condition))


def read_query(entity: Entity, data: QueryDict) -> GridQuery:
    """The query of an address.

    Raises:
        BadInput: when it names something that the published definition does not have.

    """
    readable = {item.name: item for item in entity.attributes if item.can_read}
    return GridQuery(
        sort=tuple(_known(readable, data.get("sort", ""), prefix="-")),
        conditions=tuple(_condition(readable, text) for text in data.getlist("where")),
        columns=tuple(_known(readable, data.get("columns", "") or ",".join(data.getlist("column")))),
        page=_page(data.get("page", "1")),
    )


def read_added(entity: Entity, data: QueryDict) -> Condition | None:
    """The condition that the *Add filter* form sends as three fields; several values are ticked boxes."""
    if not data.get("attribute"):
        return None
    readable = {item.name: item for item in entity.attributes if item.can_read}
    name, operator = str(data["attribute"]), str(data.get("operator", ""))
    value = "" if operator in EMPTINESS else ",".join(str(each) for each in data.getlist("value")).strip()
    if name in readable and kind_of(readable[name]) is Kind.LOOKUP:
        value = value.rpartition(":")[2]  # a chosen record comes as entity:id
    return _condition(readable, SEPARATOR.join([name, operator, value]))


def _known(readable: Mapping[str, Any], text: str, prefix: str = "") -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name.removeprefix(prefix) not in readable:
            raise BadInput(
                f"There is no attribute “{name}” to show or sort by.", advice="Start from the list again."
            )
    return names


def _condition(readable: Mapping[str, Attribute], text: str) -> Condition:
    name, _, rest = text.partition(SEPARATOR)
    operator, _, value = rest.partition(SEPARATOR)
    if name not in readable:
        raise BadInput(f"There is no attribute “{name}” to filter by.", advice="Remove the filter.")
    if operator not in operators_for(readable[name]):
        raise BadInput(f"“{operator}” cannot be asked of “{name}”.", advice="Choose another comparison.")
    return Condition(name, Operator(operator), value)


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise BadInput(f"“{text}” is not a page number.", advice="Start from the first page.")
    return int(text)


def describe(condition: Condition, attribute: Attribute, names: Mapping[str, str] | None = None) -> str:
    """How a chip reads: “Industry is Consulting”. `names` has those of linked records by their id."""
    label = LABELS[condition.operator]
    words: dict[str, str] = {str(option.value): option.label for option in attribute.options}
    parts = condition.value.split(",")
    match kind_of(attribute):
        case Kind.BOOLEAN:
            words = dict(yes_no(attribute))
        case Kind.LOOKUP:
            words = {part: (names or {}).get(part.lower(), "the chosen record") for part in parts if part}
        case Kind.TEXT | Kind.LONG_TEXT:
            parts = [condition.value]
    value = ", ".join(words.get(part, part) for part in parts)
    return f"{attribute.label or attribute.name} {label} {value}".strip()
