from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.problems import Missing
from entities.place import find_place

SUGGESTIONS = 8


def lookup(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, attribute: str
) -> HttpResponse:
    """What the type-ahead of a lookup offers: records of its published targets, by name."""
    place = find_place(request, integration_id, stage, entity)
    chosen = place.entity.attribute(attribute)
    if chosen is None or not chosen.targets:
        raise Missing(f"{place.title} has no lookup “{attribute}” in this integration.")
    text = request.GET.get(f"{attribute}-label", "").strip()[:100]
    targets = place.lookup_targets(chosen)
    groups = [(records.entity, records.suggest(text, SUGGESTIONS)) for records in targets]
    return render(
        request,
        "entities/includes/suggestions.html",
        {"groups": groups, "text": text, "empty": not any(found for _, found in groups)},
    )
