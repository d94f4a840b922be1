"""The form of one entity, built from its published definition."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.urls import reverse

from core.problems import Problem
from entities.fields import AttributeField
from entities.place import Place
from entities.widgets import LookupWidget
from integrations.definition import Attribute, Entity
from integrations.records import Record


class RecordForm(forms.Form):
    """Fields by the integration's own names. `changes()` gives only what differs from the record."""

    etag = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, place: Place, *args: Any, record: Record | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.record = record
        for attribute in editable(place.entity, creating=record is None):
            field = AttributeField(attribute)
            if isinstance(field.widget, LookupWidget):
                field.widget.search_url = lookup_url(place, attribute)
                # What cannot be looked up here cannot be typed either: it is shown, and left alone.
                field.disabled = not field.widget.search_url
                field.required = field.required and not field.disabled
            self.fields[attribute.name] = field
            if record is not None:
                self.initial[attribute.name] = record.values.get(attribute.name)
        if record is not None:
            self.initial["etag"] = record.etag

    @property
    def attribute_fields(self) -> list[tuple[str, AttributeField]]:
        return [
            (name, field)
            for name, field in self.fields.items()
            if isinstance(field, AttributeField) and not field.disabled
        ]

    def values(self) -> dict[str, Any]:
        """What a new record starts with: everything that was filled in."""
        filled = ((name, self.cleaned_data.get(name)) for name, _field in self.attribute_fields)
        return {name: value for name, value in filled if value not in (None, "", [])}

    def changes(self) -> dict[str, Any]:
        """What Dynamics must be told about a saved record: only what the person changed."""
        return {
            name: self.cleaned_data.get(name)
            for name, field in self.attribute_fields
            if field.differs(self.initial.get(name), self.cleaned_data.get(name))
        }

    def add_problem(self, problem: Problem) -> None:
        """Put what Dynamics or the operations gate said beside the field it concerns."""
        rest = add_errors(self, problem.fields)
        if rest or not problem.fields:
            text = " ".join(part for part in (problem.message, problem.advice, *rest) if part)
            self.add_error(None, text)


def add_errors(form: forms.Form, errors: Mapping[str, str]) -> list[str]:
    """Errors on the form's own fields; what concerns none of them comes back."""
    for name in errors.keys() & form.fields.keys():
        form.add_error(name, errors[name])
    return [f"{name}: {text}" for name, text in errors.items() if name not in form.fields]


def editable(entity: Entity, *, creating: bool) -> Iterable[Attribute]:
    """The attributes a person may fill in, in the order the integration chose."""
    return [item for item in entity.attributes if (item.can_create if creating else item.can_update)]


def lookup_url(place: Place, attribute: Attribute) -> str:
    """Where the type-ahead of a lookup asks; empty where no target is in the published definition."""
    if not place.lookup_targets(attribute):
        return ""
    return reverse("entities:lookup", args=[*place.address, attribute.name])
