"""Joining and parting records of a many-to-many list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.problems import BadInput, Clash, Missing, Problem
from entities.cells import record_url
from entities.place import find_place
from entities.troubles import patient
from integrations.linking import Links

SUGGESTIONS = 8
LONGEST = 100


@require_POST
def link(  # noqa: PLR0917  what an address is made of
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, relation: str
) -> HttpResponse:
    """Add the record `other`, which the picker names as entity:id."""
    place = find_place(request, integration_id, stage, entity)
    links = Links(place.records, relation)
    target, _, other = request.POST.get("other", "").partition(":")
    if target != links.target.entity.logical_name or not other:
        raise BadInput("Choose a record from the list first.")
    try:
        links.add(str(record_id), other)
    except Clash:
        messages.info(request, f"{request.POST.get('other-label', 'It')[:LONGEST]} was in the list already.")
    else:
        messages.success(request, f"{request.POST.get('other-label', 'It')[:LONGEST]} is added.")
    return redirect(f"{record_url(place, str(record_id))}?tab={relation}")


@require_POST
def unlink(  # noqa: PLR0917
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, relation: str
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    links = Links(place.records, relation)
    try:
        links.remove(str(record_id), request.POST.get("other", ""))
    except Missing:
        messages.info(request, "It had been taken from the list already.")
    else:
        messages.success(request, "It is taken from the list. The record itself stays.")
    return redirect(f"{record_url(place, str(record_id))}?tab={relation}")


@require_safe
def suggest(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, relation: str
) -> HttpResponse:
    """What the picker of a list offers."""
    place = find_place(request, integration_id, stage, entity)
    links = Links(place.records, relation)
    text = request.GET.get("other-label", "").strip()[:LONGEST]
    context = {"attribute": {"name": relation}, "text": text}
    try:
        found = links.target.suggest(text, SUGGESTIONS)
    except Problem as problem:
        context |= {"trouble": f"{problem.message} {problem.advice}"}
        answer = render(request, "entities/includes/suggestions.html", context, status=problem.status)
        return patient(answer, problem)
    more = {"groups": [(links.target.entity, found)], "found": len(found)}
    return render(request, "entities/includes/suggestions.html", context | more)
