"""What a cell of somebody's file means for an attribute."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from entities.widgets import yes_no
from integrations.definition import Attribute, Option
from integrations.kinds import NUMBERS, TEXTS, Kind, kind_of
from integrations.records import Link
from integrations.values import checked
from integrations.values.scalars import Unfit

_YES = frozenset({"true", "yes", "y", "1", "x"})
_NO = frozenset({"false", "no", "n", "0"})
_ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
_DAY = re.compile(r"(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_GROUPS = "[ \u00a0\u202f'\u2019]"


@dataclass(frozen=True)
class Customs:
    """How the file writes numbers and dates, and in whose time zone."""

    zone: ZoneInfo
    decimal: str = "."
    dates: str = "ymd"


@dataclass(frozen=True)
class Named:
    """A lookup that is still to be found, by how the file calls it."""

    text: str


def understood(attribute: Attribute, text: str, customs: Customs) -> Any:
    """The value in Python, None for an empty cell, Named for a lookup to be found.

    Raises:
        Unfit: with a sentence for the person.

    """
    kind = kind_of(attribute)
    if kind not in TEXTS:
        text = text.strip()
    if not text:
        return None
    if kind is Kind.LOOKUP:
        return _link(attribute, text)
    return checked(attribute, _read(attribute, kind, text, customs))


def _read(attribute: Attribute, kind: Kind, text: str, customs: Customs) -> Any:
    value: Any = text
    if kind in NUMBERS:
        value = _number(text, customs.decimal)
    elif kind is Kind.BOOLEAN:
        value = _yes_or_no(attribute, text)
    elif kind is Kind.CHOICE:
        value = _choice(attribute.options, text)
    elif kind is Kind.CHOICES:
        value = _choices(attribute.options, text)
    elif kind is Kind.DATE:
        value = _day(text, customs.dates)
    elif kind in {Kind.INSTANT, Kind.CLOCK}:
        value = _moment(text, customs)
        if kind is Kind.INSTANT and value.tzinfo is None:
            value = value.replace(tzinfo=customs.zone)
    return value


def _number(text: str, decimal: str) -> str:
    """Exact text with a point, from a number with groups, blanks or the sign of a currency."""
    plain = "".join(
        letter for letter in text.replace("\u2212", "-") if unicodedata.category(letter) != "Sc"
    ).strip()
    group = "." if decimal == "," else ","
    whole, point, fraction = plain.partition(decimal)
    grouped = re.fullmatch(rf"[+-]?\d{{1,3}}(?:(?:{_GROUPS}|{re.escape(group)})\d{{3}})+", whole)
    if grouped:
        whole = re.sub(rf"{_GROUPS}|{re.escape(group)}", "", whole)
    if not re.fullmatch(r"[+-]?\d*", whole) or not re.fullmatch(r"\d*", fraction) or not (whole or fraction):
        raise Unfit(f"“{text[:40]}” is not a number with “{decimal}” before its fraction.")
    return f"{whole}.{fraction}" if point and fraction else whole


def _yes_or_no(attribute: Attribute, text: str) -> bool:
    words = {label.casefold(): value == "true" for value, label in yes_no(attribute)}
    folded = text.casefold()
    if folded in words:
        return words[folded]
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise Unfit(
        f"“{text[:40]}” is neither yes nor no: write {' or '.join(dict(yes_no(attribute)).values())}."
    )


def _choice(options: Sequence[Option], text: str) -> int:
    folded = text.casefold()
    found = [option.value for option in options if option.label.casefold() == folded]
    if len(found) == 1:
        return found[0]
    if re.fullmatch(r"-?\d{1,10}", text) and int(text) in {option.value for option in options}:
        return int(text)
    if found:
        numbers = " or ".join(str(value) for value in found)
        raise Unfit(f"Several choices are called “{text[:40]}”: write {numbers}.")
    offered = ", ".join(option.label for option in options[:6])
    raise Unfit(f"“{text[:40]}” is not one of the choices: {offered}{'…' if len(options) > 6 else '.'}")


def _choices(options: Sequence[Option], text: str) -> list[int]:
    between = (
        ";" if ";" in text or text.casefold() in {option.label.casefold() for option in options} else ","
    )
    return [_choice(options, part.strip()) for part in text.split(between) if part.strip()]


def _day(text: str, order: str) -> date:
    moment = _moment_text(text, order)
    if moment.time() != time():
        raise Unfit("This must be a date without a time.")
    return moment.date()


def _moment(text: str, customs: Customs) -> datetime:
    return _moment_text(text, customs.dates)


def _moment_text(text: str, order: str) -> datetime:
    """ISO first, whatever the order; then day and time apart."""
    if _ISO.match(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise Unfit(f"“{text[:40]}” is not a date that exists.") from None
    day, _, clock = text.partition(" ")
    found = _DAY.fullmatch(day.rstrip(","))
    if not found:
        raise Unfit(f"“{text[:40]}” is not a date. 2025-12-31 always works.")
    numbers = [int(part) for part in found.groups()]
    # A year in four digits at the front leaves no doubt.
    places = _ORDERS["ymd"] if len(found[1]) == 4 else _ORDERS[order]
    if len(found[places[0] + 1]) != 4:
        raise Unfit(f"“{text[:40]}” needs the year in four digits.")
    hours, minutes, seconds = _time(clock.strip(), text)
    year, month, dom = (numbers[place] for place in places)
    try:
        return datetime(year, month, dom, hours, minutes, seconds)  # noqa: DTZ001  whose zone, the caller knows
    except ValueError:
        raise Unfit(f"“{text[:40]}” is not a date that exists.") from None


def _time(clock: str, text: str) -> tuple[int, int, int]:
    if not clock:
        return 0, 0, 0
    found = _CLOCK.fullmatch(clock)
    if not found:
        raise Unfit(f"“{text[:40]}” has no time that can be read, such as 18:30.")
    hours = int(found[1])
    if found[4]:
        hours = hours % 12 + (12 if found[4].lower() == "p" else 0)
    return hours, int(found[2]), int(found[3] or 0)


def _link(attribute: Attribute, text: str) -> Link | Named:
    entity, colon, record = text.partition(":")
    try:
        if colon and entity in attribute.targets:
            return checked(attribute, {"entity": entity, "id": record})  # type: ignore[no-any-return]
        if len(text) in {36, 38} and text.count("-") == 4:
            return checked(attribute, text.strip("{}"))  # type: ignore[no-any-return]
    except Unfit:
        if colon and entity in attribute.targets:
            raise
    return Named(text)
