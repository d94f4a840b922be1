"""Which page a <fetch> asks for.

https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/page-results
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.element import Element, invalid
from sandbox.dataverse.query.paging import ELEMENT, PAGE, TOKEN, Key, malformed, read_inner
from sandbox.dataverse.records.reading import Slice, simple_offset
from sandbox.dataverse.web.preferences import LARGEST_PAGE

PAGE_NUMBER = re.compile(r'<cookie page="(\d{1,9})"')


@dataclass(frozen=True)
class Request:
    """`number` is the page's; `top` queries have only one."""

    number: int
    slice: Slice
    is_top: bool = False


def read_request(fetch: Element, preferred: int | None, keys: list[Key], *, can_carry_on: bool) -> Request:
    """`preferred` is the size that headers ask for, `keys` are the names in a cookie. Raises a 400."""
    top = fetch.number("top", LARGEST_PAGE)
    if top is not None:
        _refuse_with_top(fetch)
        return Request(1, Slice(top), is_top=True)
    count = fetch.number("count", 10**9) or preferred or LARGEST_PAGE
    size = min(count, LARGEST_PAGE)
    number = fetch.number("page", 10**9)
    if number == 0:
        raise ApiError("InvalidArgument", "The page must be greater than zero.")
    cookie = _cookie(fetch)
    if cookie and can_carry_on:
        before = _number(cookie)
        if number is None or number == before + 1:
            return Request(before + 1, Slice(size, values=_values(cookie, keys)))
    number = number or 1
    return Request(number, Slice(size, simple_offset(number, size)))


def _refuse_with_top(fetch: Element) -> None:
    for name in ("page", "count", "paging-cookie"):
        if fetch.get(name) is not None:
            raise ApiError(
                "InvalidArgument", f"The top attribute can't be specified with paging attribute {name}"
            )
    if fetch.flag("returntotalrecordcount"):
        raise invalid("The top attribute can't be specified with returntotalrecordcount")


def _cookie(fetch: Element) -> str:
    """The inner cookie, from whichever of its wrappings a client has left on."""
    text = (fetch.get("paging-cookie") or "").strip()
    outer = TOKEN.match(text)
    if outer:
        text = outer.group(2) or ""
    return text if text.startswith("<") else unquote(unquote(text))


def _number(cookie: str) -> int:
    found = PAGE_NUMBER.match(cookie)
    if not found or not PAGE.match(cookie):
        raise malformed()
    return int(found.group(1))


def _values(cookie: str, keys: list[Key]) -> tuple[Any, ...]:
    if [name for name, _, _ in ELEMENT.findall(cookie)] != [key.name for key in keys]:
        raise malformed()
    return read_inner(cookie, keys)
