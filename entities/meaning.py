"""Whether two values of an attribute mean the same."""

from typing import Any

from integrations.definition import Attribute
from integrations.records import Link
from integrations.values import checked
from integrations.values.scalars import Unfit


def same(attribute: Attribute | None, one: Any, other: Any) -> bool:
    """13 and 13.0000 do, stored or read; and so do two links that call the same record differently."""
    if attribute is None:
        return bool(one == other)
    try:
        return bool(_meant(attribute, one) == _meant(attribute, other))
    except Unfit:
        return bool(one == other)


def _meant(attribute: Attribute, value: Any) -> Any:
    meant = checked(attribute, value)
    return (meant.entity, meant.id) if isinstance(meant, Link) else meant
