"""What the form for a new record begins with: a copy of another record, or what the link to the form says."""

from dataclasses import replace

from django.http import QueryDict

from core.problems import Problem
from entities.cells import name_of
from entities.fields import value_of
from entities.forms import editable, origin_of
from entities.origin import Origin, Raw
from entities.place import Place
from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of
from integrations.records import Link

# A copy has a state and numbers of its own.
_NOT_COPIED = frozenset({"State", "Status"})


def beginning(place: Place, data: QueryDict) -> Origin | None:
    """`?like=<id>` copies a record, `?attribute=value` fills single fields; what does not fit is left out.

    Raises:
        Missing, NotPermitted: the record to copy is not there, or may not be read.

    """
    start = _copy(place, data.get("like", ""))
    given = {
        item.name: (item, str(data[item.name]))
        for item in editable(place.entity, creating=True)
        if data.get(item.name)
    }
    fitting: dict[str, Raw] = {}
    labels: dict[str, str] = {}
    for attribute, text in given.values():
        value = value_of(attribute, text)
        if kind_of(attribute) is Kind.LOOKUP:
            if not isinstance(value, Link) or not (label := _label(place, attribute, value)):
                continue
            labels[attribute.name] = label
        fitting[attribute.name] = text
    if not start and not fitting:
        return None
    begun = start or Origin("", "", "")
    return replace(begun, values={**begun.values, **fitting}, labels={**begun.labels, **labels})


def _copy(place: Place, record_id: str) -> Origin | None:
    if not record_id:
        return None
    origin = origin_of(place, place.records.get(record_id))
    copied = {
        item.name
        for item in editable(place.entity, creating=True)
        if item.type not in _NOT_COPIED and item.name in origin.values
    }
    return replace(origin, values={name: origin.values[name] for name in copied})


def _label(place: Place, attribute: Attribute, link: Link) -> str:
    """How people call the record that a link points to; empty where it cannot be found here."""
    for records in place.lookup_targets(attribute):
        if records.entity.logical_name == link.entity:
            names = [item.name for item in records.readable if item.primary_name]
            try:
                return name_of(Place(place.service, records), records.get(link.id, names))
            except Problem:
                return ""
    return ""
