"""What people fill in for work on many records."""

from typing import Any

from django import forms
from django.urls import reverse

from entities.bulk.mapping import RECORD_ID, TOGETHER, writable
from entities.fields import AttributeField
from entities.forms import editable
from entities.models import Column, Plan
from entities.place import Place
from entities.states import tie
from entities.tables.csv_reader import DELIMITERS, ENCODINGS
from entities.widgets import LookupWidget
from integrations.definition import Attribute, Operation
from integrations.kinds import BLOBS, Kind, kind_of

CHANGE = "change-these"  # no attribute can be called so
_FOCUS = {"owner": {"Owner"}, "state": {"State", "Status"}}
_DELIMITER_NAMES = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}


class ChangeForm(forms.Form):
    """The values that all selected records get: only ticked attributes count, an empty one is cleared."""

    def __init__(self, place: Place, data: Any = None, focus: str = "") -> None:
        super().__init__(data)
        self.ticked = set(data.getlist(CHANGE)) if data else set()
        for attribute in changeable(place, focus):
            field = AttributeField(attribute)
            field.required = attribute.required and attribute.name in self.ticked
            if isinstance(field.widget, LookupWidget):
                field.targets = place.can_point_to(attribute)
                field.widget.search_url = reverse("entities:lookup", args=[*place.address, attribute.name])
            self.fields[attribute.name] = field
        tie(place.entity, self.fields)

    @property
    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        return [(self[name], name in self.ticked) for name in self.fields]

    def full_clean(self) -> None:
        """What is not ticked is not judged."""
        super().full_clean()
        for name in set(self.fields) - self.ticked:
            self.errors.pop(name, None)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in self.fields if name in self.ticked}


def changeable(place: Place, focus: str = "") -> list[Attribute]:
    """What can be changed in many records, all or of the types that `focus` names (owner, state)."""
    wanted = _FOCUS.get(focus)
    return [
        item
        for item in editable(place.entity, creating=False)
        if kind_of(item) not in BLOBS
        and (wanted is None or item.type in wanted)
        and (kind_of(item) is not Kind.LOOKUP or place.can_point_to(item))
    ]


class OptionsForm(forms.Form):
    """How a file is read and what an import does with its lines."""

    mode = forms.ChoiceField(label="What to do with each line", widget=forms.RadioSelect)
    match = forms.ChoiceField(label="Find records by", required=False)
    blanks = forms.ChoiceField(
        label="Empty cells, where a record is changed",
        choices=[("keep", "leave the record as it is"), ("clear", "clear the attribute")],
    )
    decimal = forms.ChoiceField(label="Numbers", choices=[(".", "1,234.56"), (",", "1.234,56")])
    dates = forms.ChoiceField(
        label="Dates, besides 2025-12-31",
        choices=[("ymd", "2025/12/31"), ("dmy", "31.12.2025"), ("mdy", "12/31/2025")],
    )
    sheet = forms.ChoiceField(label="Sheet", required=False)
    encoding = forms.ChoiceField(label="Encoding", required=False)
    delimiter = forms.ChoiceField(label="Columns are separated by", required=False)

    def __init__(self, place: Place, plan: Plan, sheets: list[str], data: Any = None) -> None:
        super().__init__(data, initial=plan.model_dump(include=set(self.base_fields)))
        may = place.may
        modes = [
            ("create", "Create a record for every line", may["create"]),
            ("update", "Change records that are there", may["update"] and may["get"]),
            (
                "upsert",
                "Change what is there, create the rest",
                may["create"] and may["update"] and may["get"],
            ),
        ]
        self._choose("mode", [(value, label) for value, label, allowed in modes if allowed])
        by = (
            [(RECORD_ID, "Record id"), *_keys(place)]
            if may[Operation.SEARCH.value]
            else [(RECORD_ID, "Record id")]
        )
        self._choose("match", [("", "—"), *by])
        if sheets:
            self._choose("sheet", [(name, name) for name in sheets])
            del self.fields["encoding"], self.fields["delimiter"]
        elif not plan.delimiter:  # JSON, which leaves nothing to say
            del self.fields["sheet"], self.fields["encoding"], self.fields["delimiter"]
        else:
            self._choose(
                "encoding", [(name, name.upper()) for name in dict.fromkeys([plan.encoding, *ENCODINGS])]
            )
            self._choose("delimiter", [(each, _DELIMITER_NAMES[each]) for each in DELIMITERS])
            del self.fields["sheet"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("mode") in {"update", "upsert"} and not found.get("match"):
            self.add_error("match", "Choose how to find the record that a line is for.")
        return found

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def _keys(place: Place) -> list[tuple[str, str]]:
    """What records can be found by: the published alternate keys first, then texts and numbers."""
    offered = {item.logical_name: item for item in writable(place.entity) if item.can_read}
    by = {
        TOGETHER.join(offered[name].name for name in key.attributes): " + ".join(
            offered[name].label or offered[name].name for name in key.attributes
        )
        + " (a key)"
        for key in place.entity.keys
        if offered.keys() >= set(key.attributes)
    }
    for item in offered.values():
        if kind_of(item) in {Kind.TEXT, Kind.INTEGER, Kind.ID}:
            by.setdefault(item.name, item.label or item.name)
    return list(by.items())


def read_columns(place: Place, headers: list[str], data: Any) -> tuple[list[Column], str]:
    """The mapping as a form sent it, and what is wrong with it."""
    names = {item.name for item in writable(place.entity)} | {RECORD_ID, ""}
    columns = []
    for number, header in enumerate(headers):
        chosen = data.get(f"column-{number}", "")
        columns.append(
            Column(
                header=header,
                attribute=chosen if chosen in names else "",
                found_by=data.get(f"found-{number}", "name") or "name",
            )
        )
    taken = [column.attribute for column in columns if column.attribute]
    twice = {name for name in taken if taken.count(name) > 1}
    if twice:
        return columns, f"Two columns go into the same attribute: {', '.join(sorted(twice))}."
    return columns, "" if taken else "Choose an attribute for at least one column."
