"""What the page about a bulk shows: a line for every row, as people read it."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from entities.bulk.changing import python_values
from entities.cells import record_url
from entities.models import Bulk, BulkRow
from entities.place import Place
from entities.widgets import yes_no
from integrations.bulk import BulkOperations
from integrations.definition import Attribute, Operation
from integrations.kinds import Kind, kind_of

PER_PAGE = 50
State, Verb = BulkRow.State, BulkRow.Verb
_LONGEST = 120


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """`number` is the line of the file, or the place in the selection."""

    number: int
    title: str
    url: str
    state: str
    verb: str
    reason: str
    changes: list[Change]


@dataclass(frozen=True)
class Tab:
    """One filter of the list of rows."""

    state: str
    label: str
    count: int


def tabs_of(counts: dict[str, int]) -> list[Tab]:
    every = Tab("", "All", sum(counts.values()))
    return [
        every,
        *(Tab(state.value, str(state.label), counts[state]) for state in State if counts.get(state)),
    ]


def lines_of(place: Place, bulk: Bulk, state: str, page: str) -> tuple[list[Line], Page[BulkRow]]:
    """One page of the rows in a state, or of all."""
    rows = bulk.rows.filter(state=state) if state in State.values else bulk.rows.all()
    found = Paginator(rows, PER_PAGE).get_page(page)
    many = BulkOperations(place.records)
    return [_line(place, many, row) for row in found], found


def _line(place: Place, many: BulkOperations, row: BulkRow) -> Line:
    facts = row.facts
    there = row.record_id is not None and row.state in {State.DONE, State.UNCHANGED, State.WAITING}
    shown = there and row.verb != Verb.DELETE and place.may[Operation.GET.value]
    return Line(
        number=row.number,
        title=facts.title
        or " · ".join(cell for cell in facts.cells if cell)[:_LONGEST]
        or str(row.record_id)[:8],
        url=record_url(place, str(row.record_id)) if shown else "",
        state=row.state,
        verb=str(Verb(row.verb).label) if row.verb else "",
        reason=facts.reason,
        changes=_changes(many, facts.before or {}, facts.after, row.verb),
    )


def _changes(many: BulkOperations, before: dict[str, Any], after: dict[str, Any], verb: str) -> list[Change]:
    if verb == Verb.DELETE:
        return []
    old, new = python_values(many, before), python_values(many, after)
    found = []
    for name, value in new.items():
        attribute = many.operations.entity.attribute(name)
        if attribute is not None:
            was = text_of(attribute, old.get(name), before.get(name))
            found.append(Change(attribute.label or name, was, text_of(attribute, value, after.get(name))))
    return found


def text_of(attribute: Attribute, value: Any, stored: Any = None) -> str:
    """A value in a few words."""
    if value is None or value == []:
        return "—"
    words = {option.value: option.label for option in attribute.options}
    match kind_of(attribute):
        case Kind.BOOLEAN:
            text = dict(yes_no(attribute))["true" if value else "false"]
        case Kind.CHOICE:
            text = words.get(value, str(value))
        case Kind.CHOICES:
            text = ", ".join(words.get(each, str(each)) for each in value)
        case Kind.LOOKUP:
            label = stored.get("label", "") if isinstance(stored, dict) else ""
            text = label or str(value)
        case Kind.INSTANT:
            text = value.isoformat(sep=" ", timespec="minutes")
        case Kind.DECIMAL | Kind.MONEY:
            text = f"{value:,f}"
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
