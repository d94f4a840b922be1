"""The little of OData that directory clients use: keys in the path, $filter with eq, $select, $top.

https://learn.microsoft.com/graph/query-parameters
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.graph.errors import bad_request

COMPARISON = re.compile(r"\s*(\w+(?:/\w+)?)\s+eq\s+('(?:[^']|'')*'|[\w.:+-]+)\s*")
STARTS = re.compile(r"\s*startswith\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)\s*", re.IGNORECASE)
KNOWN = {"$filter", "$select", "$top", "$count", "$expand", "$orderby", "$skiptoken", "$search", "$format"}
PAGE = 100
MAX_PAGE = 999

Item = dict[str, Any]


def read_filter(text: str, properties: set[str]) -> Callable[[Item], bool]:
    """A test for rows. Raises GraphError for anything but `eq` and `startswith`, joined by `and`."""
    tests = [_term(part, properties) for part in _split(text)]
    return lambda item: all(test(item) for test in tests)


def select(item: Item, query: Mapping[str, str], always: tuple[str, ...] = ()) -> Item:
    """The chosen properties. Raises GraphError for one that does not exist."""
    names = [name.strip() for name in query.get("$select", "").split(",") if name.strip()]
    if not names or "*" in names:
        return item
    for name in names:
        if name not in item:
            raise bad_request(
                f"Could not find a property named '{name}' on type 'microsoft.graph.directoryObject'."
            )
    keep = {*names, *always}
    return {name: value for name, value in item.items() if name in keep or name.startswith("@")}


def page_size(query: Mapping[str, str]) -> int:
    """Of $top. Raises GraphError."""
    text = query.get("$top", "")
    if not text:
        return PAGE
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:6]) <= MAX_PAGE:
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")
    return int(text)


def check_options(query: Mapping[str, str]) -> None:
    """Raises GraphError for a system query option that does not exist."""
    for name in query:
        if name.startswith("$") and name not in KNOWN:
            raise bad_request(f"The query parameter '{name}' is not supported.", "BadRequest")


def _split(text: str) -> list[str]:
    """At ` and ` outside of quotes."""
    parts = re.split(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)", text.strip(), flags=re.IGNORECASE)
    return [part for part in parts if part.strip()] or [text]


def _term(text: str, properties: set[str]) -> Callable[[Item], bool]:
    starts = STARTS.fullmatch(text)
    if starts:
        name, wanted = starts[1], starts[2].replace("''", "'").lower()
        _check_property(name, properties)
        return lambda item: str(item.get(name) or "").lower().startswith(wanted)
    equals = COMPARISON.fullmatch(text)
    if not equals:
        raise bad_request(f"Invalid filter clause: {_complaint(text)}")
    name, literal = equals[1], equals[2]
    _check_property(name, properties)
    value = _value(literal)
    if isinstance(value, str):
        return lambda item: str(item.get(name) if item.get(name) is not None else "").lower() == value.lower()
    return lambda item: item.get(name) == value


def _value(literal: str) -> str | bool | None:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    return {"true": True, "false": False, "null": None}.get(literal.lower(), literal)


def _check_property(name: str, properties: set[str]) -> None:
    if name not in properties:
        raise bad_request(
            f"Unsupported or invalid query filter clause specified for property '{name}'.",
            "Request_UnsupportedQuery",
        )


def _complaint(text: str) -> str:
    if text.count("'") % 2:
        return f"There is an unterminated string literal at position {len(text)} in '{text}'."
    return f"Syntax error at position {len(text)} in '{text}'."
