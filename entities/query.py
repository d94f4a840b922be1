"""What the address bar says about a grid: order, filters, columns and page. A view is shared as its link.

    ?where=statecode~eq~0&where=name~contains~coffee&where=|city~eq~Lyon&sort=-revenue,name&find=beans&source=mirror

Conditions are joined by "and"; one that begins with | is joined by "or" to the one before it, and that pair is
asked for as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from core.problems import BadInput
from integrations.definition import Attribute, Entity
from integrations.filters import WITHOUT_VALUE, AllOf, AnyOf, Filter, Operator, Where, operators_for
from integrations.kinds import Kind, kind_of

DEFAULT_COLUMNS = 8
MAX_CONDITIONS = 40
MAX_SORT = 5
MAX_TEXT = 200
SEPARATOR = "~"
OR = "|"
TO = ".."
MIRROR = "mirror"


@dataclass(frozen=True)
class Condition:
    """One filter as a removable chip: `name~contains~coffee`. `alternative` joins it to the one before by "or"."""

    attribute: str
    operator: Operator
    value: str = ""
    alternative: bool = False

    def __str__(self) -> str:
        joint = OR if self.alternative else ""
        return joint + SEPARATOR.join([self.attribute, self.operator, self.value])

    def as_filter(self) -> Where:
        return Where(self.attribute, self.operator, None if self.operator in WITHOUT_VALUE else self.value)


@dataclass(frozen=True)
class GridQuery:
    sort: tuple[str, ...] = ()  # names, a leading "-" for descending
    conditions: tuple[Condition, ...] = ()
    columns: tuple[str, ...] = ()
    find: str = ""
    page: int = 1
    view: str = ""  # the saved view it began as
    source: str = ""  # MIRROR, or "" for Dynamics itself

    @property
    def groups(self) -> list[list[Condition]]:
        """Alternatives together; all groups must hold."""
        groups: list[list[Condition]] = []
        for condition in self.conditions:
            if condition.alternative and groups:
                groups[-1].append(condition)
            else:
                groups.append([condition])
        return groups

    @property
    def typed(self) -> Filter | None:
        """The conditions as they were typed, to be judged. What is asked in the end says `asking.filter_for`."""
        parts = tuple(_any_of([condition.as_filter() for condition in group]) for group in self.groups)
        return AllOf(parts) if parts else None

    @property
    def order_by(self) -> list[tuple[str, str]]:
        return [(name.removeprefix("-"), "desc" if name.startswith("-") else "asc") for name in self.sort]

    @property
    def digest(self) -> str:
        """The same for every page of one list; another order, filter or choice of columns is another list."""
        return sha256(replace(self, page=1, view="").address.encode()).hexdigest()[:16]

    @property
    def is_plain(self) -> bool:
        """Whether it shows everything, in no particular order."""
        return not (self.conditions or self.find or self.sort)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the address, for links and for forms that keep them."""
        found: list[tuple[str, str]] = [("where", str(condition)) for condition in self.conditions]
        found += [("find", self.find)] if self.find else []
        found += [("sort", ",".join(self.sort))] if self.sort else []
        found += [("columns", ",".join(self.columns))] if self.columns else []
        found += [("view", self.view)] if self.view else []
        found += [("source", self.source)] if self.source else []
        return found + ([("page", str(self.page))] if self.page > 1 else [])

    @property
    def address(self) -> str:
        """The query string, `?` included."""
        return f"?{urlencode(self.pairs)}"

    @property
    def content(self) -> str:
        """What a saved view keeps: the address without page and view."""
        return urlencode(replace(self, page=1, view="").pairs)

    def at(self, page: int) -> "GridQuery":
        return replace(self, page=page)

    def of(self, source: str) -> "GridQuery":
        """The same list from Dynamics ("") or from the mirror."""
        return replace(self, source=source, page=1)

    @property
    def bare(self) -> "GridQuery":
        """All records, in the same columns and from the same source."""
        return GridQuery(columns=self.columns, source=self.source)

    def sorted_by(self, name: str) -> "GridQuery":
        """A first click sorts ascending, a second descending, a third not at all."""
        following = {name: (f"-{name}",), f"-{name}": ()}
        current = self.sort[0] if len(self.sort) == 1 else ""
        return replace(self, sort=following.get(current, (name,)), page=1)

    def then_by(self, name: str) -> "GridQuery":
        """As `sorted_by`, within what it is sorted by already."""
        following = {name: [f"-{name}"], f"-{name}": []}
        if name in self.sort or f"-{name}" in self.sort:
            sort = [
                new
                for each in self.sort
                for new in (following[each] if each.removeprefix("-") == name else [each])
            ]
        else:
            sort = [*self.sort, name]
        return replace(self, sort=tuple(sort[:MAX_SORT]), page=1)

    def in_order(self, *sort: str) -> "GridQuery":
        return replace(self, sort=sort, page=1)

    def showing(self, columns: Sequence[str]) -> "GridQuery":
        return replace(self, columns=tuple(columns), page=1)

    def finding(self, text: str) -> "GridQuery":
        return replace(self, find=text, page=1)

    def without(self, condition: Condition) -> "GridQuery":
        """Without one filter. What was an alternative to it stands on where it stood."""
        rest: list[Condition] = []
        orphaned = False
        for each in self.conditions:
            if each == condition:
                orphaned = not each.alternative
                continue
            rest.append(replace(each, alternative=each.alternative and not orphaned and bool(rest)))
            orphaned = False
        return replace(self, conditions=tuple(rest), page=1)

    def rejoined(self, condition: Condition) -> "GridQuery":
        """With “and” before this filter where “or” was, or the other way round."""
        turned = replace(condition, alternative=not condition.alternative)
        kept = (turned if each == condition else each for each in self.conditions)
        return replace(self, conditions=tuple(dict.fromkeys(kept)), page=1)

    def plus(self, condition: Condition, instead_of: Condition | None = None) -> "GridQuery":
        """With one filter more, at the end, or in the place of another."""
        if instead_of in self.conditions:
            put = replace(condition, alternative=instead_of.alternative if instead_of else False)
            kept = tuple(put if each == instead_of else each for each in self.conditions)
            return replace(self, conditions=tuple(dict.fromkeys(kept)), page=1)
        rest = self.without(condition)
        put = replace(condition, alternative=condition.alternative and bool(rest.conditions))
        return replace(rest, conditions=(*rest.conditions, put))


def read_query(entity: Entity, data: QueryDict) -> GridQuery:
    """The query of an address.

    Raises:
        BadInput: when it names something that the published definition does not have.

    """
    readable = readable_names(entity)
    sort = _known(readable, data.get("sort", ""), prefix="-")
    conditions = data.getlist("where")
    find = data.get("find", "").strip()
    if len(conditions) > MAX_CONDITIONS or len(sort) > MAX_SORT or len(find) > MAX_TEXT:
        raise BadInput(
            f"A list takes at most {MAX_CONDITIONS} filters, {MAX_SORT} columns to sort by and"
            f" {MAX_TEXT} characters to look for.",
            advice="Start from the list again.",
        )
    return GridQuery(
        sort=tuple({name.removeprefix("-"): name for name in sort}.values()),
        conditions=tuple(dict.fromkeys(read_condition(readable, text) for text in conditions)),
        columns=tuple(_known(readable, data.get("columns", "") or ",".join(data.getlist("column")))),
        find=find,
        page=_page(data.get("page", "1")),
        view=data.get("view", "")[:80],
        source=_source(data.get("source", "")),
    )


def readable_names(entity: Entity) -> dict[str, Attribute]:
    return {item.name: item for item in entity.attributes if item.can_read}


def read_added(entity: Entity, data: QueryDict) -> Condition | None:
    """The condition that the *Add filter* form sends as fields; several values are ticked boxes."""
    if not data.get("attribute"):
        return None
    readable = readable_names(entity)
    name, operator = str(data["attribute"]), str(data.get("operator", ""))
    values = [str(each).strip() for each in data.getlist("value")]
    value = "" if operator in WITHOUT_VALUE else (TO if operator == Operator.BETWEEN else ",").join(values)
    if name in readable and kind_of(readable[name]) is Kind.LOOKUP:
        value = value.rpartition(":")[2]  # a chosen record comes as entity:id
    joint = OR if data.get("join") == "or" else ""
    return read_condition(readable, joint + SEPARATOR.join([name, operator, value]))


def read_condition(readable: Mapping[str, Attribute], text: str) -> Condition:
    name, _, rest = text.removeprefix(OR).partition(SEPARATOR)
    operator, _, value = rest.partition(SEPARATOR)
    if name not in readable:
        raise BadInput(f"There is no attribute “{name[:60]}” to filter by.", advice="Remove the filter.")
    if operator not in operators_for(readable[name]):
        raise BadInput(f"“{operator[:40]}” cannot be asked of “{name}”.", advice="Choose another comparison.")
    return Condition(name, Operator(operator), value, alternative=text.startswith(OR))


def _known(readable: Mapping[str, Any], text: str, prefix: str = "") -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name.removeprefix(prefix) not in readable:
            raise BadInput(
                f"There is no attribute “{name[:60]}” to show or sort by.",
                advice="Start from the list again.",
            )
    return list(dict.fromkeys(names))


def _source(text: str) -> str:
    if text not in ("", MIRROR):
        raise BadInput(f"“{text[:20]}” is not where records come from.", advice="Start from the list again.")
    return text


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= 100_000:
        raise BadInput(f"“{text[:20]}” is not a page number.", advice="Start from the first page.")
    return int(text)


def _any_of(parts: list[Where]) -> Filter:
    return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]
