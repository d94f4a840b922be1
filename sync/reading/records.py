"""Rows of a mirror as records, with the labels that Dynamics would show."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute
from integrations.kinds import EXACT, NUMBERS, Kind, kind_of
from integrations.records import Link, Record, Value
from sync.columns import ID
from sync.reading.held import Held

_MONEY_SCALE = 2


def names_of(shown: Sequence[Held]) -> list[str]:
    """The columns that the records of these attributes are made of, the id first."""
    return list(dict.fromkeys([ID, *(name for each in shown for name in each.columns if name)]))


def record_from(shown: Sequence[Held], row: Mapping[str, Any]) -> Record:
    """The record that a row stands for. It has no version: nothing can be written from a mirror."""
    values: dict[str, Value] = {}
    labels: dict[str, str] = {}
    links: dict[str, Link] = {}
    for each in shown:
        name, kind = each.attribute.name, kind_of(each.attribute)
        raw = row[each.value]
        if raw is None:
            values[name] = None
        elif kind is Kind.LOOKUP:
            link = Link(str(raw).lower(), str(row[each.target] or ""), str(row[each.name] or ""))
            values[name] = links[name] = link
        else:
            values[name] = value = _value(kind, raw)
            label = row[each.label] if each.label else _formatted(each.attribute, kind, value)
            if label is not None and str(label) != value:
                labels[name] = str(label)
    return Record(id=str(row[ID]).lower(), etag="", values=values, labels=labels, links=links)


def _value(kind: Kind, raw: Any) -> Any:
    if kind in EXACT:
        return Decimal(raw)
    if kind is Kind.BOOLEAN:
        return bool(raw)
    if kind is Kind.CHOICES:
        return json.loads(raw) if isinstance(raw, str) else list(raw)
    if kind is Kind.DATE:
        return date.fromisoformat(raw[:10]) if isinstance(raw, str) else raw
    if kind in (Kind.INSTANT, Kind.CLOCK):
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
        return moment.astimezone(UTC) if kind is Kind.INSTANT else moment.replace(tzinfo=None)
    return str(raw).lower() if kind is Kind.ID else raw


def _formatted(attribute: Attribute, kind: Kind, value: Any) -> str | None:
    """Numbers with their thousands and as many digits as the attribute has."""
    if kind not in NUMBERS:
        return None
    if kind is Kind.INTEGER:
        return f"{value:,}"
    usual = _MONEY_SCALE if kind is Kind.MONEY else None
    digits = attribute.precision if attribute.precision is not None else usual
    return f"{value:,f}" if digits is None else f"{value:,.{digits}f}"
