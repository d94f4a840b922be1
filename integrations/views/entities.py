"""Which entities, and of each which operations and attributes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import Actor, actor_of
from core.problems import BadInput, Clash, Missing
from integrations.definition import Entity, Operation
from integrations.forms import boxes as choices
from integrations.forms.rows import attribute_rows, key_rows, way_rows
from integrations.metadata import catalogue
from integrations.models import Integration
from integrations.services import access, choosing, drafts
from integrations.views.common import find, page, revision_of, status_of
from jobs import services as jobs
from microsoft.dataverse import MetadataChanges


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration, actor = find(request, pk), actor_of(request)
    chosen = [entity.logical_name for entity in integration.draft.entities]
    problem: BadInput | Clash | None = None
    if request.method == "POST":
        chosen = request.POST.getlist("entity")
        try:
            _access, operations = choices.read_operations(request.POST)
            if len(choosing.unread(actor, integration, chosen)) > choosing.AT_ONCE:
                choosing.ask(actor, integration, revision_of(request), chosen, operations)
                return redirect("integrations:choosing", pk=pk)
            drafts.choose_entities(actor, integration, revision_of(request), chosen, operations=operations)
        except (BadInput, Clash) as trouble:
            problem = trouble
        else:
            return redirect(_next_entity(integration, ""))
    context = page(request, integration, problem=problem, chosen=set(chosen))
    if context["gate"].open:
        known = catalogue.for_actor(actor, integration.environment)
        context |= {"names": known.names(), "fetched_at": known.checked_at()}
    return render(request, "integrations/entities.html", context, status=status_of(problem))


@require_GET
def under_way(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the reading of many chosen entities goes, or went."""
    integration = find(request, pk)
    run = jobs.for_subject(integration).filter(kind=choosing.KIND).first()
    if run is None:
        return redirect("integrations:entities", pk=pk)
    context = {"run": run, "onward": _next_entity(integration, "")}
    if request.headers.get("HX-Request"):
        return render(request, "integrations/includes/choosing.html", {"integration": integration, **context})
    return render(request, "integrations/choosing.html", page(request, integration, **context))


@require_POST
def refresh(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask Dynamics again what there is, with the person's own authorization."""
    integration, actor = find(request, pk), actor_of(request)
    access.require(actor, integration)
    changes = catalogue.for_actor(actor, integration.environment).refresh()
    messages.success(request, _news(integration, changes))
    return redirect("integrations:entities", pk=integration.pk)


@require_http_methods(["GET", "POST"])
def shape(request: HttpRequest, pk: UUID, logical_name: str) -> HttpResponse:
    integration, actor = find(request, pk), actor_of(request)
    entity = integration.draft.entity(logical_name)
    if entity is None:
        raise Missing(
            f"{integration.name} does not have this entity.",
            advice="Choose it in the list of entities first.",
        )
    choice = choices.from_entity(entity)
    problem: BadInput | Clash | None = None
    if request.method == "POST":
        try:
            choice = choices.read_entity(request.POST)
            drafts.shape_entity(
                actor,
                integration,
                revision_of(request),
                logical_name,
                operations=choice.operations,
                chosen=choice.chosen,
                called=choice.called,
                parts=choice.parts,
            )
        except (BadInput, Clash) as trouble:
            problem = trouble
        else:
            messages.success(request, f"{entity.label} is saved.")
            return redirect(_next_entity(integration, logical_name))
    context = page(
        request,
        integration,
        entity=entity,
        problem=problem,
        choice=choice,
        accesses=choices.ACCESS_LABELS,
        operations=[(each.value, each in choice.operations) for each in Operation],
    )
    if context["gate"].open:
        context |= _offer(actor, integration, entity, choice, problem.fields if problem else {})
    return render(request, "integrations/entity.html", context, status=status_of(problem))


def _offer(
    actor: Actor,
    integration: Integration,
    entity: Entity,
    choice: choices.EntityChoice,
    errors: Mapping[str, str],
) -> dict[str, Any]:
    known = catalogue.for_actor(actor, integration.environment)
    details = known.entity(entity.logical_name)
    rows = attribute_rows(details, choice, errors)
    return {
        "rows": rows,
        "key_rows": key_rows(details, choice, errors),
        "way_rows": way_rows(details, integration.draft, choice, errors),
        "left_out": len(details.attributes) - len(rows),
        "fetched_at": known.checked_at(),
    }


def _news(integration: Integration, changes: MetadataChanges | None) -> str:
    if changes is None:
        return f"{integration.environment} was read anew."
    if not changes:
        return f"{integration.environment} was asked: nothing has changed."
    count = len(changes.entities)
    gone = ", and something was deleted" if changes.deleted else ""
    return f"{integration.environment} was asked: {count} entit{'y' if count == 1 else 'ies'} changed{gone}."


def _next_entity(integration: Integration, after: str) -> str:
    """Where the builder goes on: to the entity after this one, and after the last to the names."""
    integration.refresh_from_db()
    names = [entity.logical_name for entity in integration.draft.entities]
    position = names.index(after) + 1 if after in names else 0
    if position < len(names):
        return reverse("integrations:entity", args=[integration.pk, names[position]])
    return reverse("integrations:names" if names else "integrations:entities", args=[integration.pk])
