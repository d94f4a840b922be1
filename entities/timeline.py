"""What happened around a record: its activities and notes, the latest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from core.problems import Problem
from entities.cells import name_of
from entities.place import Place
from entities.related import NOTES, RelatedList
from integrations.definition import Entity, Operation
from integrations.filters import Operator, Where
from integrations.kinds import UNSORTABLE, kind_of
from integrations.records import Record

EACH = 15
_WHEN = ("actualend", "scheduledend", "scheduledstart", "senton", "createdon", "modifiedon")
_TEXT = ("notetext", "description")
_WHO = ("createdby", "ownerid")


@dataclass(frozen=True)
class Happening:
    kind: str
    icon: str
    title: str
    text: str
    who: str
    state: str
    at: datetime | None
    url: str
    file: str = ""


@dataclass(frozen=True)
class Story:
    """`troubles` names what could not be read: the rest is told all the same."""

    happenings: list[Happening]
    troubles: list[str]


def story(place: Place, lists: list[RelatedList], record_id: str) -> Story:
    found: list[Happening] = []
    troubles: list[str] = []
    for each in lists:
        try:
            found += _of(place, each, record_id)
        except Problem as problem:
            troubles.append(f"{each.label}: {problem.message}")
    return Story(sorted(found, key=_late, reverse=True), troubles)


def _late(happening: Happening) -> float:
    return happening.at.timestamp() if happening.at else 0.0


def _of(place: Place, listed: RelatedList, record_id: str) -> Iterator[Happening]:
    records = place.service.entity(listed.entity.name)
    here = Place(place.service, records)
    order = next(
        (
            item
            for name in ("createdon", "modifiedon")
            if (item := listed.entity.attribute_of(name)) and item.can_read
        ),
        None,
    )
    result = records.search(
        Where(listed.condition, Operator.EQ, {"entity": place.entity.logical_name, "id": record_id}),
        order_by=[(order.name, "desc")] if order and kind_of(order) not in UNSORTABLE else [],
        top=EACH,
    )
    for record in result.records:
        at = _first(listed.entity, record, _WHEN)
        yield Happening(
            kind=listed.entity.label or listed.entity.name,
            icon=_ICONS.get(listed.entity.logical_name, "activity"),
            title=name_of(here, record),
            text=str(_first(listed.entity, record, _TEXT) or "")[:400],
            who=str(_first(listed.entity, record, _WHO) or ""),
            state=_said(listed.entity, record, "statecode"),
            at=at if isinstance(at, datetime) else None,
            url=reverse("entities:record", args=[*here.address, record.id])
            if here.may[Operation.GET]
            else "",
            file=str(_first(listed.entity, record, ("filename",)) or "")
            if listed.entity.logical_name == NOTES
            else "",
        )


def _first(entity: Entity, record: Record, names: tuple[str, ...]) -> Any:
    for name in names:
        attribute = entity.attribute_of(name)
        value = record.values.get(attribute.name) if attribute else None
        if value not in (None, ""):
            return value
    return None


def _said(entity: Entity, record: Record, name: str) -> str:
    attribute = entity.attribute_of(name)
    return record.labels.get(attribute.name, "") if attribute else ""


_ICONS = {
    "annotation": "chat-left-text",
    "task": "check2",
    "phonecall": "telephone",
    "email": "envelope",
    "appointment": "calendar-event",
    "letter": "envelope",
}
