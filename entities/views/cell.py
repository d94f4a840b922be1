"""Changing one attribute of one record where it stands in the grid."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.actors import person_of
from core.problems import Missing, NotPermitted, Problem
from entities.columns import columns_for
from entities.forms import ORIGIN, RecordForm, origin_of
from entities.listing import rows_of, selected
from entities.origin import Origin, unsealed
from entities.place import Place, find_place
from entities.query import read_query
from entities.troubles import lay_out, patient
from integrations.definition import Attribute, Operation
from microsoft.errors import Conflict

UNPROCESSABLE = 422


@dataclass(frozen=True)
class Spot:
    """One cell: which attribute of which record, as an integration on a stage has it."""

    place: Place
    record_id: str
    attribute: Attribute

    @property
    def url(self) -> str:
        return reverse("entities:cell", args=[*self.place.address, self.record_id, self.attribute.name])

    def read(self) -> Origin:
        """The attribute as it is now, for a form to begin with."""
        names = [item.name for item in self.place.columns if item.primary_name or item.type == "State"]
        record = self.place.records.get(self.record_id, list(dict.fromkeys([self.attribute.name, *names])))
        return origin_of(self.place, record, self.attribute)


@require_http_methods(["GET", "HEAD", "POST"])
def cell(  # noqa: PLR0917  what an address is made of
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, attribute: str
) -> HttpResponse:
    """A form for one attribute, to be put into its cell; saved, it answers with the whole row as it is now."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.UPDATE)
    place.records.require(Operation.GET)
    chosen = place.entity.attribute(attribute)
    if chosen is None or not chosen.can_read:
        raise Missing(f"{place.title} has no attribute “{attribute[:60]}” in this integration.")
    if not place.can_edit(chosen):
        raise NotPermitted(f"{chosen.label or chosen.name} cannot be changed here.")
    spot = Spot(place, str(record_id), chosen)
    if request.method != "POST":
        return _form(request, spot, RecordForm(place, origin=spot.read(), only=chosen))
    return _save(request, spot)


def _save(request: HttpRequest, spot: Spot) -> HttpResponse:
    origin = unsealed(request.POST.get(ORIGIN, ""), spot.record_id)
    if origin is None:
        return _form(
            request, spot, RecordForm(spot.place, origin=spot.read(), only=spot.attribute), status=409
        )
    form = RecordForm(spot.place, request.POST, origin, only=spot.attribute)
    if not form.is_valid():
        return _form(request, spot, form, status=UNPROCESSABLE)
    try:
        return _written(request, spot, form, origin)
    except Problem as problem:
        trouble = lay_out(spot.place, form, problem)
        return _form(
            request, spot, form, trouble=trouble, status=problem.status if trouble else UNPROCESSABLE
        )


def _written(request: HttpRequest, spot: Spot, form: RecordForm, origin: Origin) -> HttpResponse:
    changes = form.changes()
    try:
        spot.place.records.update(spot.record_id, changes, etag=origin.etag, about=form.about())
    except Problem as problem:
        if not isinstance(problem.__cause__, Conflict):
            raise
        now = spot.read()
        name = spot.attribute.name
        mine = RecordForm(spot.place, request.POST, now, only=spot.attribute)
        if form.attribute_fields[name].is_touched(now.values[name]):
            # Both changed this very attribute: which of the two stays is for the person to say.
            return _form(request, spot, mine, theirs=now, status=problem.status)
        mine.is_valid()
        spot.place.records.update(spot.record_id, mine.changes(), etag=now.etag, about=mine.about())
    return _row(request, spot)


def _row(request: HttpRequest, spot: Spot) -> HttpResponse:
    """Saving may have changed more than what was typed, so all of the row is read again."""
    query = read_query(spot.place.entity, QueryDict(request.POST.get("query", "")))
    shown = columns_for(spot.place, query, person_of(request)).shown
    record = spot.place.records.get(spot.record_id, selected(spot.place, query, shown))
    context = {"place": spot.place, "rows": rows_of(spot.place, [record], shown)}
    return render(request, "entities/includes/row_list.html", context)


def _form(
    request: HttpRequest,
    spot: Spot,
    form: RecordForm,
    *,
    theirs: Origin | None = None,
    trouble: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    form.auto_id = f"cell-{spot.record_id}-%s"  # the same attribute of two records may be open at once
    context: dict[str, Any] = {
        "spot": spot,
        "bound": form[spot.attribute.name],
        "trouble": trouble,
        "theirs": _said(spot, theirs) if theirs else "",
        "origin": theirs.sealed() if theirs else form.began_with.sealed() if form.began_with else "",
        "clashed": theirs is not None or status == 409,
    }
    return patient(render(request, "entities/includes/cell_form.html", context, status=status), trouble)


def _said(spot: Spot, theirs: Origin) -> str:
    """What the record holds now, in words."""
    raw = theirs.values[spot.attribute.name]
    words = {str(option.value): option.label for option in spot.attribute.options}
    listed = raw if isinstance(raw, list) else [raw]
    known = theirs.labels.get(spot.attribute.name, "")
    return known or ", ".join(words.get(each, each) for each in listed) or "empty"
