"""Pages about work on many records: choosing what to do, looking at it first, following it, and its result."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.actors import Actor, actor_of, person_of
from core.problems import BadInput, Missing, Problem
from entities.bulk.errors import error_file
from entities.bulk.forms import ChangeForm, changeable
from entities.bulk.portrait import lines_of, tabs_of
from entities.bulk.sample import sample_of
from entities.bulk.working import counts
from entities.models import Bulk, BulkRow
from entities.owners import myself
from entities.place import Place, find_place
from entities.selection import read_selection
from entities.services import bulk as services
from entities.storage import read_parts
from integrations.definition import Operation

LISTED = 50
State = BulkRow.State
MINE = "mine"
FOCUSES = {"owner": "Assign", "state": "Change the status of"}


@require_safe
def index(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """What this person has done with many records here, newest first."""
    place = find_place(request, integration_id, stage, entity)
    found = Bulk.objects.select_related("run").filter(
        owner=person_of(request),
        integration=place.integration,
        stage_slug=place.stage.slug,
        entity=place.entity.name,
    )
    return render(request, "entities/bulk/list.html", {"place": place, "bulks": found[:LISTED]})


@require_POST
def edit(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """First the form for the selected records, then, with its `plan`, a draft to look at."""
    place = find_place(request, integration_id, stage, entity)
    for operation in (Operation.UPDATE, Operation.GET):
        place.records.require(operation)
    selection = read_selection(place, request.POST)
    focus = request.GET.get("focus", "")
    if request.POST.get("plan") == MINE:
        owners = changeable(place, "owner")
        values = {item.name: myself(place) for item in owners}
        return redirect(services.plan_edit(actor_of(request), place.records, selection, values))
    form = ChangeForm(place, request.POST if "plan" in request.POST else None, focus)
    trouble: Problem | None = None
    if form.is_bound and form.is_valid():
        try:
            bulk = services.plan_edit(actor_of(request), place.records, selection, form.values())
            return redirect(bulk)
        except BadInput as problem:
            trouble = problem
    context = {
        "place": place,
        "form": form,
        "selection": selection,
        "focus": focus if focus in FOCUSES else "",
        "title": f"{FOCUSES.get(focus, 'Change')} {place.heading.lower()}",
        "trouble": trouble,
    }
    return render(request, "entities/bulk/edit.html", context, status=422 if form.is_bound else 200)


@require_POST
def delete(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """A draft to look at: nothing is deleted before it is begun."""
    place = find_place(request, integration_id, stage, entity)
    selection = read_selection(place, request.POST)
    return redirect(services.plan_delete(actor_of(request), place.records, selection))


@require_safe
def detail(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> HttpResponse:
    """A draft with its first records, or the work with its rows; a part of it for htmx while it moves."""
    place, bulk = _found(request, integration_id, stage, entity, bulk_id)
    template = "entities/bulk/live.html" if "live" in request.GET else "entities/bulk/detail.html"
    return render(request, template, _context(request, place, bulk))


def _context(request: HttpRequest, place: Place, bulk: Bulk) -> dict[str, Any]:
    tally = dict(counts(bulk)) if bulk.kind != Bulk.Kind.EXPORT else {}
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    lines, page = lines_of(place, bulk, state, request.GET.get("page", ""))
    context: dict[str, Any] = {
        "place": place,
        "bulk": bulk,
        "tabs": tabs_of(tally),
        "state": state,
        "chosen": _address(state, page.number if page.number > 1 else 0),
        "lines": lines,
        "page": page,
        "before": f"?{_address(state, page.previous_page_number())}" if page.has_previous() else None,
        "after": f"?{_address(state, page.next_page_number())}" if page.has_next() else None,
        "info": f"{page.start_index():,} to {page.end_index():,} of {page.paginator.count:,}",
        "sample": None,
        "trouble": None,
        **_offers(bulk, tally),
    }
    if (
        bulk.stage == Bulk.Stage.DRAFT
        and bulk.kind in {Bulk.Kind.EDIT, Bulk.Kind.DELETE}
        and not bulk.is_moving
    ):
        try:
            context["sample"] = sample_of(place, bulk)
        except Problem as problem:
            context["trouble"] = problem
    return context


def _address(state: str, page: int) -> str:
    """Which rows are shown, for an address: that of the whole page, not of the part that comes by itself."""
    return urlencode({name: value for name, value in (("state", state), ("page", page)) if value})


def _offers(bulk: Bulk, tally: dict[str, int]) -> dict[str, Any]:
    """What may be pressed now, and the figures on it."""
    resting = not bulk.is_moving
    started = bulk.stage == Bulk.Stage.WORK
    checked = bulk.stage == Bulk.Stage.CHECK and bulk.run is not None and bulk.run.state == "succeeded"
    failed, done = tally.get(State.FAILED, 0), tally.get(State.DONE, 0)
    undoable = bulk.kind in {Bulk.Kind.EDIT, Bulk.Kind.DELETE, Bulk.Kind.IMPORT}
    return {
        "checked": checked and resting,
        "planned": tally.get(State.PLANNED, 0),
        "failed": failed,
        "done": done,
        "can_begin": resting and (checked or bulk.stage == Bulk.Stage.DRAFT),
        "can_retry": resting and started and failed > 0,
        "can_undo": resting and started and done > 0 and undoable and not bulk.undone_by.exists(),
        "can_map": bulk.kind == Bulk.Kind.IMPORT and resting and not started,
        "can_correct": bulk.kind == Bulk.Kind.IMPORT and resting and failed > 0,
        "can_download": bulk.kind == Bulk.Kind.EXPORT and resting and bulk.file is not None,
        "undoing": bulk.undone_by.first() if started else None,
    }


@require_POST
def begin(request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID) -> HttpResponse:
    return _act(request, (integration_id, stage, entity, bulk_id), services.begin)


@require_POST
def check(request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID) -> HttpResponse:
    return _act(request, (integration_id, stage, entity, bulk_id), services.check)


@require_POST
def retry(request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID) -> HttpResponse:
    return _act(request, (integration_id, stage, entity, bulk_id), services.retry_failures)


@require_POST
def undo(request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID) -> HttpResponse:
    place, bulk = _found(request, integration_id, stage, entity, bulk_id)
    return redirect(services.undo(actor_of(request), place.records, bulk))


@require_POST
def discard(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> HttpResponse:
    place, bulk = _found(request, integration_id, stage, entity, bulk_id)
    services.discard(actor_of(request), bulk)
    messages.success(request, f"“{bulk.title}” is forgotten.")
    return redirect(reverse("entities:bulks", args=place.address))


@require_GET
def errors(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> StreamingHttpResponse:
    """The lines that failed, as they were sent, with the reason beside each: to be corrected and sent again."""
    _place, bulk = _found(request, integration_id, stage, entity, bulk_id)
    form = request.GET.get("format", "csv")
    if bulk.kind != Bulk.Kind.IMPORT or form not in {"csv", "xlsx"}:
        raise Missing("There is no such file.")
    if not bulk.rows.filter(state=State.FAILED).exists():
        raise Missing("No line has failed, so there is nothing to correct.")
    content_type, chunks = error_file(bulk, form)
    return attachment(StreamingHttpResponse(chunks), f"{bulk.entity}-to-correct.{form}", content_type)


@require_GET
def download(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> StreamingHttpResponse:
    _place, bulk = _found(request, integration_id, stage, entity, bulk_id)
    if bulk.kind != Bulk.Kind.EXPORT or bulk.file is None:
        raise Missing("The file is not there: it is kept for seven days.", advice="Export it again.")
    answer = attachment(StreamingHttpResponse(read_parts(bulk.file)), bulk.file.name, bulk.file.content_type)
    answer["Content-Length"] = str(bulk.file.size)
    return answer


def attachment(answer: StreamingHttpResponse, name: str, content_type: str) -> StreamingHttpResponse:
    """Never shown by the browser as part of our site, whatever it is."""
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Content-Type"] = content_type
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _found(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> tuple[Place, Bulk]:
    place = find_place(request, integration_id, stage, entity)
    return place, services.find_bulk(actor_of(request), place.records, bulk_id)


def _act(
    request: HttpRequest, address: tuple[UUID, str, str, UUID], service: Callable[[Actor, Bulk], Bulk]
) -> HttpResponse:
    _place, bulk = _found(request, *address)
    service(actor_of(request), bulk)
    return HttpResponseRedirect(bulk.get_absolute_url())
