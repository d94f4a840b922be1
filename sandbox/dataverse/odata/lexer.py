"""Expressions as tokens."""

import re
from dataclasses import dataclass

from sandbox.dataverse.errors import bad_query

PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<guid>\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?(?![\w-]))
      | (?P<moment>-?\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w-]))
      | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[mMdDfFlL]?(?![\w.]))
      | (?P<alias>@[A-Za-z_]\w*)
      | (?P<name>[^\W\d][\w]*(?:\.[^\W\d][\w]*)*)
      | (?P<sign>[(),/:=])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is unquoted for strings; `at` is its position in the source."""

    kind: str
    text: str
    at: int


def _array_end(source: str, start: int) -> int:
    """The end of a JSON array: brackets inside its strings do not count."""
    depth, at = 0, start
    while at < len(source):
        char = source[at]
        if char in "\"'":
            close = _string_end(source, at, char)
            if close < 0:
                break
            at = close
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise bad_query(f"There is an unterminated array at position {start} in '{source}'.")


def _string_end(source: str, start: int, quote: str) -> int:
    at = start + 1
    while at < len(source) and source[at] != quote:
        at += 2 if source[at] == "\\" else 1
    return at if at < len(source) else -1


def tokenize(source: str) -> list[Token]:
    """All tokens but spaces, closed by one of kind `end`. Raises a 400 for what is no token."""
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        if source[at] == "[":
            end = _array_end(source, at)
            tokens.append(Token("array", source[at:end], at))
            at = end
            continue
        found = PATTERN.match(source, at)
        if not found:
            raise _no_token(source, at)
        kind = str(found.lastgroup)
        text = found.group()
        if kind == "string":
            text = text[1:-1].replace("''", "'")
        if kind != "space":
            tokens.append(Token(kind, text, at))
        at = found.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


def _no_token(source: str, at: int) -> Exception:
    if source[at] == "'":
        return bad_query(f"There is an unterminated literal at position {len(source)} in '{source}'.")
    return bad_query(f"Syntax error: character '{source[at]}' is not valid at position {at} in '{source}'.")
