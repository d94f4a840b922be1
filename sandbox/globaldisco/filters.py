"""$filter for a handful of rows: eq and ne, joined by and. Strings compare case-sensitively, as documented."""

import re
from collections.abc import Callable
from typing import Any

TERM = re.compile(r"\s*(\w+)\s+(eq|ne)\s+('(?:[^']|'')*'|[\w.:-]+)\s*")
AND = re.compile(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)")
WORDS = {"true": True, "false": False, "null": None}


class BadQuery(Exception):  # noqa: N818 - the caller's mistake
    """The query cannot be understood; the text says what and where."""


def read_filter(text: str, columns: set[str]) -> Callable[[dict[str, Any]], bool]:
    """A test for rows. Raises BadQuery."""
    tests = [_term(part, columns) for part in AND.split(text)]
    return lambda row: all(test(row) for test in tests)


def _term(text: str, columns: set[str]) -> Callable[[dict[str, Any]], bool]:
    found = TERM.fullmatch(text)
    if not found:
        raise BadQuery(f"Syntax error at position {len(text)} in '{text}'.")
    name, operator, literal = found[1], found[2], found[3]
    if name not in columns:
        raise BadQuery(
            f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.Disco.Instance'."
        )
    value = _value(literal)
    return lambda row: (row[name] == value) is (operator == "eq")


def _value(literal: str) -> Any:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    if literal in WORDS:
        return WORDS[literal]
    return int(literal) if literal.isascii() and literal.isdigit() else literal.lower()
