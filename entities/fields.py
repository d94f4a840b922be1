"""One form field for every kind of attribute: how it is typed, shown again, and compared.

Whether a value fits is decided by `integrations.values.checked`, the same as for every other caller.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from entities.origin import Raw
from entities.widgets import UNCHOSEN, widget_for
from integrations.definition import Attribute
from integrations.kinds import EXACT, Kind, kind_of
from integrations.records import Link
from integrations.values import checked
from integrations.values.scalars import Unfit


class AttributeField(forms.Field):
    """Takes what a browser sends for an attribute and gives the Python value, or the reason why not.

    `origin` is what the form first showed, None on a form for a new record. What the person did not touch
    is neither judged nor sent: a value that today's rules would refuse may stay as it is.
    """

    def __init__(self, attribute: Attribute, origin: Raw | None = None, label: str = "") -> None:
        self.attribute = attribute
        self.kind = kind_of(attribute)
        self.origin = origin
        self.targets: frozenset[str] = frozenset(attribute.targets)
        super().__init__(
            label=attribute.label or attribute.name,
            required=attribute.required,
            widget=widget_for(attribute, origin, label),
            help_text=_help(self.kind),
        )

    def clean(self, value: Any) -> Any:
        if self.origin is not None and not self.is_touched(value):
            return None
        return super().clean(value)

    def to_python(self, value: Any) -> Any:
        try:
            return checked(self.attribute, self._understood(value))
        except Unfit as unfit:
            raise forms.ValidationError(str(unfit), code="invalid") from None

    def is_touched(self, value: Any) -> bool:
        """Whether what came back is another value than the form began with, not only written another way."""
        before, after = _plain(self.origin), _plain(value)
        if value is None or before == after:  # None: the form had no such control
            return False
        try:
            return bool(self.to_python(before) != self.to_python(after))
        except forms.ValidationError:
            return True

    def _understood(self, value: Any) -> Any:
        if not value:
            return None
        if self.kind is Kind.INSTANT:
            return _in_persons_zone(value)
        if self.kind is Kind.LOOKUP:
            return self._link(str(value))
        return _plain(value) if self.kind is not Kind.CHOICES else value

    def _link(self, value: str) -> dict[str, str]:
        if value == UNCHOSEN:
            raise Unfit("Choose a record from the list, or empty the field.")
        entity, _, record_id = value.partition(":")
        if entity not in self.targets and value != self.origin:
            raise Unfit("This integration does not let it point there. Choose a record from the list.")
        return {"entity": entity, "id": record_id}


def raw_of(attribute: Attribute, value: Any) -> Raw:
    """A record's value as its control holds it."""
    kind = kind_of(attribute)
    if kind is Kind.CHOICES:
        return [str(each) for each in value or []]
    if value is None:
        return ""
    if isinstance(value, Link):
        return f"{value.entity}:{value.id}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if value.tzinfo else value
        return moment.strftime("%Y-%m-%dT%H:%M:%S")
    return _digits(value, attribute.precision or 0) if kind in EXACT else _plain(str(value))


def value_of(attribute: Attribute, raw: Raw, label: str = "") -> Any:
    """The other way: what a control holds, as a record has it. What does not fit today's rules stays text."""
    field = AttributeField(attribute)
    try:
        value = field.to_python(raw)
    except forms.ValidationError:
        return raw
    return replace(value, label=label) if isinstance(value, Link) else value


def _digits(value: Decimal, precision: int) -> str:
    """Every digit that counts, and the zeros that the attribute's precision asks for."""
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(precision, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _plain(value: Any) -> Any:
    """Browsers send CRLF for every line break and choices in the order of the page."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return sorted(value) if isinstance(value, list) else value or ""


def _in_persons_zone(text: Any) -> datetime | str:
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return str(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def _help(kind: Kind) -> str:
    if kind is Kind.INSTANT:
        return f"In your time zone, {timezone.get_current_timezone_name()}."
    return "The same in every time zone." if kind is Kind.CLOCK else ""
