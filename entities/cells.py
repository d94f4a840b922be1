"""How one value of a record is shown, in the grid and on the record page alike."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from entities.place import Place
from integrations.definition import Attribute, Operation
from integrations.kinds import NUMBERS, Kind, kind_of
from integrations.records import Link, Record


@dataclass(frozen=True)
class Cell:
    name: str
    label: str
    kind: Kind
    text: str = ""
    url: str = ""
    moment: datetime | date | None = None
    color: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


def cell(place: Place, record: Record, attribute: Attribute) -> Cell:
    """A formatted value: Dynamics' own label where it gave one, else the plain value."""
    value = record.values.get(attribute.name)
    return Cell(
        name=attribute.name,
        label=attribute.label or attribute.name,
        kind=kind_of(attribute),
        text=_text(record, attribute, value),
        url=_url(place, record, attribute, value),
        moment=value if isinstance(value, datetime) and value.tzinfo else None,
        color=_color(attribute, value),
    )


def name_of(place: Place, record: Record) -> str:
    """What people call the record: its primary name, else the beginning of its id."""
    primary = next((item.name for item in place.entity.attributes if item.primary_name), "")
    return str(record.values.get(primary) or "") or f"{place.title} {record.id[:8]}"


def record_url(place: Place, record_id: str, view: str = "record") -> str:
    return reverse(f"entities:{view}", args=[*place.address, record_id])


def _text(record: Record, attribute: Attribute, value: Any) -> str:
    if value is None:
        return ""
    if attribute.name in record.labels:
        return record.labels[attribute.name]
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(value)


def _url(place: Place, record: Record, attribute: Attribute, value: Any) -> str:
    if attribute.primary_name and place.may["get"]:
        return record_url(place, record.id)
    if isinstance(value, Link):
        for target in place.service.definition.entities:
            if target.logical_name == value.entity and Operation.GET in target.operations:
                return reverse("entities:record", args=[*place.address[:2], target.name, value.id])
    text = str(value or "")
    if attribute.format == "Email" and "@" in text:
        return f"mailto:{text}"
    if attribute.format == "Url" and text.startswith(("https://", "http://")):
        return text
    return ""


def _color(attribute: Attribute, value: Any) -> str:
    return next((option.color for option in attribute.options if option.value == value), "")
