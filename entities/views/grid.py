from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from entities.cells import Cell, cell, name_of, record_url
from entities.place import Place, find_place
from entities.query import DEFAULT_COLUMNS, GridQuery, describe, read_added, read_query
from entities.trail import PAGE_SIZE, read_page
from integrations.definition import Attribute
from integrations.filters import EMPTINESS, LABELS, LISTS, Operator, operators_for
from integrations.kinds import DATES, UNSORTABLE, Kind, kind_of
from integrations.records import Record


@dataclass(frozen=True)
class Row:
    name: str
    url: str
    cells: list[Cell]


def grid(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """One page of records. The count comes afterwards, by its own request, so that it holds nothing up."""
    place = find_place(request, integration_id, stage, entity)
    query = read_query(place.entity, request.GET)
    if "count" in request.GET:
        return _count(request, place, query)
    if "ask" in request.GET:
        return _ask(request, place)
    added = read_added(place.entity, request.GET)
    if added is not None:
        return redirect(request.path + query.plus(added).at(1).address)
    shown = _shown(place, query)
    result = read_page(place, query, request.session, [item.name for item in shown])
    first = (query.page - 1) * PAGE_SIZE + 1
    context = {
        "place": place,
        "query": query,
        "headers": [_header(query, attribute) for attribute in shown],
        "rows": [_row(place, record, shown) for record in result.records],
        "chips": _chips(place, query),
        "choice": _filter_choice(place.columns[0]),
        "columns": [(attribute, attribute in shown) for attribute in place.columns],
        "previous": query.at(query.page - 1).address if query.page > 1 else "",
        "next": query.at(query.page + 1).address if result.next_cursor else "",
        "first": first,
        "last": first + len(result.records) - 1,
    }
    return render(request, "entities/grid.html", context)


def _count(request: HttpRequest, place: Place, query: GridQuery) -> HttpResponse:
    tally = place.records.tally(query.where) if place.may["count"] else None
    return render(request, "entities/includes/count.html", {"tally": tally})


def _ask(request: HttpRequest, place: Place) -> HttpResponse:
    """What may be asked of the attribute that was just chosen in *Add filter*."""
    name = request.GET.get("attribute", "")
    attribute = next((item for item in place.columns if item.name == name), place.columns[0])
    return render(request, "entities/includes/filter_fields.html", {"choice": _filter_choice(attribute)})


def _shown(place: Place, query: GridQuery) -> list[Attribute]:
    chosen = set(query.columns)
    if chosen:
        return [item for item in place.columns if item.name in chosen]
    return place.columns[:DEFAULT_COLUMNS]


def _header(query: GridQuery, attribute: Attribute) -> dict[str, Any]:
    current = query.sort[0] if query.sort else ""
    state = {attribute.name: "ascending", f"-{attribute.name}": "descending"}.get(current, "")
    return {
        "attribute": attribute,
        "state": state,
        "url": "" if kind_of(attribute) in UNSORTABLE else query.sorted_by(attribute.name).address,
    }


def _row(place: Place, record: Record, shown: list[Attribute]) -> Row:
    return Row(
        name=name_of(place, record),
        url=record_url(place, record.id) if place.may["get"] else "",
        cells=[cell(place, record, attribute) for attribute in shown],
    )


def _chips(place: Place, query: GridQuery) -> list[tuple[str, str]]:
    by_name = {item.name: item for item in place.columns}
    return [
        (describe(condition, by_name[condition.attribute]), query.without(condition).address)
        for condition in query.conditions
    ]


def _filter_choice(attribute: Attribute) -> dict[str, Any]:
    """The comparisons that suit an attribute, and the control for its value."""
    kind = kind_of(attribute)
    input_type = "date" if kind in DATES else "text"
    options = [(str(option.value), option.label) for option in attribute.options]
    if kind is Kind.BOOLEAN:
        options = [("true", "Yes"), ("false", "No")]
    return {
        "attribute": attribute,
        "operators": [
            (item.value, LABELS[item]) for item in operators_for(attribute) if _askable(kind, item)
        ],
        "options": options,
        "input_type": input_type,
    }


def _askable(kind: Kind, operator: Operator) -> bool:
    """The comparisons a single control can express; the operations know more."""
    if operator in EMPTINESS:
        return True
    if kind in DATES:
        return operator in {Operator.ON, Operator.ON_OR_BEFORE, Operator.ON_OR_AFTER}
    return kind is not Kind.LOOKUP and (operator not in LISTS or kind is Kind.CHOICES)
