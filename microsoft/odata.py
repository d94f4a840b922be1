"""OData literals, filters and addresses as the Dataverse Web API reads them. Pure: nothing here does I/O.

    f = and_(eq("statecode", 0), contains("name", "O'Neill"))      # statecode eq 0 and contains(name,'O''Neill')
    build_url("https://org.crm.dynamics.com", "/api/data/v9.2/accounts", {"$filter": f})

Values that cannot be written as a literal, and names that are not names, raise `Invalid`.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query/filter-rows
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import quote as percent

import msgspec

from .errors import Invalid

MAX_URL = 32_768

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*")
_RELATIVE = re.compile(r"(?!.*/\.)[A-Za-z0-9_./$(),='@:%~-]*")
_QUERY_SAFE = "$,()'/:@*!"
_NAMESPACE = "Microsoft.Dynamics.CRM"


class Literal(str):
    """Text that is already an OData literal; `quote` leaves it alone."""

    __slots__ = ()


def guid(value: object) -> Literal:
    """A GUID in the one spelling we send: lower case, no braces."""
    try:
        return Literal(uuid.UUID(str(value).strip()))
    except ValueError:
        raise Invalid("This is not a record id (a GUID)") from None


def name(value: str) -> str:
    """A set, attribute or navigation name, checked so that it cannot change the meaning of an address."""
    if not _NAME.fullmatch(value):
        raise Invalid(f"{value[:80]!r} is not a name of an entity or attribute")
    return value


def path(value: str) -> str:
    """A name, or a path of names such as `primarycontactid/fullname`."""
    if not _PATH.fullmatch(value):
        raise Invalid(f"{value[:80]!r} is not a name of an attribute")
    return value


def quote(value: object) -> str:
    """The OData literal of a Python value: text, numbers, booleans, None, GUIDs, dates, times (UTC if naive)."""
    match value:
        case None:
            literal = "null"
        case Literal() | uuid.UUID():
            literal = str(value)
        case str():
            literal = _text(value)
        case bool():
            literal = "true" if value else "false"
        case int() | float() | Decimal():
            literal = _number(value)
        case dt.datetime():
            literal = _instant(value)
        case dt.date():
            literal = value.isoformat()
        case _:
            raise Invalid(f"A {type(value).__name__} cannot be part of a filter")
    return literal


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid("This text has half a character in it (a lone surrogate)") from None
    return "'" + value.replace("'", "''") + "'"


def key(value: object) -> str:
    """A literal for the key in a path; a slash or question mark in it stays part of the value."""
    return percent(quote(value), safe="'")


def _number(value: float | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    if not Decimal(value).is_finite():
        raise Invalid("A filter needs a finite number")
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _instant(value: dt.datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def compare(attribute: str, operator: str, value: object) -> str:
    """`attribute operator value`; operator is eq, ne, gt, ge, lt or le."""
    if operator not in ("eq", "ne", "gt", "ge", "lt", "le"):
        raise Invalid(f"{operator[:20]!r} is not a comparison")
    return f"{path(attribute)} {operator} {quote(value)}"


def eq(attribute: str, value: object) -> str:
    return compare(attribute, "eq", value)


def ne(attribute: str, value: object) -> str:
    return compare(attribute, "ne", value)


def gt(attribute: str, value: object) -> str:
    return compare(attribute, "gt", value)


def ge(attribute: str, value: object) -> str:
    return compare(attribute, "ge", value)


def lt(attribute: str, value: object) -> str:
    return compare(attribute, "lt", value)


def le(attribute: str, value: object) -> str:
    return compare(attribute, "le", value)


def contains(attribute: str, text: str) -> str:
    """Case-insensitive; `%`, `_` and `[]` in the text act as wildcards on the server."""
    return f"contains({path(attribute)},{quote(str(text))})"


def startswith(attribute: str, text: str) -> str:
    return f"startswith({path(attribute)},{quote(str(text))})"


def endswith(attribute: str, text: str) -> str:
    return f"endswith({path(attribute)},{quote(str(text))})"


def and_(*parts: str) -> str:
    """All of the parts; empty ones are left out, and nothing at all is the empty filter."""
    return _join("and", parts)


def or_(*parts: str) -> str:
    """Any of the parts; empty ones are left out."""
    return _join("or", parts)


def not_(part: str) -> str:
    return f"not ({part})"


def _join(word: str, parts: Iterable[str]) -> str:
    given = [part for part in parts if part]
    return given[0] if len(given) == 1 else f" {word} ".join(f"({part})" for part in given)


def in_(attribute: str, values: Iterable[object]) -> str:
    """The attribute is one of the values."""
    return query_function("In", attribute, values=values)


def query_function(
    function: str, attribute: str, value: object = None, *, values: Iterable[object] | None = None
) -> str:
    """One of Dataverse's query functions: `query_function("LastXDays", "createdon", 7)`.

    Lists go as JSON arrays of double-quoted strings, also for numbers: that is the only spelling that survives
    an apostrophe. https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/queryfunctions
    """
    given = [f"PropertyName='{name(attribute)}'"]
    if value is not None:
        given.append(f"PropertyValue={quote(value)}")
    if values is not None:
        listed = [str(item) if isinstance(item, str) else quote(item) for item in values]
        given.append(f"PropertyValues={msgspec.json.encode(listed).decode()}")
    return f"{_NAMESPACE}.{name(function)}({','.join(given)})"


def build_url(base: str, relative: str = "", params: Mapping[str, str] | None = None) -> str:
    """`base` + `relative` + an encoded query. Empty parameters are left out. Raises Invalid beyond Dataverse's limit.

    `relative` is made of checked names, GUIDs and `key` literals, and must not need encoding any more.
    """
    if not _RELATIVE.fullmatch(relative):
        raise Invalid("This cannot be part of an address")
    given = [(key, value) for key, value in (params or {}).items() if value]
    query = "&".join(f"{percent(key, safe='$@')}={percent(value, safe=_QUERY_SAFE)}" for key, value in given)
    joint = "&" if "?" in base else "?"
    address = f"{base}{relative}{joint}{query}" if query else f"{base}{relative}"
    if len(address) > MAX_URL:
        raise Invalid("The query is too long: use fewer columns or a shorter filter")
    return address
