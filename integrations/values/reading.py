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
Raw = dict[str, Any]


def record_reader(entity: Entity, attributes: Iterable[Attribute]) -> Callable[[Raw], Record]:
    """How records of the entity are read: what is the same for all of them is found out once.

    The records are under the integration's names. Attributes that were not asked for are not looked at.
    """
    plan = [
        (each.name, file_name_column(each) or column(each) + _FORMATTED, value_reader(each))
        for each in attributes
    ]

    def read(raw: Raw) -> Record:
        values: dict[str, Value] = {}
        labels: dict[str, str] = {}
        links: dict[str, Link] = {}
        for name, label_column, value_of in plan:
            value = values[name] = value_of(raw)
            if isinstance(value, Link):
                links[name] = value
            label = raw.get(label_column)
            if label is not None and str(label) != value:
                labels[name] = str(label)
        return Record(
            id=str(raw[entity.primary_id]).lower(),
            etag=str(raw.get("@odata.etag", "")),
            values=values,
            labels=labels,
            links=links,
        )

    return read


def value_reader(attribute: Attribute) -> Callable[[Raw], Value]:
    """How the attribute is read from a raw record. Money and decimals are exact; times are aware and in UTC."""
    kind, key = kind_of(attribute), column(attribute)
    read = _READERS.get(kind)

    def link(raw: Raw) -> Value:
        if (value := raw.get(key)) is None:
            return None
        entity = raw.get(key + _TARGET) or next(iter(attribute.targets), "")
        return Link(str(value).lower(), str(entity), str(raw.get(key + _FORMATTED, "")))

    def converted(raw: Raw) -> Value:
        value = raw.get(key)
        return value if value is None or read is None else read(value)

    return link if kind is Kind.LOOKUP else converted


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
