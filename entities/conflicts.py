"""Two people changed one record: what it was, what it is now, and what the second one typed, field by field."""

import json
from dataclasses import dataclass

from entities.cells import Cell, cell
from entities.fields import AttributeField
from entities.forms import RecordForm, origin_of
from entities.origin import Origin, Raw
from entities.place import Place
from entities.widgets import LookupWidget, yes_no
from integrations.kinds import Kind
from integrations.records import Record


@dataclass(frozen=True)
class Difference:
    """One attribute on which the record now differs from when the form was opened, or from the form."""

    name: str
    label: str
    before: str
    now: Cell
    mine: str
    by_them: bool
    by_me: bool
    take_theirs: str = ""  # what the form's control is given when somebody chooses it, as JSON
    take_mine: str = ""


def merged(place: Place, posted: RecordForm, record: Record) -> tuple[RecordForm, list[Difference]]:
    """A form on the record as it is now, with the person's own changes in it, and what they should look at.

    What only the others changed is taken over; saving again writes no more than what the person touched.
    """
    now = origin_of(place, record, posted.only)
    form = RecordForm(place, origin=now, only=posted.only)
    touched = set(posted.touched())
    differences = []
    for name, field in posted.attribute_fields.items():
        attribute, theirs = field.attribute, now.values[name]
        mine = posted[name].data if name in touched else theirs
        by_them, by_me = field.is_touched(theirs), form.attribute_fields[name].is_touched(mine)
        if name in touched:
            _fill(form, name, mine, posted)
        if by_them or by_me:
            differences.append(
                Difference(
                    name=name,
                    label=attribute.label or attribute.name,
                    before=_said(field, field.origin or "", _label(posted.began_with, name)),
                    now=cell(place, record, attribute),
                    mine=_said(
                        field, mine, _label_typed(posted, name) if name in touched else _label(now, name)
                    ),
                    by_them=by_them,
                    by_me=by_me,
                    take_theirs=json.dumps([theirs, _label(now, name)]),
                    take_mine=json.dumps([mine, _label_typed(posted, name)]),
                )
            )
    return form, sorted(differences, key=lambda each: not (each.by_them and each.by_me))


def _fill(form: RecordForm, name: str, mine: Raw, posted: RecordForm) -> None:
    form.initial[name] = mine
    widget = form.fields[name].widget
    if isinstance(widget, LookupWidget):
        widget.label = _label_typed(posted, name)


def _label(origin: Origin | None, name: str) -> str:
    return origin.labels.get(name, "") if origin else ""


def _label_typed(posted: RecordForm, name: str) -> str:
    return str(posted.data.get(f"{name}-label", ""))


def _said(field: AttributeField, raw: Raw, label: str) -> str:
    """A control's value as people read it."""
    if field.kind is Kind.LOOKUP:
        return label or str(raw)
    words = {str(option.value): option.label for option in field.attribute.options}
    if field.kind is Kind.BOOLEAN:
        words = dict(yes_no(field.attribute))
    if isinstance(raw, list):
        return ", ".join(words.get(each, each) for each in raw)
    return words.get(raw, raw).replace("T", " ") if field.kind in _MOMENTS else words.get(raw, raw)


_MOMENTS = {Kind.INSTANT, Kind.CLOCK}
