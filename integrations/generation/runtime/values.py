"""Values between Python and the service: exact, typed, and nothing lost on the way."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Self


@dataclass(frozen=True)
class Reference:
    """What a lookup points to: the id of a record, the name of its entity, and how people call it."""

    entity: str
    id: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every record has besides its attributes."""

    id: str
    etag: str


class Choice(IntEnum):
    """A choice of Dynamics: its number, and the label that people see.

    A number that was added to it after this package had been made is a member called UNKNOWN_<number>.
    """

    label: str

    def __new__(cls, value: int, label: str = "") -> Self:
        """Make the number, and keep its label."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}".replace("-", "MINUS_")
        member._value_ = value
        member.label = ""
        return member


def encode(value: Any) -> Any:
    """The JSON that stands for a value."""
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case Decimal():
            return format(value, "f")
        case dt.date():  # a datetime is one as well
            return value.isoformat()
        case Reference():
            return {"entity": value.entity, "id": value.id}
    return value
