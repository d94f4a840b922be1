from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entities.cells import cell, name_of, record_url
from entities.place import find_place
from entities.related import related_lists


@require_safe
def record(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """One record, every published attribute of it, and where the records that point to it are."""
    place = find_place(request, integration_id, stage, entity)
    found = place.records.get(str(record_id))
    cells = [cell(place, found, attribute) for attribute in place.columns]
    return render(
        request,
        "entities/record.html",
        {
            "place": place,
            "record": found,
            "name": name_of(place, found),
            "cells": sorted(cells, key=lambda each: each.is_long),
            "related": related_lists(place, found.id),
            "edit_url": record_url(place, found.id, "edit") if place.may_edit else "",
            "delete_url": record_url(place, found.id, "delete") if place.may_delete else "",
        },
    )
