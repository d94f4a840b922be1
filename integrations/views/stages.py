"""A team's stages: add, rename, order, remove."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.models import Role, Team
from accounts.rules import teams_with, visible_teams
from core.problems import BadInput, Missing
from integrations.models import Binding, Stage
from integrations.services import stages


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest, team: int) -> HttpResponse:
    """The stages of a team, with what is bound on them; a POST adds one."""
    found = _team(request, team)
    problem = None
    if request.method == "POST":
        try:
            added = stages.add(actor_of(request), found, request.POST.get("name", ""))
        except BadInput as trouble:
            problem = trouble
        else:
            messages.success(request, f"{added.name} is added.")
            return redirect("integrations:stages", team=team)
    return _page(request, found, problem)


@require_POST
def rename(request: HttpRequest, team: int, stage: str) -> HttpResponse:
    found = _team(request, team)
    try:
        stages.rename(actor_of(request), stages.stage_of(found, stage), request.POST.get("name", ""))
    except BadInput as problem:
        return _page(request, found, problem, at=stage)
    messages.success(request, "The stage is renamed.")
    return redirect("integrations:stages", team=team)


@require_POST
def move(request: HttpRequest, team: int, stage: str) -> HttpResponse:
    up = request.POST.get("way") == "up"
    stages.move(actor_of(request), stages.stage_of(_team(request, team), stage), up=up)
    return redirect("integrations:stages", team=team)


@require_POST
def remove(request: HttpRequest, team: int, stage: str) -> HttpResponse:
    found = stages.stage_of(_team(request, team), stage)
    stages.remove(actor_of(request), found)
    messages.success(request, f"{found.name} is removed.")
    return redirect("integrations:stages", team=team)


def _page(request: HttpRequest, team: Team, problem: BadInput | None, at: str = "") -> HttpResponse:
    rows: list[Stage] = stages.stages_of(team)
    bound = Binding.objects.filter(stage__in=rows).select_related("integration")
    context = {
        "team": team,
        "rows": [
            {"stage": row, "integrations": [each.integration for each in bound if each.stage_id == row.pk]}
            for row in rows
        ],
        "may_build": teams_with(person_of(request), Role.BUILDER).filter(pk=team.pk).exists(),
        "problem": problem,
        "at": at,
        "typed": request.POST.get("name", ""),
    }
    return render(request, "integrations/stages.html", context, status=422 if problem else 200)


def _team(request: HttpRequest, pk: int) -> Team:
    found: Team | None = visible_teams(person_of(request)).filter(pk=pk).first()
    if found is None:
        raise Missing("There is no such team, or you are not in it.")
    return found
