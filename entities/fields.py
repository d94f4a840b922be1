"""One form field for every kind of attribute: how it is typed, shown again, and compared.

Whether a value fits is decided by `integrations.values.checked`, the same as for every other caller.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from entities.widgets import UNCHOSEN, LookupWidget
from integrations.definition import Attribute
from integrations.kinds import EXACT, Kind, kind_of
from integrations.records import Link
from integrations.values import checked
from integrations.values.scalars import Unfit

INPUT_TYPES = {"Email": "email", "Url": "url", "Phone": "tel"}
NOTHING = ("", "—")


class AttributeField(forms.Field):
    """Takes what a browser sends for an attribute and gives the Python value, or the reason why not."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.kind = kind_of(attribute)
        super().__init__(
            label=attribute.label or attribute.name, required=attribute.required, widget=widget_for(attribute)
        )

    def to_python(self, value: Any) -> Any:
        try:
            return checked(self.attribute, self._understood(value))
        except Unfit as unfit:
            raise forms.ValidationError(str(unfit), code="invalid") from None

    def _understood(self, value: Any) -> Any:
        if not value:
            return None
        if self.kind is Kind.INSTANT:
            return _in_persons_zone(value)
        if value == UNCHOSEN:
            raise Unfit("Choose a record from the list, or empty the field.")
        if self.kind is Kind.LOOKUP:
            entity, _, record_id = str(value).partition(":")
            return {"entity": entity, "id": record_id}
        # Browsers send CRLF for every line break; Dynamics keeps what it was given.
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    def prepare_value(self, value: Any) -> Any:
        if self.kind is Kind.BOOLEAN and isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime):
            moment = timezone.localtime(value) if value.tzinfo else value
            return moment.strftime("%Y-%m-%dT%H:%M:%S")
        if self.kind in EXACT and value is not None and not isinstance(value, str):
            return f"{value:f}"
        return value

    def differs(self, old: Any, new: Any) -> bool:
        """Whether a cleaned value is another one than the record's, and not only written another way."""
        if self.kind in {Kind.TEXT, Kind.LONG_TEXT}:
            return (old or "").replace("\r\n", "\n") != (new or "")
        if self.kind is Kind.CHOICES:
            return sorted(old or []) != sorted(new or [])
        if isinstance(old, Link) and isinstance(new, Link):
            return old.id != new.id
        return bool(old != new)


def _in_persons_zone(text: Any) -> datetime | str:
    try:
        moment = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return str(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def widget_for(attribute: Attribute) -> forms.Widget:
    """The control a person would expect for this attribute."""
    kind = kind_of(attribute)
    options = [(str(option.value), option.label) for option in attribute.options]
    if kind is Kind.LONG_TEXT or attribute.format == "TextArea":
        return forms.Textarea(attrs={"rows": 4})
    if kind is Kind.LOOKUP:
        return LookupWidget(attribute)
    if kind is Kind.CHOICE:
        return forms.Select(choices=[NOTHING, *options])
    if kind is Kind.CHOICES:
        return forms.CheckboxSelectMultiple(choices=options)
    if kind is Kind.BOOLEAN:
        labels = {bool(option.value): option.label for option in attribute.options}
        words = [("true", labels.get(True, "Yes")), ("false", labels.get(False, "No"))]
        return forms.Select(choices=[NOTHING, *words])
    return forms.TextInput(attrs=_input_attributes(attribute, kind))


def _input_attributes(attribute: Attribute, kind: Kind) -> dict[str, Any]:
    if kind is Kind.DATE:
        return {"type": "date"}
    if kind in {Kind.INSTANT, Kind.CLOCK}:
        return {"type": "datetime-local", "step": 1}
    if kind is Kind.INTEGER:
        return {"inputmode": "numeric"}
    if kind in {Kind.DECIMAL, Kind.MONEY, Kind.FLOAT}:
        return {"inputmode": "decimal"}
    attributes: dict[str, Any] = {"type": INPUT_TYPES.get(attribute.format, "text")}
    if attribute.max_length:
        attributes["maxlength"] = attribute.max_length
    return attributes
