from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.problems import Missing, Problem
from entities import owners
from entities.place import find_place
from entities.troubles import patient
from integrations.records import Link

SUGGESTIONS = 8
LONGEST = 100


@require_safe
def lookup(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, attribute: str
) -> HttpResponse:
    """What the type-ahead of a lookup offers: records of its published targets, by name."""
    place = find_place(request, integration_id, stage, entity)
    chosen = place.entity.attribute(attribute)
    if chosen is None or not chosen.targets:
        raise Missing(f"{place.title} has no lookup “{attribute}” in this integration.")
    # The box is named after its attribute in a form, and `value` in the filter panel.
    text = request.GET.get(f"{attribute}-label", request.GET.get("value-label", "")).strip()[:LONGEST]
    context: dict[str, Any] = {"attribute": attribute, "text": text}
    try:
        groups: list[tuple[Any, list[Link]]] = [
            (records.entity, records.suggest(text, SUGGESTIONS)) for records in place.lookup_targets(chosen)
        ]
        groups += owners.suggestions(place, chosen, text, SUGGESTIONS)
    except Problem as problem:
        # The answer goes into a list of options: a page about the problem has no place there.
        context |= {"trouble": f"{problem.message} {problem.advice}"}
        answer = render(request, "entities/includes/suggestions.html", context, status=problem.status)
        return patient(answer, problem)
    context |= {"groups": groups, "found": sum(len(found) for _, found in groups)}
    return render(request, "entities/includes/suggestions.html", context)
