"""The head of a grid: each column with its order, its width and what its menu offers."""

from dataclasses import dataclass, replace

from entities.columns import Columns
from entities.query import GridQuery
from integrations.definition import Attribute
from integrations.filters import operators_for
from integrations.kinds import BLOBS, NUMBERS, UNSORTABLE, kind_of


@dataclass(frozen=True)
class Head:
    """`place` is its rank among several columns that it is sorted by; addresses are empty where they do not apply."""

    name: str
    label: str
    is_number: bool
    width: int | None
    state: str = ""
    place: int = 0
    sort: str = ""
    then: str = ""
    ascending: str = ""
    descending: str = ""
    filter: str = ""
    hide: str = ""


def heads(query: GridQuery, columns: Columns) -> list[Head]:
    return [_head(query, columns, attribute) for attribute in columns.shown]


def _head(query: GridQuery, columns: Columns, attribute: Attribute) -> Head:
    name = attribute.name
    head = Head(
        name=name,
        label=attribute.label or name,
        is_number=kind_of(attribute) in NUMBERS,
        width=columns.widths.get(name),
        filter=_filter(query, attribute),
        hide=_hide(query, columns, name),
    )
    if kind_of(attribute) in UNSORTABLE:
        return head
    by = [each.removeprefix("-") for each in query.sort]
    at = by.index(name) if name in by else -1
    state = "" if at < 0 else "descending" if query.sort[at].startswith("-") else "ascending"
    return replace(
        head,
        state=state,
        place=at + 1 if len(by) > 1 else 0,
        sort=query.sorted_by(name).address,
        then=query.then_by(name).address,
        ascending=query.in_order(name).address,
        descending=query.in_order(f"-{name}").address,
    )


def _filter(query: GridQuery, attribute: Attribute) -> str:
    """The address at which the filter panel is open and asks about this column."""
    if not operators_for(attribute) or kind_of(attribute) in BLOBS:
        return ""
    return f"{query.at(1).address}&about={attribute.name}"


def _hide(query: GridQuery, columns: Columns, name: str) -> str:
    rest = [item.name for item in columns.shown if item.name != name]
    return query.showing(rest).address if rest else ""
