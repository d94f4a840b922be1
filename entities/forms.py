"""The form of one entity, built from its published definition."""

from typing import Any

from django import forms
from django.urls import reverse

from entities.cells import name_of
from entities.fields import AttributeField, raw_of, value_of
from entities.origin import Origin
from entities.place import Place
from entities.states import paired, state_of, tie
from entities.widgets import LookupWidget
from integrations.definition import Attribute, Entity
from integrations.kinds import BLOBS, Kind, kind_of
from integrations.records import Record
from integrations.writes import About

# No attribute can be called so: names of an integration are identifiers.
ORIGIN = "form-origin"
WIDE = frozenset({Kind.LONG_TEXT, Kind.CHOICES})


class RecordForm(forms.Form):
    """Fields by the integration's own names. With an origin it edits that record, without one it makes another."""

    def __init__(
        self,
        place: Place,
        data: Any = None,
        origin: Origin | None = None,
        *,
        only: Attribute | None = None,
        start: Origin | None = None,
    ) -> None:
        super().__init__(data)
        self.entity = place.entity
        self.only = only
        self.began_with = origin
        self.fields[ORIGIN] = forms.CharField(widget=forms.HiddenInput, required=False)
        for attribute in [only] if only else editable(place.entity, creating=origin is None):
            field = _field(place, attribute, origin)
            if origin is not None or attribute.required or not field.disabled:
                self.fields[attribute.name] = field
        tie(place.entity, self.fields)
        if origin is not None:
            self.initial = {**origin.values, ORIGIN: origin.sealed()}
        elif start is not None:
            self._start_with(start)

    def _start_with(self, start: Origin) -> None:
        """Fill a new record's form with what another record has, or what a link to the form says."""
        for name, field in self.attribute_fields.items():
            if name in start.values and not field.disabled:
                self.initial[name] = start.values[name]
                if isinstance(field.widget, LookupWidget):
                    field.widget.label = start.labels.get(name, "")

    @property
    def attribute_fields(self) -> dict[str, AttributeField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, AttributeField)}

    def values(self) -> dict[str, Any]:
        """What a new record begins with: only what was filled in."""
        filled = {name: self.cleaned_data.get(name) for name in self.attribute_fields}
        return {name: value for name, value in filled.items() if value not in (None, "", [])}

    def changes(self) -> dict[str, Any]:
        """What Dynamics must be told about a saved record: only what the person changed. The form is valid."""
        changed = {name: self.cleaned_data[name] for name in self.touched()}
        state = state_of(self.entity)
        now = self.began_with.values.get(state.name) if self.began_with and state else None
        return paired(self.entity, changed, now)

    def about(self) -> About:
        """For the history: what the record held when the form was opened."""
        origin = self.began_with
        if origin is None:
            return About()
        attributes = {item.name: item for item in self.entity.attributes}
        before = {
            name: value_of(attributes[name], raw, origin.labels.get(name, ""))
            for name, raw in origin.values.items()
            if name in attributes
        }
        return About(before=before, title=origin.name)

    def touched(self) -> list[str]:
        """The attributes in which the form now says something else than it began with."""
        fields = self.attribute_fields.items()
        return [name for name, field in fields if not field.disabled and field.is_touched(self[name].data)]


def origin_of(place: Place, record: Record, only: Attribute | None = None) -> Origin:
    """The record as a form shows it. One about a single attribute knows the status besides, for `states`."""
    attributes = editable(place.entity, creating=False)
    if only:
        attributes = [item for item in attributes if item.name == only.name or item.type == "State"]
    labels = {**record.labels, **{name: str(link) for name, link in record.links.items()}}
    return Origin(
        record_id=record.id,
        etag=record.etag,
        name=name_of(place, record),
        values={item.name: raw_of(item, record.values.get(item.name)) for item in attributes},
        labels={item.name: labels[item.name] for item in attributes if item.name in labels and _named(item)},
    )


def editable(entity: Entity, *, creating: bool) -> list[Attribute]:
    """The attributes a person may fill in: the primary name, the order the integration chose, then long texts."""
    allowed = [
        item
        for item in entity.attributes
        if (item.can_create if creating else item.can_update) and kind_of(item) not in BLOBS
    ]
    return sorted(allowed, key=lambda item: (not item.primary_name, kind_of(item) in WIDE))


def _field(place: Place, attribute: Attribute, origin: Origin | None) -> AttributeField:
    empty = raw_of(attribute, None)
    before = origin.values.get(attribute.name, empty) if origin else None
    field = AttributeField(attribute, before, origin.labels.get(attribute.name, "") if origin else "")
    if isinstance(field.widget, LookupWidget):
        field.targets = targets = place.can_point_to(attribute)
        # What cannot be looked up here cannot be typed either: it is shown, and left alone.
        field.disabled = not targets
        field.required = field.required and bool(targets)
        if targets:
            field.widget.search_url = reverse("entities:lookup", args=[*place.address, attribute.name])
    return field


def _named(attribute: Attribute) -> bool:
    return kind_of(attribute) in {Kind.LOOKUP, Kind.CHOICE, Kind.CHOICES}
