"""The *Views* menu: what is saved here, and what Dynamics has."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from entities.cells import list_url
from entities.dynamics import views_in_dynamics
from entities.place import find_place
from entities.query import read_query
from entities.services import views


@require_safe
def menu(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """What the menu lists, fetched when it is opened: a part of the grid's page."""
    place = find_place(request, integration_id, stage, entity)
    offer = views_in_dynamics(place)
    context = {
        "place": place,
        "saved": views.views_of(place, actor_of(request)),
        "dynamics": offer,
        "dynamics_groups": [("In Dynamics", offer.system), ("Yours in Dynamics", offer.personal)],
        "here": list_url(place),
        "current": request.GET.get("view", ""),
    }
    return render(request, "entities/includes/views.html", context)


@require_POST
def save(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    query = read_query(place.entity, QueryDict(request.POST.get("query", "")))
    shared = request.POST.get("shared") == "yes"
    row = views.save_view(actor_of(request), place, request.POST.get("name", ""), query, shared=shared)
    messages.success(request, f"The view “{row}” is saved{' for the team' if shared else ''}.")
    return redirect(list_url(place) + views.saved_query(place, row).address)


@require_POST
def remove(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, view_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    row = views.remove_view(actor_of(request), place, view_id)
    messages.success(request, f"The view “{row}” is removed. The records are as they were.")
    return redirect(list_url(place))
