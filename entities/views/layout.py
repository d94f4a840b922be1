"""How a person arranges a grid for themselves."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from entities.cells import list_url
from entities.place import find_place
from entities.query import read_query
from entities.services.layouts import keep_columns, keep_widths


@require_POST
def columns(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """The columns in the order in which the form has them; with `usual`, whatever one usually wants."""
    place = find_place(request, integration_id, stage, entity)
    query = read_query(place.entity, QueryDict(request.POST.get("query", "")))
    names = [] if "usual" in request.POST else request.POST.getlist("column")
    keep_columns(actor_of(request), place, names)
    return redirect(list_url(place) + replace(query, columns=(), page=1).address)


@require_POST
def widths(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """One field per column that was resized, with its pixels."""
    place = find_place(request, integration_id, stage, entity)
    given = {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    keep_widths(actor_of(request), place, given)
    return HttpResponse(status=204)
