from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.problems import BadInput, Problem, Remedy
from entities.cells import Cell, cell, name_of, record_url
from entities.filtering import Question, chips, question, trouble_with
from entities.place import Place, find_place
from entities.query import DEFAULT_COLUMNS, GridQuery, read_added, read_query
from entities.trail import PAGE_SIZE, read_page
from integrations.definition import Attribute
from integrations.kinds import NUMBERS, UNSORTABLE, Kind, kind_of
from integrations.records import Record


@dataclass(frozen=True)
class Row:
    name: str
    url: str
    cells: list[Cell]


@require_safe
def grid(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """One page of records. The count comes afterwards, by its own request, so that it holds nothing up."""
    place = find_place(request, integration_id, stage, entity)
    try:
        return _answer(request, place)
    except BadInput as problem:
        problem.remedy = problem.remedy or Remedy("Show the whole list", request.path)
        raise


def _answer(request: HttpRequest, place: Place) -> HttpResponse:
    query = read_query(place.entity, request.GET)
    if "count" in request.GET:
        return _count(request, place, query)
    if "ask" in request.GET:
        asked = _asked(place, request.GET.get("attribute", ""), request.GET.get("operator", ""))
        return render(request, "entities/includes/filter_fields.html", {"question": asked})
    added = read_added(place.entity, request.GET)
    if added is None:
        return _page(request, place, query, _asked(place))
    if error := trouble_with(place, added):
        asked = _asked(place, added.attribute, added.operator, added.value, error)
        return _page(request, place, query, asked, status=BadInput.status)
    return redirect(request.path + query.plus(added).at(1).address)


def _page(
    request: HttpRequest, place: Place, query: GridQuery, asked: Question, status: int = 200
) -> HttpResponse:
    shown = _shown(place, query)
    result = read_page(place, query, request.session, _selected(place, query, shown))
    first = (query.page - 1) * PAGE_SIZE + 1
    context = {
        "place": place,
        "query": query,
        "headers": [_header(query, attribute) for attribute in shown],
        "rows": [_row(place, record, shown) for record in result.records],
        "chips": chips(place, query, list(result.records)),
        "question": asked,
        "columns": [(attribute, attribute in shown) for attribute in place.columns],
        "previous": query.at(query.page - 1).address if query.page > 1 else "",
        "next": query.at(query.page + 1).address if result.next_cursor else "",
        "first": first,
        "last": first + len(result.records) - 1,
    }
    return render(request, "entities/grid.html", context, status=status)


def _count(request: HttpRequest, place: Place, query: GridQuery) -> HttpResponse:
    """How many there are. Where that cannot be told, the list is as good without."""
    try:
        tally = place.records.tally(query.where)
    except Problem:
        tally = None
    return render(request, "entities/includes/count.html", {"tally": tally})


def _asked(place: Place, name: str = "", operator: str = "", value: str = "", error: str = "") -> Question:
    """The panel's question about an attribute, to begin with about the first."""
    attribute = next((item for item in place.columns if item.name == name), place.columns[0])
    return question(place, attribute, operator, value, error)


def _shown(place: Place, query: GridQuery) -> list[Attribute]:
    chosen = set(query.columns)
    if chosen:
        return [item for item in place.columns if item.name in chosen]
    return place.columns[:DEFAULT_COLUMNS]


def _selected(place: Place, query: GridQuery, shown: list[Attribute]) -> list[str]:
    """What is read: the columns, the record's name, and the links that are filtered by, for the chips."""
    asked = {condition.attribute for condition in query.conditions}
    more = (
        item
        for item in place.columns
        if item.primary_name or (item.name in asked and kind_of(item) is Kind.LOOKUP)
    )
    return list(dict.fromkeys(item.name for item in [*shown, *more]))


def _header(query: GridQuery, attribute: Attribute) -> dict[str, Any]:
    current = query.sort[0] if query.sort else ""
    state = {attribute.name: "ascending", f"-{attribute.name}": "descending"}.get(current, "")
    return {
        "label": attribute.label or attribute.name,
        "state": state,
        "is_number": kind_of(attribute) in NUMBERS,
        "url": "" if kind_of(attribute) in UNSORTABLE else query.sorted_by(attribute.name).address,
    }


def _row(place: Place, record: Record, shown: list[Attribute]) -> Row:
    return Row(
        name=name_of(place, record),
        url=record_url(place, record.id) if place.may["get"] else "",
        cells=[cell(place, record, attribute) for attribute in shown],
    )
