"""Activate and deactivate: a status, and a reason that goes with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.problems import BadInput, Clash, Missing, Problem
from entities.cells import name_of, record_url
from entities.forms import ORIGIN, origin_of
from entities.origin import unsealed
from entities.place import Place, find_place
from entities.states import Move, moves, reason_of, state_of
from integrations.definition import Operation
from integrations.writes import About


@require_http_methods(["GET", "HEAD", "POST"])
def state(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.UPDATE)
    place.records.require(Operation.GET)
    attribute = state_of(place.entity)
    if attribute is None or not attribute.can_update:
        raise Missing(f"The status of {place.title} cannot be changed in this integration.")
    here = str(record_id)
    if request.method != "POST":
        return _question(request, place, here)
    origin = unsealed(request.POST.get(ORIGIN, ""), here)
    chosen = request.POST.get("move", "")
    if origin is None or not chosen:
        return _question(request, place, here, status=409 if origin is None else 422)
    try:
        changes = _changes(place, chosen)
        before = {name: origin.values.get(name) for name in changes}
        place.records.update(here, changes, etag=origin.etag, about=About(before=before, title=origin.name))
    except (Clash, BadInput) as problem:
        return _question(request, place, here, problem=problem, status=problem.status)
    messages.success(request, f"The status of {origin.name} is changed.")
    return redirect(record_url(place, here))


def _changes(place: Place, chosen: str) -> dict[str, Any]:
    """`0:1` is a status and its reason, `0:` a status alone. Raises BadInput for a pair that is none."""
    state, reason = state_of(place.entity), reason_of(place.entity)
    value, _, why = chosen.partition(":")
    for move in moves(place.entity, None):
        if state is None or str(move.state.value) != value:
            continue
        if not why and not move.reasons:
            return {state.name: move.state.value}
        for each in move.reasons:
            if reason and str(each.value) == why:
                return {state.name: move.state.value, reason.name: each.value}
    raise BadInput("This is not a status that the record can have.", advice="Choose one from the list.")


def _question(
    request: HttpRequest, place: Place, record_id: str, *, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    record = place.records.get(record_id)
    attribute = state_of(place.entity)
    offered: list[Move] = moves(place.entity, record.values.get(attribute.name) if attribute else None)
    context = {
        "place": place,
        "record": record,
        "name": name_of(place, record),
        "moves": offered,
        "back": record_url(place, record_id),
        "origin": origin_of(place, record, attribute).sealed(),
        "problem": problem,
        "clashed": status == 409,
        "unchosen": status == 422,
    }
    return render(request, "entities/state.html", context, status=status)
