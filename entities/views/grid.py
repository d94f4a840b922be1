from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.actors import actor_of, person_of
from accounts.models import Role
from core.problems import BadInput, Missing, Problem, Remedy
from entities.asking import filter_for, search_columns
from entities.columns import Columns, columns_for
from entities.filtering import Question, askable_attributes, chips, names_in, question, trouble_with
from entities.heads import heads
from entities.listing import rows_of, selected
from entities.mirror import MirrorRecords, mirror_of, mirrored, within
from entities.place import Place, find_place
from entities.query import (
    MIRROR,
    Condition,
    GridQuery,
    read_added,
    read_condition,
    read_query,
    readable_names,
)
from entities.services.views import find_view
from entities.trail import PAGE_SIZE, read_after, read_page
from integrations.definition import Attribute

PARTS = ("count", "ask", "rows")


@require_safe
def grid(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """One page of records. The count comes afterwards, by its own request, so that it holds nothing up."""
    place = find_place(request, integration_id, stage, entity)
    try:
        return _answer(request, place)
    except Problem as problem:
        problem.remedy = problem.remedy or _way_back(request, problem)
        raise


def _way_back(request: HttpRequest, problem: Problem) -> Remedy | None:
    """What was asked in vain is asked of Dynamics, or begun anew."""
    if "source" in request.GET:
        live = request.GET.copy()
        for name in ("source", "page", "after", *PARTS):
            live.pop(name, None)
        return Remedy("Show it live", f"{request.path}?{live.urlencode()}")
    return Remedy("Show the whole list", request.path) if isinstance(problem, BadInput) else None


def _answer(request: HttpRequest, place: Place) -> HttpResponse:
    query = read_query(place.entity, request.GET)
    if query.source:
        place = mirrored(place)
        query = within(place, query)
    part = next((name for name in PARTS if name in request.GET), "")
    if part == "count":
        return _count(request, place, query)
    if part == "rows":
        return _rows(request, place, query)
    if part == "ask":
        asked = _asked(place, request.GET.get("attribute", ""), request.GET.get("operator", ""))
        return render(request, "entities/includes/filter_fields.html", {"question": asked})
    added = read_added(place.entity, request.GET)
    changed = _condition(place, request.GET.get("instead") or request.GET.get("change", ""))
    if added is None:
        return _page(request, place, query, changed=changed)
    if error := trouble_with(place, added):
        asked = _about(place, added, error=error, instead=changed)
        return _page(request, place, query, asked=asked, status=BadInput.status)
    return redirect(request.path + query.plus(added, changed).at(1).address)


def _page(
    request: HttpRequest,
    place: Place,
    query: GridQuery,
    *,
    changed: Condition | None = None,
    asked: Question | None = None,
    status: int = 200,
) -> HttpResponse:
    columns = columns_for(place, query, person_of(request))
    result = read_page(place, query, request.session, selected(place, query, columns.shown))
    names = names_in(list(result.records))
    first = (query.page - 1) * PAGE_SIZE + 1
    about = request.GET.get("about", "")
    if asked is None and changed:
        asked = _about(place, changed, instead=changed, label=names.get(changed.value.lower(), ""))
    context: dict[str, Any] = {
        "place": place,
        "query": query,
        "view": _view(place, request, query),
        "heads": heads(query, columns),
        "rows": rows_of(place, result.records, columns.shown, tick=not query.source),
        "next_rows": _next_rows(query, result.next_cursor),
        "groups": chips(place, query, names),
        "question": asked or _asked(place, about),
        "asking": bool(about or asked),
        "askable": askable_attributes(place),
        "columns": columns,
        "offered": _offered(place, columns),
        "looks_in": ", ".join(item.label or item.name for item in search_columns(place.records)),
        "unfound": query.finding("").address,
        "bare": query.bare.address,
        "mirror": mirror_of(place),
        "from_live": query.of("").address,
        "from_mirror": query.of(MIRROR).address,
        "lacks": place.records.lacks if isinstance(place.records, MirrorRecords) else [],
        "previous": query.at(query.page - 1).address if query.page > 1 else "",
        "next": query.at(query.page + 1).address if result.next_cursor else "",
        "first": first,
        "last": first + len(result.records) - 1,
        "may_share": (place.role or 0) >= Role.EDITOR,
    }
    return render(request, "entities/grid.html", context, status=status)


def _offered(place: Place, columns: Columns) -> list[tuple[Attribute, bool]]:
    """All columns, those that are shown first and in their order."""
    names = {item.name for item in columns.shown}
    rest = [(item, False) for item in place.columns if item.name not in names]
    return [*((item, True) for item in columns.shown), *rest]


def _rows(request: HttpRequest, place: Place, query: GridQuery) -> HttpResponse:
    """The next page's rows alone, for a list that grows while it is scrolled."""
    shown = columns_for(place, query, person_of(request)).shown
    select, cursor = selected(place, query, shown), request.GET.get("after", "")
    if cursor:
        result = read_after(place, query, cursor, select)
    else:
        result = read_page(place, query, request.session, select)
    context = {
        "place": place,
        "query": query,
        "rows": rows_of(place, result.records, shown, tick=not query.source),
        "next_rows": _next_rows(query, result.next_cursor),
    }
    return render(request, "entities/includes/rows.html", context)


def _next_rows(query: GridQuery, cursor: str | None) -> str:
    return f"{query.at(query.page + 1).address}&rows=1&after={cursor}" if cursor else ""


def _count(request: HttpRequest, place: Place, query: GridQuery) -> HttpResponse:
    """How many there are. Where that cannot be told, the list is as good without."""
    try:
        tally = place.records.estimate(filter_for(place.records, query))
    except Problem:
        tally = None
    return render(request, "entities/includes/count.html", {"tally": tally})


def _asked(place: Place, name: str = "", operator: str = "") -> Question:
    """The panel's question about an attribute, to begin with about the first."""
    offered = askable_attributes(place)
    return question(place, next((item for item in offered if item.name == name), offered[0]), operator)


def _about(
    place: Place, condition: Condition, *, error: str = "", instead: Condition | None = None, label: str = ""
) -> Question:
    """The panel's question with an answer in it already."""
    attribute = readable_names(place.entity)[condition.attribute]
    return question(
        place, attribute, condition.operator, condition.value, error, instead=instead, label=label
    )


def _condition(place: Place, text: str) -> Condition | None:
    return read_condition(readable_names(place.entity), text) if text else None


def _view(place: Place, request: HttpRequest, query: GridQuery) -> dict[str, Any]:
    """What the list is called: the saved view that it began as, if this person may see that."""
    try:
        row = find_view(place, actor_of(request), UUID(query.view))
    except (ValueError, Missing):
        return {}
    return {"row": row, "mine": row.owner == request.user, "changed": row.query != query.content}
