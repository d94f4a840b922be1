"""Paging by the last row of the page before, written the way Dataverse's cookies are.

The $skiptoken is URL-encoded XML whose cookie is itself XML encoded twice:
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape, unescape

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.query.literals import GUIDS, as_guid
from sandbox.dataverse.query.operators import Sql

TOKEN = re.compile(
    r'\s*<cookie pagenumber="(\d{1,9})"(?: pagingcookie="([^"]*)")?(?: istracking="(?:False|True)")?\s*/>\s*\Z'
)
PAGE = re.compile(r'<cookie page="\d{1,9}"(?: [a-z]+="[^"]*")*>(.*)</cookie>\s*\Z', re.DOTALL)
ELEMENT = re.compile(r'<([\w.]+) last(null)?="([^"]*)"(?: first(?:null)?="[^"]*")?\s*/>')
# Line breaks would become blanks where a cookie is an attribute of FetchXML.
QUOTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
UNQUOTES = {shown: char for char, shown in QUOTES.items()}


class Key(NamedTuple):
    """What rows are sorted by. Ids are written in braces and capitals; a text that looks like one stays as it is."""

    name: str
    is_id: bool = False


@dataclass(frozen=True)
class Position:
    """The next page's number and the sort values of the row it comes after, the id last."""

    page: int
    values: tuple[Any, ...]


def key_of(column: Column) -> Key:
    return Key(column.name, column.kind in GUIDS)


def _element(key: Key, last: Any, first: Any) -> str:
    def attribute(which: str, value: Any) -> str:
        if value is None:
            return f'{which}null="1"'
        text = str(value)
        text = f"{{{text.upper()}}}" if key.is_id and as_guid(text) else text
        return f'{which}="{escape(text, QUOTES)}"'

    return f"<{key.name} {attribute('last', last)} {attribute('first', first)} />"


def inner_cookie(page: int, keys: Sequence[Key], last: tuple[Any, ...], first: tuple[Any, ...]) -> str:
    """<cookie page="1"><accountid last="{…}" first="{…}" /></cookie>"""
    elements = "".join(_element(*entry) for entry in zip(keys, last, first, strict=True))
    return f'<cookie page="{page}">{elements}</cookie>'


def _encode(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda found: found.group().lower(), quote(text, safe="-_.!~*()"))


def paging_cookie(page: int, inner: str) -> str:
    """The outer cookie, whose page number is the next one."""
    return f'<cookie pagenumber="{page + 1}" pagingcookie="{_encode(_encode(inner))}" istracking="False" />'


def skip_token(cookie: str) -> str:
    """An outer cookie as it stands in a nextLink."""
    return quote(cookie, safe="=/<>&?'", encoding="utf-8").replace("<", "%3C").replace(">", "%3E")


def read_token(token: str, keys: Sequence[Key]) -> Position:
    """The position of a decoded $skiptoken among rows sorted by these. Raises a 400."""
    outer = TOKEN.match(token)
    if not outer or outer.group(2) is None:
        raise malformed()
    return Position(int(outer.group(1)), read_inner(unquote(unquote(outer.group(2))), keys))


def bare_page(token: str) -> int | None:
    """The page that a decoded $skiptoken names without saying where it begins; None if it does say so."""
    outer = TOKEN.match(token)
    return max(int(outer.group(1)), 1) if outer and outer.group(2) is None else None


def read_inner(cookie: str, keys: Sequence[Key]) -> tuple[Any, ...]:
    inner = PAGE.match(cookie)
    if not inner:
        raise malformed()
    elements = ELEMENT.findall(inner.group(1))
    if len(elements) != len(keys):
        raise malformed()
    return tuple(_value(key, null, text) for key, (_, null, text) in zip(keys, elements, strict=True))


def _value(key: Key, null: str, text: str) -> str | None:
    plain = unescape(text, UNQUOTES)
    return None if null else (key.is_id and as_guid(plain)) or plain


def malformed() -> ApiError:
    return ApiError("InvalidArgument", "Malformed XML in the Paging Cookie", code="0x8004E00D")


def after(expressions: list[str], directions: list[bool], values: tuple[Any, ...]) -> Sql:
    """The rows that sort behind a row. Nulls come first upwards and last downwards, as in SQLite.

    Upwards the first value bounds all of them: by itself, SQLite begins there in the index instead of sorting
    everything that is behind.
    """
    behind = _after(expressions, directions, values)
    if values[0] is None or directions[0] or len(expressions) == 1:
        return behind
    return Sql(f"({expressions[0]} >= ? AND {behind.text})", (values[0], *behind.params))


def _after(expressions: list[str], directions: list[bool], values: tuple[Any, ...]) -> Sql:
    expression, value = expressions[0], values[0]
    beyond = _beyond(expression, value, descending=directions[0])
    if len(expressions) == 1:
        return beyond
    rest = _after(expressions[1:], directions[1:], values[1:])
    if value is None:
        return Sql(f"({beyond.text} OR ({expression} IS NULL AND {rest.text}))", beyond.params + rest.params)
    return Sql(
        f"({beyond.text} OR ({expression} = ? AND {rest.text}))", (*beyond.params, value, *rest.params)
    )


def _beyond(expression: str, value: Any, *, descending: bool) -> Sql:
    if value is None:
        return Sql("0") if descending else Sql(f"{expression} IS NOT NULL")
    if descending:
        return Sql(f"({expression} < ? OR {expression} IS NULL)", (value,))
    return Sql(f"{expression} > ?", (value,))
