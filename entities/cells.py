"""How one value of a record is shown, in the grid and on the record page alike."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from entities import rendering
from entities.place import Place
from entities.widgets import yes_no
from integrations.definition import Attribute
from integrations.kinds import DATES, NUMBERS, Kind, kind_of
from integrations.records import Link, Record

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Cell:
    name: str
    label: str
    kind: Kind
    text: str = ""
    url: str = ""
    moment: datetime | None = None
    picked: tuple[tuple[str, str], ...] = ()  # of choices: label and colour of each
    can_edit: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_long(self) -> bool:
        """Whether it needs the width of the page."""
        return self.kind is Kind.LONG_TEXT or "\n" in self.text or len(self.text) > 120

    @property
    def html(self) -> SafeString:
        if self.moment:
            exact = self.moment.strftime("%Y-%m-%d %H:%M:%S %Z")
            return rendering.moment(self.text, self.moment.isoformat(), exact)
        if self.picked:
            return rendering.choices(list(self.picked))
        return rendering.shown(self.text, self.url, leads_away=self.url.startswith(("http://", "https://")))


class Cells:
    """The cells of one attribute. What they have in common is looked up once, since a grid has hundreds of them."""

    def __init__(self, place: Place, attribute: Attribute) -> None:
        self._place, self._attribute = place, attribute
        self._kind = kind_of(attribute)
        self._label = attribute.label or attribute.name
        self._can_edit = place.can_edit(attribute)
        self._is_choice = self._kind in (Kind.CHOICE, Kind.CHOICES)
        self._options = {each.value: (each.label, _color(each.color)) for each in attribute.options}

    def of(self, record: Record) -> Cell:
        """A formatted value: Dynamics' own label where it gave one, else the plain value."""
        attribute = self._attribute
        value = record.values.get(attribute.name)
        return Cell(
            attribute.name,
            self._label,
            self._kind,
            text=_text(record, attribute, self._kind, value),
            url=_url(self._place, attribute, value),
            moment=timezone.localtime(value) if isinstance(value, datetime) and value.tzinfo else None,
            picked=self._picked(record, value) if self._is_choice and value is not None else (),
            can_edit=self._can_edit,
        )

    def _picked(self, record: Record, value: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, list):
            label, color = self._options.get(value, (str(value), ""))
            return ((record.labels.get(self._attribute.name, "") or label, color),)
        return tuple(self._options.get(each, (str(each), "")) for each in value)


def cell(place: Place, record: Record, attribute: Attribute) -> Cell:
    """One cell by itself."""
    return Cells(place, attribute).of(record)


def name_of(place: Place, record: Record) -> str:
    """What people call the record: its primary name, else the beginning of its id."""
    return str(record.values.get(place.primary_name) or "").strip() or f"{place.title} {record.id[:8]}"


def list_url(place: Place) -> str:
    return place.url


def record_url(place: Place, record_id: str, view: str = "record") -> str:
    return reverse(f"entities:{view}", args=[*place.address, record_id])


def _text(record: Record, attribute: Attribute, kind: Kind, value: Any) -> str:
    if value is None or value == []:
        return ""
    if kind in DATES:
        # Dynamics would format these for the application's user, not for this person.
        return day_or_moment(value)
    if attribute.name in record.labels:
        return record.labels[attribute.name]
    if isinstance(value, bool):
        return dict(yes_no(attribute))["true" if value else "false"]
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(value)


def day_or_moment(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    moment = timezone.localtime(value) if value.tzinfo else value
    return moment.strftime("%Y-%m-%d %H:%M")


def _url(place: Place, attribute: Attribute, value: Any) -> str:
    if isinstance(value, Link):
        there = place.record_urls.get(value.entity)
        return f"{there}{value.id}/" if there else ""
    if not attribute.format:
        return ""
    text = str(value or "").strip()
    if attribute.format == "Email" and "@" in text:
        return f"mailto:{text}"
    if attribute.format == "Phone" and text:
        return f"tel:{text.replace(' ', '')}"
    if attribute.format == "Url" and text.startswith(("https://", "http://")):
        return text
    return ""


def _color(text: str) -> str:
    return text if _COLOR.fullmatch(text) else ""
