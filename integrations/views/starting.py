"""A new integration, the sample, and the end of one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.models import Role
from accounts.rules import teams_with
from core.problems import BadInput, NotPermitted
from integrations.forms import NewForm, add_problem
from integrations.services import drafts, removal
from integrations.services.places import places
from integrations.services.sample import create_sample
from integrations.views.common import find, revision_of


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    teams = teams_with(person_of(request), Role.BUILDER)
    if not teams.exists():
        raise NotPermitted(
            "Creating an integration takes the role builder in a team.",
            advice="Ask an owner of your team for the role.",
            code="role",
        )
    offered, failed = places(actor)
    form = NewForm(request.POST if request.method == "POST" else None, teams=teams, places=offered)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = next(each for each in offered if each.url == given["environment"])
        try:
            integration = drafts.create(
                actor, given["team"], place.environment(), given["name"], given["service_name"]
            )
        except BadInput as problem:
            add_problem(form, problem)
        else:
            return redirect("integrations:entities", pk=integration.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "places": offered, "failed": failed}
    return render(request, "integrations/new.html", context, status=status)


@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    integration = create_sample(actor_of(request))
    messages.success(request, f"{integration.name} is published and bound. Its records are ready to browse.")
    return redirect("integrations:use", pk=integration.pk)


@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    removal.remove(actor_of(request), integration, revision_of(request))
    messages.success(request, f"{integration.name} is deleted.")
    return redirect("integrations:list")
