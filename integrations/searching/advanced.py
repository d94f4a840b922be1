"""The advanced filter: OData text over the integration's names, read into the same filters as all others.

    name eq 'Contoso' and (revenue gt 1000000 or not contains(address1_city, 'burg'))

The text never travels on: it is parsed, and what is asked is then checked against the definition and written
anew. So it can name nothing that is not published, and cannot mean anything but what is read here.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query/filter-rows
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.problems import BadInput
from integrations.filters import AllOf, AnyOf, Filter, Not, Operator, Where

MAX_LENGTH = 8000
MAX_DEPTH = 16
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
    | (?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)?)?)
    | (?P<number>-?\d{1,40}(?:\.\d{1,40})?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>[(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_COMPARISONS = {
    each.value: each
    for each in (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE)
}
_FUNCTIONS = {
    "contains": Operator.CONTAINS,
    "startswith": Operator.STARTS_WITH,
    "endswith": Operator.ENDS_WITH,
}
_NAMED = {"true": True, "false": False, "null": None}


def parse(text: str) -> Filter:
    """The filter that the text means.

    Raises:
        BadInput: with the place where it cannot be understood. Names and values are checked when it is used.

    """
    if len(text) > MAX_LENGTH:
        raise _trouble(f"It is {len(text):,} characters long; at most {MAX_LENGTH:,} are allowed.")
    reader = _Reader(list(_tokens(text)))
    found = reader.alternatives(0)
    if reader.rest is not None:
        raise _at(reader.rest, "nothing more was expected")
    return found


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise _trouble(f"At character {place + 1}, {text[place : place + 20]!r} cannot be understood.")
        kind = str(found.lastgroup)
        yield _Token(kind, found[kind], found.start(kind))
        place = found.end()


class _Reader:
    """Recursive descent; each method reads one level of the grammar and leaves the rest."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    @property
    def rest(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def alternatives(self, depth: int) -> Filter:
        """Parts joined by `or`."""
        if depth > MAX_DEPTH:
            raise _trouble(f"It is nested more than {MAX_DEPTH} deep.")
        parts = [self._together(depth)]
        while self._accept("or"):
            parts.append(self._together(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _together(self, depth: int) -> Filter:
        parts = [self._single(depth)]
        while self._accept("and"):
            parts.append(self._single(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _single(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise _trouble(f"It is nested more than {MAX_DEPTH} deep.")
        if self._accept("not"):
            return Not(self._single(depth + 1))
        if self._accept("("):
            inside = self.alternatives(depth + 1)
            self._expect(")")
            return inside
        return self._condition()

    def _condition(self) -> Where:
        name = self._take("word", "the name of an attribute")
        if name.text in _FUNCTIONS and self._accept("("):
            attribute = self._take("word", "the name of an attribute")
            self._expect(",")
            value = self._value()
            self._expect(")")
            return Where(attribute.text, _FUNCTIONS[name.text], value)
        operator = self._take("word", "eq, ne, gt, ge, lt, le or in")
        if operator.text == "in":
            return Where(name.text, Operator.IN, self._values())
        if operator.text not in _COMPARISONS:
            raise _at(operator, "expected eq, ne, gt, ge, lt, le or in")
        return _compared(name.text, _COMPARISONS[operator.text], self._value(), operator)

    def _values(self) -> list[Any]:
        self._expect("(")
        found = [self._value()]
        while self._accept(","):
            found.append(self._value())
        self._expect(")")
        return found

    def _value(self) -> Any:
        token = self.rest
        if token is None:
            raise _trouble("It ends where a value was expected.")
        self._next += 1
        if token.kind == "text":
            return token.text[1:-1].replace("''", "'")
        if token.kind == "number":
            return Decimal(token.text) if "." in token.text else int(token.text)
        if token.kind == "word" and token.text in _NAMED:
            return _NAMED[token.text]
        if token.kind in {"guid", "moment"}:
            return token.text
        raise _at(token, "expected a value: 'text', a number, a date, true, false or null")

    def _accept(self, text: str) -> bool:
        token = self.rest
        if token is None or token.text != text or token.kind == "text":
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            token = self.rest
            raise _at(token, f"expected {text}") if token else _trouble(f"It ends where {text} was expected.")

    def _take(self, kind: str, what: str) -> _Token:
        token = self.rest
        if token is None:
            raise _trouble(f"It ends where {what} was expected.")
        if token.kind != kind:
            raise _at(token, f"expected {what}")
        self._next += 1
        return token


def _compared(name: str, operator: Operator, value: Any, token: _Token) -> Where:
    """`eq null` and `ne null` are the question for emptiness."""
    if value is not None:
        return Where(name, operator, value)
    if operator is Operator.EQ:
        return Where(name, Operator.EMPTY)
    if operator is Operator.NE:
        return Where(name, Operator.NOT_EMPTY)
    raise _at(token, "null can only be asked for with eq and ne")


def _at(token: _Token, what: str) -> BadInput:
    return _trouble(f"At character {token.place + 1}, before {token.text[:30]!r}: {what}.")


def _trouble(text: str) -> BadInput:
    return BadInput(
        f"The filter cannot be read. {text}",
        advice="It looks like: name eq 'Contoso' and (revenue gt 1000 or not contains(city,'burg')).",
        fields={"filter": text},
        code="filter",
    )
