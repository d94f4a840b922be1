"""Create, change and delete a record. What was typed is never lost, and nobody's change is overwritten."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core.problems import Clash, NotPermitted, Problem
from entities.cells import cell, name_of, record_url
from entities.forms import RecordForm
from entities.place import Place, find_place
from integrations.records import Record

UNPROCESSABLE = 422


def create(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    _require(place, "create")
    form = RecordForm(place, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_id = place.records.create(form.values())
        except Problem as problem:
            form.add_problem(problem)
        else:
            messages.success(request, f"{place.title} created.")
            return redirect(record_url(place, record_id) if place.may["get"] else _list_url(place))
    return _form_page(request, place, form, None)


def edit(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    _require(place, "update")
    record = place.records.get(str(record_id))
    if request.method != "POST":
        return _form_page(request, place, RecordForm(place, record=record), record)
    form = RecordForm(place, request.POST, record=record)
    if not form.is_valid():
        return _form_page(request, place, form, record)
    if form.cleaned_data["etag"] != record.etag:
        return _conflict_page(request, place, form, record)
    try:
        place.records.update(record.id, form.changes(), etag=record.etag)
    except Clash:
        # Changed between our look and our write: the same page, with what is there now.
        return _conflict_page(request, place, form, place.records.get(record.id))
    except Problem as problem:
        form.add_problem(problem)
        return _form_page(request, place, form, record)
    messages.success(
        request, f"{name_of(place, record)} saved." if form.changes() else "Nothing had changed."
    )
    return redirect(record_url(place, record.id))


def delete(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    _require(place, "delete")
    record = place.records.get(str(record_id))
    name = name_of(place, record)
    if request.method != "POST":
        context = {"place": place, "record": record, "name": name}
        return render(request, "entities/delete.html", context)
    try:
        place.records.delete(record.id, etag=request.POST.get("etag") or None)
    except Clash as clash:
        raise Clash(
            f"{name} was changed after you opened this page, so it was not deleted.",
            advice="Look at it again, and delete it if you still want to.",
            ids=clash.ids,
        ) from clash
    messages.success(request, f"{name} deleted.")
    return redirect(_list_url(place))


def _require(place: Place, operation: str) -> None:
    if not place.may[operation]:
        raise NotPermitted(
            f"You cannot {operation} {place.title} records here.",
            advice="Either the integration does not offer it, or your role in the team is viewer.",
        )


def _list_url(place: Place) -> str:
    return reverse("entities:grid", args=place.address)


def _form_page(request: HttpRequest, place: Place, form: RecordForm, record: Record | None) -> HttpResponse:
    context = {
        "place": place,
        "form": form,
        "record": record,
        "name": name_of(place, record) if record else f"New {place.title}",
        "back": record_url(place, record.id) if record else _list_url(place),
    }
    return render(
        request, "entities/form.html", context, status=UNPROCESSABLE if form.is_bound and form.errors else 200
    )


def _conflict_page(request: HttpRequest, place: Place, form: RecordForm, now: Record) -> HttpResponse:
    """Theirs beside mine. Saving again is a decision made with both in view; the form keeps what was typed."""
    mine = RecordForm(place, _with_etag(request, now), record=now)
    mine.is_valid()
    theirs = [
        cell(place, now, field.attribute)
        for name, field in mine.attribute_fields
        if field.differs(now.values.get(name), form.cleaned_data.get(name))
    ]
    context = {
        "place": place,
        "form": mine,
        "record": now,
        "name": name_of(place, now),
        "back": record_url(place, now.id),
        "theirs": theirs,
    }
    return render(request, "entities/form.html", context, status=Clash.status)


def _with_etag(request: HttpRequest, now: Record) -> object:
    data = request.POST.copy()
    data["etag"] = now.etag
    return data
