from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from entities.cells import cell, name_of, record_url
from entities.place import find_place


def record(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """One record, every published attribute of it."""
    place = find_place(request, integration_id, stage, entity)
    found = place.records.get(str(record_id))
    return render(
        request,
        "entities/record.html",
        {
            "place": place,
            "record": found,
            "name": name_of(place, found),
            "cells": [cell(place, found, attribute) for attribute in place.records.readable],
            "edit_url": record_url(place, found.id, "edit") if place.may["update"] else "",
            "delete_url": record_url(place, found.id, "delete") if place.may["delete"] else "",
        },
    )
