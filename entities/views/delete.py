from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from core.problems import Clash, Missing
from entities.cells import cell, list_url, name_of
from entities.forms import ORIGIN, RecordForm, origin_of
from entities.origin import unsealed
from entities.place import Place, find_place
from entities.services.recent import forget
from integrations.definition import Operation

SHOWN = 5  # facts by which to recognise what one is about to delete


@require_http_methods(["GET", "HEAD", "POST"])
def delete(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """Ask, then delete the very version of the record that the person saw."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.DELETE)
    place.records.require(Operation.GET)
    here = str(record_id)
    return _delete(request, place, here) if request.method == "POST" else _question(request, place, here)


def _delete(request: HttpRequest, place: Place, record_id: str) -> HttpResponse:
    origin = unsealed(request.POST.get(ORIGIN, ""), record_id)
    if origin is None:
        return _question(request, place, record_id, changed=True)
    try:
        about = RecordForm(place, origin=origin).about()
        place.records.delete(record_id, etag=origin.etag, about=about)
    except Clash:
        return _question(request, place, record_id, changed=True)
    except Missing:
        messages.info(request, "Somebody had deleted it already.")
    else:
        messages.success(request, f"{origin.name} deleted.")
    forget(actor_of(request), place, record_id)
    return redirect(list_url(place))


def _question(request: HttpRequest, place: Place, record_id: str, *, changed: bool = False) -> HttpResponse:
    record = place.records.get(record_id)
    context = {
        "place": place,
        "record": record,
        "name": name_of(place, record),
        "cells": [cell(place, record, attribute) for attribute in place.columns[:SHOWN]],
        "origin": origin_of(place, record).sealed(),
        "changed": changed,
    }
    return render(request, "entities/delete.html", context, status=Clash.status if changed else 200)
