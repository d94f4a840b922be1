"""A new sync, and changing one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import gate
from accounts.actors import actor_of, person_of
from accounts.models import Role
from accounts.rules import teams_with
from core.problems import BadInput, Missing
from integrations.models import Binding, Integration
from integrations.operations import Service
from sync.forms import SyncForm, add_problem, initial_of
from sync.services import setup
from sync.views.common import find


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First which integration and stage, then everything else."""
    builds = teams_with(person_of(request), Role.BUILDER)
    integrations = list(Integration.objects.filter(team__in=builds))
    bindings = setup.bindings_for(integrations)
    asked = request.POST.get("binding") or request.GET.get("binding", "")
    binding = next((each for each in bindings if str(each.pk) == asked), None)
    if binding is None and asked:
        raise Missing("There is no such integration to mirror.", advice="Choose one of those offered.")
    if binding is None:
        return render(request, "sync/new.html", {"bindings": bindings})
    return _create(request, binding)


def _create(request: HttpRequest, binding: Binding) -> HttpResponse:
    integration = binding.integration
    service = Service.on(integration, binding.stage.slug)
    offered = setup.mirrorable(service)
    initial = {
        "name": f"{integration.name} ({binding.stage.name})",
        "entities": [each.logical_name for each in offered],
        "destination": "sqlite",
        "schema": f"{integration.service_name.removesuffix('_is')}_mirror"[:60],
        "rhythm": "3600",
    }
    sent = request.method == "POST" and "name" in request.POST
    form = SyncForm(request.POST if sent else None, offered=offered, initial=initial)
    if sent and form.is_valid():
        try:
            sync = setup.create(actor_of(request), integration, binding.stage, form.plan())
        except BadInput as problem:
            add_problem(form, problem)
        else:
            messages.success(request, f"{sync.name} is ready. Run it now, or wait for its schedule.")
            return redirect(sync)
    context = {
        "form": form,
        "binding": binding,
        "integration": integration,
        "gate": _gate(request, integration),
    }
    return render(request, "sync/form.html", context, status=422 if sent else 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    offered = setup.mirrorable(setup.service_of(sync))
    sent = request.POST if request.method == "POST" else None
    form = SyncForm(sent, offered=offered, initial=initial_of(sync))
    if request.method == "POST" and form.is_valid():
        try:
            setup.change(actor_of(request), sync, form.plan())
        except BadInput as problem:
            add_problem(form, problem)
        else:
            messages.success(request, "Changed.")
            return redirect(sync)
    context = {
        "form": form,
        "sync": sync,
        "integration": sync.integration,
        "gate": _gate(request, sync.integration),
    }
    return render(request, "sync/form.html", context, status=422 if request.method == "POST" else 200)


def _gate(request: HttpRequest, integration: Integration) -> gate.Gate:
    tenant = integration.environment.tenant_id
    return gate.check(actor_of(request), integration.team, tenant, back_to=request.get_full_path())
