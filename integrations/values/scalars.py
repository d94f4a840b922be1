"""Whether a single value fits its attribute, and what it is in Python."""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from integrations.definition import Attribute
from integrations.kinds import Kind

# Dataverse stores no earlier moment; https://learn.microsoft.com/en-us/power-apps/developer/data-platform/behavior-format-date-time-attribute
EARLIEST = date(1753, 1, 1)
# What XML 1.0 cannot carry, Dataverse refuses (0x80040278).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_MONEY_SCALE = 4
_DECIMAL_SCALE = 10
_INTEGER_BOUNDS = {"BigInt": 2**63, "Integer": 2**31}
_MAX_CHOICES = 150
_MAX_EXPONENT = 60


class Unfit(ValueError):  # noqa: N818  caught within this package and named after what it says
    """A value does not fit its attribute. The text is for the person."""


def _text(attribute: Attribute, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("This must be text.")
    if _UNPRINTABLE.search(value):
        raise Unfit("This holds a control character that Dynamics cannot store.")
    # Dataverse counts as .NET does: a character outside the basic plane is two.
    length = len(value.encode("utf-16-le")) // 2
    if attribute.max_length and length > attribute.max_length:
        raise Unfit(f"This is {length} characters long; at most {attribute.max_length} fit.")
    return value


def _integer(attribute: Attribute, value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit("This must be a whole number.")
    bound = _INTEGER_BOUNDS[attribute.type]
    if not -bound <= value < bound:
        raise Unfit("This number is too large for the attribute.")
    return int(_ranged(attribute, Decimal(value)))


def _exact(attribute: Attribute, value: Any) -> Decimal:
    if isinstance(value, float):
        raise Unfit("Give this as exact text or Decimal, not as a floating point number.")
    number = _decimal(value)
    scale = attribute.precision
    if scale is None:
        scale = _MONEY_SCALE if attribute.type == "Money" else _DECIMAL_SCALE
    if _digits_after_point(number) > scale:
        raise Unfit(f"This has more than {scale} digit{'' if scale == 1 else 's'} after the point.")
    return _ranged(attribute, number)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value.strip()):
        raise Unfit("This must be a number, such as 1234.56.")
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unfit("This must be a number, such as 1234.56.")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise Unfit("This must be a number, such as 1234.56.") from None
    if not number.is_finite():
        raise Unfit("This must be a finite number.")
    # 1e999999999 is short to send and would fill the memory when it is written out.
    if abs(int(number.as_tuple().exponent)) > _MAX_EXPONENT:
        raise Unfit("This number has more digits than Dynamics can store.")
    return number


def _digits_after_point(number: Decimal) -> int:
    """How many count: 1.500 has one. (normalize() would round to the context's 28 digits.)"""
    _sign, digits, exponent = number.as_tuple()
    after = -int(exponent)
    for digit in reversed(digits):
        if digit or after <= 0:
            break
        after -= 1
    return max(after, 0) if number else 0


def _float(attribute: Attribute, value: Any) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise Unfit("This must be a number.") from None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unfit("This must be a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unfit("This must be a finite number.")
    _ranged(attribute, Decimal(number))
    return number


def _ranged(attribute: Attribute, number: Decimal) -> Decimal:
    if attribute.minimum is not None and number < Decimal(attribute.minimum):
        raise Unfit(f"The smallest value allowed is {attribute.minimum}.")
    if attribute.maximum is not None and number > Decimal(attribute.maximum):
        raise Unfit(f"The largest value allowed is {attribute.maximum}.")
    return number


def _boolean(_attribute: Attribute, value: Any) -> bool:
    words = {"true": True, "false": False}
    if isinstance(value, str):
        value = words.get(value.strip().lower(), value)
    if not isinstance(value, bool):
        raise Unfit("This must be true or false.")
    return value


def _choice(attribute: Attribute, value: Any) -> int:
    if isinstance(value, Mapping):  # as a service gives it: {"value", "label"}
        value = value.get("value")
    if isinstance(value, str):
        value = _numbered(attribute, value.strip())
    known = {option.value for option in attribute.options}
    if isinstance(value, bool) or not isinstance(value, int) or value not in known:
        offered = ", ".join(f"{option.value} ({option.label})" for option in attribute.options[:8])
        raise Unfit(f"This must be one of the choices: {offered}{'…' if len(known) > 8 else ''}.")
    return value


def _numbered(attribute: Attribute, text: str) -> int | str:
    """The number that text stands for: a number, or a label that only one choice has."""
    if _WHOLE.fullmatch(text):
        return int(text)
    found = [option.value for option in attribute.options if option.label.casefold() == text.casefold()]
    return found[0] if len(found) == 1 else text


def _choices(attribute: Attribute, value: Any) -> list[int]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple | set | frozenset):
        raise Unfit("This must be a list of choices.")
    chosen = list(dict.fromkeys(_choice(attribute, item) for item in value))
    if len(chosen) > _MAX_CHOICES:
        raise Unfit(f"At most {_MAX_CHOICES} choices fit.")
    return chosen


def _date(_attribute: Attribute, value: Any) -> date:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise Unfit("This must be a date, such as 2025-12-31.") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Unfit("This must be a date without a time.")
    return _storable(value)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Unfit("This must be a date and time, such as 2025-12-31T18:30:00+01:00.") from None
    if not isinstance(value, datetime):
        raise Unfit("This must be a date and time.")
    return value


def _instant(_attribute: Attribute, value: Any) -> datetime:
    moment = _moment(value)
    if moment.tzinfo is None:
        raise Unfit("Say which time zone: 2025-12-31T18:30:00+01:00, or Z for UTC.")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise Unfit("This is beyond the dates that Dynamics can store.") from None
    _storable(moment.date())
    return moment


def _clock(_attribute: Attribute, value: Any) -> datetime:
    moment = _moment(value)
    if moment.tzinfo is not None and moment.utcoffset():
        raise Unfit("This is the same in every time zone: leave the offset out.")
    _storable(moment.date())
    return moment.replace(tzinfo=None)


def _storable(day: date) -> date:
    if day < EARLIEST:
        raise Unfit(f"Dynamics stores nothing before {EARLIEST.isoformat()}.")
    return day


def _id(_attribute: Attribute, value: Any) -> str:
    try:
        return str(uuid.UUID(str(value).strip()))
    except ValueError:
        raise Unfit("This is not a unique id (a GUID).") from None


CHECKS: dict[Kind, Callable[[Attribute, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _exact,
    Kind.MONEY: _exact,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.CLOCK: _clock,
    Kind.ID: _id,
    Kind.FILE: _id,
    Kind.IMAGE: _id,
}
