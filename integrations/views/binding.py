"""Which connection on which stage."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from connections.models import Connection
from core.problems import BadInput, Missing
from integrations.models import Integration
from integrations.services import binding
from integrations.services.stages import stage_of, stages_of
from integrations.views.common import find, page


@require_http_methods(["GET", "POST"])
def bind(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    problem = None
    if request.method == "POST":
        stage = stage_of(integration.team, request.POST.get("stage", ""))
        connection = _connection(integration, request.POST.get("connection", ""))
        meant = request.POST.get("meant") == "yes"
        try:
            binding.bind(actor_of(request), integration, stage, connection, accept_warning=meant)
        except BadInput as trouble:
            problem = trouble
        else:
            messages.success(request, f"{integration.name} uses {connection.name} on {stage.name}.")
            return redirect("integrations:use", pk=integration.pk)
    context = page(request, integration, problem=problem, **_stages(integration))
    if problem:
        context |= {"asked": request.POST.get("stage"), "wanted": request.POST.get("connection")}
    return render(request, "integrations/bind.html", context, status=422 if problem else 200)


@require_POST
def unbind(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    stage = stage_of(integration.team, request.POST.get("stage", ""))
    binding.unbind(actor_of(request), integration, stage)
    messages.success(request, f"{integration.name} is no longer bound on {stage.name}.")
    return redirect("integrations:bind", pk=integration.pk)


def _connection(integration: Integration, value: str) -> Connection:
    try:
        found = Connection.objects.select_related("environment", "team").filter(
            team=integration.team, pk=UUID(value)
        )
    except ValueError:
        found = Connection.objects.none()
    connection: Connection | None = found.first()
    if connection is None:
        raise Missing("There is no such connection in this team.", advice="Choose one of those offered.")
    return connection


def _stages(integration: Integration) -> dict[str, Any]:
    bound = {each.stage_id: each for each in integration.bindings.select_related("connection__environment")}
    stages = [{"stage": stage, "binding": bound.get(stage.pk)} for stage in stages_of(integration.team)]
    return {"stages": stages, "candidates": binding.candidates(integration)}
