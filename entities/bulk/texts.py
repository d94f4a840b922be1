"""Values as the cells of an exported file, in two ways: as people read them, and as they are."""

from collections import Counter
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from entities.tables.writers import Value
from entities.widgets import yes_no
from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of
from integrations.records import Link

BETWEEN = "; "


def said(attribute: Attribute, value: Any, *, labels: bool, zone: ZoneInfo) -> Value:
    """The cell for a value. Read back by `understood`, it means the same."""
    if value is None or value == []:
        return None
    match kind_of(attribute):
        case Kind.BOOLEAN if labels:
            value = dict(yes_no(attribute))["true" if value else "false"]
        case Kind.CHOICE if labels:
            value = _label(attribute, value)
        case Kind.CHOICES:
            value = BETWEEN.join(str(_label(attribute, each) if labels else each) for each in value)
        case Kind.LOOKUP:
            value = _link(value, labels=labels)
        case Kind.INSTANT:
            value = _moment(value, zone) if labels else value.isoformat().replace("+00:00", "Z")
    return value  # type: ignore[no-any-return]


def _link(link: Link, *, labels: bool) -> str:
    return link.label if labels and link.label else f"{link.entity}:{link.id}"


def _moment(value: datetime, zone: ZoneInfo) -> datetime | str:
    """In the person's zone; the hour that comes twice in autumn says which one it is."""
    local = value.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.isoformat(sep=" ") if twice else local.replace(tzinfo=None)


def _label(attribute: Attribute, value: int) -> str | int:
    """The choice's label, unless another choice has the same."""
    labels = _labels(attribute.options)
    label = labels.get(value, "")
    return value if not label or BETWEEN.strip() in label else label


@lru_cache(maxsize=512)
def _labels(options: tuple[Any, ...]) -> dict[int, str]:
    count = Counter(option.label.casefold() for option in options)
    return {option.value: option.label for option in options if count[option.label.casefold()] == 1}
