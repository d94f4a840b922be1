"""Every change made through Isthmus, and taking one back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.rules import for_person
from core.problems import BadInput, Clash, Missing
from entities.cells import name_of, record_url
from entities.forms import ORIGIN, origin_of
from entities.history import said, tell
from entities.models import RecordChange
from entities.origin import unsealed
from entities.place import Place, find_place
from entities.services import reverting
from integrations.definition import Operation
from integrations.models import Integration
from integrations.published import definition_of, version_of
from integrations.records import Record

PAGE = 50


@require_safe
def of_record(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """One record's changes; also of one that is gone, so that it can be brought back."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.GET)
    here = str(record_id)
    now = _now(place, here)
    changes = reverting.changes_of(place, here)
    if now is None:
        changes = reverting.unasked(changes, place.service.definition, place.service.actor)
    rows = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    latest = rows[0].values.title if len(rows) else ""
    if now is None and not len(rows):
        raise Missing("There is no such record, and none that was changed here.")
    context = {
        "place": place,
        "record_id": here,
        "gone": now is None,
        "name": name_of(place, now) if now else latest or here[:8],
        "told": [
            tell(row, place.service.definition, may_write=_may(place, row, gone=now is None)) for row in rows
        ],
        "page": rows,
    }
    return render(request, "entities/history.html", context)


@require_safe
def of_integration(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """The changes of all records of one integration."""
    integration = (
        for_person(Integration.objects.select_related("team"), request.user).filter(pk=integration_id).first()
    )
    if integration is None:
        raise Missing("There is no such integration, or it belongs to a team you are not in.")
    definition = definition_of(version_of(integration).pk)
    entities = {item.logical_name: item for item in definition.entities if Operation.GET in item.operations}
    chosen = request.GET.get("entity", "")
    rows = RecordChange.objects.filter(integration=integration, entity__in=entities).select_related("actor")
    rows = reverting.unasked(rows, definition, actor_of(request))
    if chosen:
        rows = rows.filter(entity=chosen)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "integration": integration,
        "entities": entities.values(),
        "chosen": chosen,
        "told": [tell(row, definition) for row in page],
        "page": page,
    }
    return render(request, "entities/changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revert(  # noqa: PLR0917  what an address is made of
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, change_id: UUID
) -> HttpResponse:
    """Show what would be written, then write it into the version that was shown."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.GET)
    here = str(record_id)
    change = reverting.find_change(place, here, change_id)
    place.records.require(Operation.CREATE if change.kind == RecordChange.Kind.DELETE else Operation.UPDATE)
    if request.method != "POST":
        return _question(request, place, change)
    origin = unsealed(request.POST.get(ORIGIN, ""), here)
    if origin is None and change.kind != RecordChange.Kind.DELETE:
        return _question(request, place, change, status=409)
    try:
        reverting.revert(place, change, origin.etag if origin else "")
    except Clash as problem:
        if change.kind == RecordChange.Kind.DELETE:
            raise BadInput("The record is there already.", advice="Look at it as it is now.") from problem
        return _question(request, place, change, status=409)
    messages.success(request, "The change is taken back.")
    return redirect(record_url(place, here))


def _question(request: HttpRequest, place: Place, change: RecordChange, status: int = 200) -> HttpResponse:
    here = str(change.record_id)
    now = _now(place, here)
    way = reverting.way_back(place, change, now)
    context = {
        "place": place,
        "told": tell(change, place.service.definition),
        "gone": now is None,
        "way": way,
        "steps": [
            (step, said(step.attribute, step.now), said(step.attribute, step.before)) for step in way.steps
        ],
        "name": name_of(place, now) if now else change.values.title or here[:8],
        "origin": origin_of(place, now).sealed() if now else "",
        "back": record_url(place, here, "history"),
        "clashed": status == 409,
    }
    return render(request, "entities/revert.html", context, status=status)


def _now(place: Place, record_id: str) -> Record | None:
    try:
        return place.records.get(record_id)
    except Missing:
        return None


def _may(place: Place, change: RecordChange, *, gone: bool) -> bool:
    if change.kind == RecordChange.Kind.DELETE:
        return gone and place.may["create"]
    return not gone and place.may_edit
