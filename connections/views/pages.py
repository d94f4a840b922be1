"""Reading: the list, one connection, and its live part."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import actor_of, person_of
from accounts.models import Role
from accounts.rules import teams_with
from connections.filters import ConnectionFilters
from connections.governor import governor_of
from connections.models import Connection
from connections.views.inventory import may_list
from connections.views.portrait import portrait

PER_PAGE = 50


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    filters = ConnectionFilters(request.GET, user=person)
    rows = filters.rows().with_expiry().order_by("team__name", "name", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "filtered": bool(filters.chosen()),
        "info": f"{page.start_index()} to {page.end_index()} of {page.paginator.count}",
        "may_list": may_list(person),
        "may_create": teams_with(person, Role.BUILDER).exists(),
        "previous": page.previous_page_number() if page.has_previous() else None,
        "following": page.next_page_number() if page.has_next() else None,
    }
    return render(request, "connections/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    connection = Connection.objects.one_for(person_of(request), pk)
    return render(request, "connections/detail.html", portrait(actor_of(request), connection))


@require_GET
def steps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changes while a run is under way; the page asks for it until it says that nothing moves any more."""
    connection = Connection.objects.one_for(person_of(request), pk)
    return render(request, "connections/includes/live.html", portrait(actor_of(request), connection))


@require_GET
def load(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the connection stands with the environment's limits at this moment."""
    connection = Connection.objects.one_for(person_of(request), pk)
    context = {"connection": connection, "load": governor_of(connection).read()}
    return render(request, "connections/includes/load.html", context)
