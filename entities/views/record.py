from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from core.cloud import cloud
from entities.cells import cell, name_of, record_url
from entities.columns import usual_columns
from entities.listing import rows_of, selected
from entities.place import Place, find_place
from entities.query import GridQuery
from entities.related import RelatedList, related_lists, told
from entities.sections import sections, who_and_when
from entities.services.recent import remember
from entities.states import moves, state_of
from entities.timeline import story
from integrations.definition import Operation
from integrations.filters import Operator, Where
from integrations.kinds import BLOBS, NUMBERS, kind_of
from integrations.linking import Links
from integrations.records import Record

SHOWN = 25
COLUMNS = 5


@require_safe
def record(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    """One record: every published attribute of it, and on tabs what belongs to it."""
    place = find_place(request, integration_id, stage, entity)
    found = place.records.get(str(record_id))
    name = name_of(place, found)
    remember(actor_of(request), place, found.id, name)
    pairs = [(attribute, cell(place, found, attribute)) for attribute in place.columns]
    lists, tells = related_lists(place, found.id), told(place, found.id)
    tab = request.GET.get("tab", "")
    context: dict[str, Any] = {
        "place": place,
        "record": found,
        "name": name,
        "facts": [each for attribute, each in pairs if attribute.type in ("State", "Status") and each.text],
        "sections": sections(pairs),
        "who": who_and_when(pairs),
        "lists": lists,
        "told": tells,
        "has_files": any(kind_of(attribute) in BLOBS for attribute in place.columns),
        "doubled": [label for label, count in Counter(each.label for each in lists).items() if count > 1],
        "tab": tab,
        "address": request.build_absolute_uri(request.path),
        "in_dynamics": _in_dynamics(place, found.id),
        **_actions(place, found),
    }
    chosen = next((each for each in lists if each.key == tab), None)
    if tab == "story" and tells:
        context |= {
            "story": story(place, tells, found.id),
            "news": [_new(place, each, found.id) for each in tells],
        }
    elif chosen:
        context |= _related(place, chosen, found.id)
    return render(request, "entities/record.html", context)


def _actions(place: Place, found: Record) -> dict[str, str]:
    """The addresses of what can be done with this record; empty where it cannot."""
    state = state_of(place.entity)
    now = found.values.get(state.name) if state else None
    owner = next((item for item in place.entity.attributes if item.type == "Owner"), None)
    return {
        "edit_url": record_url(place, found.id, "edit") if place.may_edit else "",
        "delete_url": record_url(place, found.id, "delete") if place.may_delete else "",
        "assign_url": record_url(place, found.id, "assign") if owner and place.can_edit(owner) else "",
        "take_url": record_url(place, found.id, "assign_to_me") if owner and place.can_edit(owner) else "",
        "state_url": record_url(place, found.id, "state")
        if place.may_edit and moves(place.entity, now)
        else "",
        "state_label": "Activate" if now else "Deactivate",
        "clone_url": f"{reverse('entities:new', args=place.address)}?like={found.id}"
        if place.may["create"] and place.may["get"]
        else "",
        "history_url": record_url(place, found.id, "history"),
    }


def _related(place: Place, listed: RelatedList, record_id: str) -> dict[str, Any]:
    here = Place(place.service, place.service.entity(listed.entity.name))
    shown = [
        item for item in usual_columns(here) if listed.attribute is None or item.name != listed.attribute.name
    ]
    shown = shown[:COLUMNS]
    names = selected(here, GridQuery(), shown)
    if listed.attribute:
        where = Where(
            listed.attribute.name, Operator.EQ, {"entity": place.entity.logical_name, "id": record_id}
        )
        records = list(here.records.search(where, top=SHOWN, select=names).records)
        may_change = False
    else:
        links = Links(place.records, listed.key)
        records, may_change = links.list(record_id, names), links.may_change()
    return {
        "chosen": listed,
        "heads": [(item.label or item.name, kind_of(item) in NUMBERS) for item in shown],
        "rows": rows_of(here, records, shown),
        "full": len(records) >= SHOWN and listed.url,
        "new": _new(place, listed, record_id),
        "may_link": may_change,
        "target": here,
    }


def _new(place: Place, listed: RelatedList, record_id: str) -> tuple[str, str]:
    """What a new record of the list is called, and the address of its form; empty where it cannot be made."""
    here = Place(place.service, place.service.entity(listed.entity.name))
    attribute = listed.attribute
    if attribute is None or not attribute.can_create or not here.may[Operation.CREATE]:
        return here.title, ""
    address = reverse("entities:new", args=here.address)
    return here.title, f"{address}?{attribute.name}={place.entity.logical_name}:{record_id}"


def _in_dynamics(place: Place, record_id: str) -> str:
    """The record's page in Dynamics; a sandbox has none."""
    if not cloud().production:
        return ""
    url = place.service.binding.connection.environment.url.rstrip("/")
    return f"{url}/main.aspx?pagetype=entityrecord&etn={place.entity.logical_name}&id={record_id}"
