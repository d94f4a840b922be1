"""Create and change a record. What was typed is never lost, and nobody's change is overwritten."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.problems import Clash, Missing, Problem
from entities.beginning import beginning
from entities.cells import list_url, name_of, record_url
from entities.conflicts import Difference, merged
from entities.forms import ORIGIN, RecordForm, origin_of
from entities.origin import unsealed
from entities.owners import myself
from entities.place import Place, find_place
from entities.troubles import lay_out, patient
from integrations.definition import Attribute, Operation
from integrations.records import Link
from integrations.writes import About
from microsoft.errors import Conflict

UNPROCESSABLE = 422


@dataclass
class Sheet:
    """A form and what is to be said around it."""

    form: RecordForm
    name: str
    back: str
    verb: str = "Save"
    status: int = 200
    trouble: Problem | None = None
    clashed: bool = False
    gone: bool = False
    differences: list[Difference] = field(default_factory=list)

    @property
    def unsent(self) -> bool:
        """Whether the form already holds what somebody typed, though nobody has touched this page yet."""
        return self.status != 200


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.CREATE)
    posted = request.method == "POST"
    form = (
        RecordForm(place, request.POST) if posted else RecordForm(place, start=beginning(place, request.GET))
    )
    sheet = Sheet(form, f"New {place.title}", list_url(place))
    if request.method != "POST":
        return _page(request, place, sheet)
    if not sheet.form.is_valid():
        return _refused(request, place, sheet)
    try:
        values = sheet.form.values()
        record_id = place.records.create(values, About(title=_called(place, values)))
    except Problem as problem:
        return _troubled(request, place, sheet, problem)
    _saved(request, f"{place.title} created.")
    return redirect(record_url(place, record_id) if place.may["get"] else list_url(place))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.UPDATE)
    place.records.require(Operation.GET)
    here = str(record_id)
    if request.method != "POST":
        origin = origin_of(place, place.records.get(here))
        return _page(
            request, place, Sheet(RecordForm(place, origin=origin), origin.name, record_url(place, here))
        )
    return _save(request, place, here)


@require_http_methods(["GET", "HEAD", "POST"])
def assign(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """The owner alone, for who only wants to hand a record over."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.UPDATE)
    place.records.require(Operation.GET)
    owner = _owner(place)
    here = str(record_id)
    if request.method != "POST":
        origin = origin_of(place, place.records.get(here), owner)
        form = RecordForm(place, origin=origin, only=owner)
        return _page(request, place, Sheet(form, origin.name, record_url(place, here), verb="Assign"))
    return _save(request, place, here, owner)


@require_POST
def assign_to_me(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.UPDATE)
    place.records.require(Operation.GET)
    owner, me = _owner(place), myself(place)
    found = place.records.get(str(record_id))
    before, name = found.values.get(owner.name), name_of(place, found)
    if isinstance(before, Link) and before.id == me.id:
        messages.info(request, f"{name} is yours already.")
    else:
        about = About(before={owner.name: before}, title=name)
        place.records.update(found.id, {owner.name: me}, etag=found.etag, about=about)
        messages.success(request, f"{name} is yours now.")
    return redirect(record_url(place, found.id))


def _owner(place: Place) -> Attribute:
    owner = next((item for item in place.entity.attributes if item.type == "Owner"), None)
    if owner is None or not place.can_edit(owner):
        raise Missing(f"The owner of {place.title} cannot be changed in this integration.")
    return owner


def _save(request: HttpRequest, place: Place, record_id: str, only: Attribute | None = None) -> HttpResponse:
    origin = unsealed(request.POST.get(ORIGIN, ""), record_id)
    if origin is None:
        # A form that does not know what it began with would overwrite blindly: show it beside what is there.
        now = place.records.get(record_id)
        stale = RecordForm(place, request.POST, origin_of(place, now, only), only=only)
        return _conflict(request, place, stale, record_id)
    form = RecordForm(place, request.POST, origin, only=only)
    sheet = Sheet(form, origin.name, record_url(place, record_id), verb="Assign" if only else "Save")
    if not sheet.form.is_valid():
        return _refused(request, place, sheet)
    changes = sheet.form.changes()
    try:
        place.records.update(record_id, changes, etag=origin.etag, about=sheet.form.about())
    except Missing as problem:
        return _gone(request, place, sheet, problem)
    except Problem as problem:
        if isinstance(problem.__cause__, Conflict):
            return _conflict(request, place, sheet.form, record_id)
        return _troubled(request, place, sheet, problem)
    _saved(request, f"{origin.name} saved." if changes else "Nothing had changed.")
    return redirect(record_url(place, record_id))


def _saved(request: HttpRequest, text: str) -> None:
    """Says so, and lets the browser forget the draft that it kept of this form."""
    messages.success(request, text, extra_tags=request.get_full_path())


def _called(place: Place, values: dict[str, Any]) -> str:
    name = next((item.name for item in place.entity.attributes if item.primary_name), "")
    return str(values.get(name) or "")


def _conflict(request: HttpRequest, place: Place, posted: RecordForm, record_id: str) -> HttpResponse:
    """Theirs beside mine. Saving again is a decision made with both in view; the form keeps what was typed."""
    back = record_url(place, record_id)
    name = posted.began_with.name if posted.began_with else place.title
    try:
        now = place.records.get(record_id)
    except Missing as problem:
        return _gone(request, place, Sheet(posted, name, back), problem)
    except Problem as problem:
        return _troubled(request, place, Sheet(posted, name, back), problem)
    form, differences = merged(place, posted, now)
    sheet = Sheet(form, name, back, status=Clash.status, clashed=True, differences=differences)
    return _page(request, place, sheet)


def _gone(request: HttpRequest, place: Place, sheet: Sheet, problem: Problem) -> HttpResponse:
    sheet.gone, sheet.status, sheet.back = True, problem.status, list_url(place)
    return _page(request, place, sheet)


def _refused(request: HttpRequest, place: Place, sheet: Sheet) -> HttpResponse:
    sheet.status = UNPROCESSABLE
    return _page(request, place, sheet)


def _troubled(request: HttpRequest, place: Place, sheet: Sheet, problem: Problem) -> HttpResponse:
    """The form as it was sent, with the problem where it belongs."""
    sheet.trouble = lay_out(place, sheet.form, problem)
    sheet.status = problem.status if sheet.trouble else UNPROCESSABLE
    return _page(request, place, sheet)


def _page(request: HttpRequest, place: Place, sheet: Sheet) -> HttpResponse:
    context: dict[str, Any] = {"place": place, "sheet": sheet, "form": sheet.form}
    answer = render(request, "entities/form.html", context, status=sheet.status)
    return patient(answer, sheet.trouble)
