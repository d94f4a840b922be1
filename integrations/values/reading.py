"""From a raw Web API record to Python values."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute, Entity
from integrations.kinds import Kind, column, file_name_column, kind_of
from integrations.records import Link, Record, Value

_FORMATTED = "@OData.Community.Display.V1.FormattedValue"
_TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"


def record_from(entity: Entity, attributes: Iterable[Attribute], raw: dict[str, Any]) -> Record:
    """The record under the integration's names. Attributes that were not asked for are not looked at."""
    values: dict[str, Value] = {}
    labels: dict[str, str] = {}
    links: dict[str, Link] = {}
    for attribute in attributes:
        value = python_value(attribute, raw)
        values[attribute.name] = value
        label = raw.get(file_name_column(attribute) or column(attribute) + _FORMATTED)
        if isinstance(value, Link):
            links[attribute.name] = value
        if label is not None and str(label) != value:
            labels[attribute.name] = str(label)
    return Record(
        id=str(raw[entity.primary_id]).lower(),
        etag=str(raw.get("@odata.etag", "")),
        values=values,
        labels=labels,
        links=links,
    )


def python_value(attribute: Attribute, raw: dict[str, Any]) -> Value:
    """One attribute of a raw record. Money and decimals are exact; times are aware and in UTC."""
    key = column(attribute)
    value = raw.get(key)
    if value is None:
        return None
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP:
        entity = raw.get(key + _TARGET) or next(iter(attribute.targets), "")
        return Link(str(value).lower(), str(entity), str(raw.get(key + _FORMATTED, "")))
    read = _READERS.get(kind)
    return read(value) if read else value


def _several(text: Any) -> list[int]:
    return [int(part) for part in str(text).split(",") if part.strip()]


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


_READERS: dict[Kind, Callable[[Any], Value]] = {
    Kind.DECIMAL: lambda value: Decimal(str(value)),
    Kind.MONEY: lambda value: Decimal(str(value)),
    Kind.FLOAT: float,
    Kind.CHOICES: _several,
    Kind.DATE: lambda text: date.fromisoformat(str(text)[:10]),
    Kind.INSTANT: _instant,
    Kind.CLOCK: lambda text: _instant(text).replace(tzinfo=None),
    **dict.fromkeys((Kind.ID, Kind.FILE, Kind.IMAGE), lambda text: str(text).lower()),
}
