"""JSON as an export makes it: an array of objects, read one after the other, whatever its size."""

import codecs
import io
import json
from collections.abc import Generator
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from core.problems import BadInput
from entities.tables.safety import guarded

if TYPE_CHECKING:
    from entities.tables.reading import Reading

LOOKED_AT = 1000  # objects, to know the names
LONGEST = 4_000_000  # characters of one object
_CHUNK = 256 * 1024
_BLANK = " \t\r\n"


def looks_like_json(stream: IO[bytes]) -> bool:
    """An array that holds an object, or nothing. A CSV file would have to begin with a very odd name."""
    stream.seek(0)
    head = stream.read(4096).removeprefix(codecs.BOM_UTF8).split()
    text = b"".join(head)[:2]
    return text in {b"[{", b"[]"}


class JsonTable:
    """The names are those of the first objects. Raises BadInput for what is damaged or no list of flat objects."""

    sheets: list[str] = []

    def __init__(self, stream: IO[bytes], wanted: "Reading") -> None:
        from entities.tables.reading import Reading

        self._stream = stream
        self.found = Reading(decimal=wanted.decimal)
        names: dict[str, None] = {}
        for item in islice(self._objects(), LOOKED_AT):
            names |= dict.fromkeys(item)
        if not names:
            raise BadInput("The file holds no objects.", advice="It must be an array of objects.")
        self._names = list(names)

    def lines(self) -> Generator[tuple[int, list[str]], None, None]:
        yield 0, self._names
        for number, item in enumerate(self._objects(), 1):
            if strange := item.keys() - set(self._names):
                raise BadInput(
                    f"Object {number} has “{min(strange)[:60]}”, which none of the first {LOOKED_AT:,} has.",
                    advice="Give every object the same names.",
                )
            yield number, [_text(item.get(name), self.found.decimal, number) for name in self._names]

    def _objects(self) -> Generator[dict[str, Any], None, None]:
        self._stream.seek(0)
        text = io.TextIOWrapper(self._stream, encoding="utf-8-sig", newline="")
        try:
            yield from _Walk(text).objects()
        except UnicodeDecodeError:
            raise BadInput("The file is not in UTF-8, as JSON is.", advice="Save it as UTF-8.") from None
        finally:
            text.detach()


class _Walk:
    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._held, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)

    def objects(self) -> Generator[dict[str, Any], None, None]:
        self._expect("[")
        count = 0
        while self._next() != "]":
            if count:
                self._expect(",")
            count += 1
            yield self._object(count)
        self._expect("]")
        if self._next():
            raise _damaged(count)

    def _object(self, count: int) -> dict[str, Any]:
        self._next()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held, self._at)
                break
            except (ValueError, RecursionError):
                if self._ended or len(self._held) - self._at > LONGEST:
                    raise _damaged(count) from None
                self._more()
        if not isinstance(found, dict):
            raise _damaged(count)
        self._at = end
        return found

    def _next(self) -> str:
        """The next letter that is no blank; "" at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._held) or self._ended:
                return self._held[self._at : self._at + 1]
            self._more()

    def _expect(self, letter: str) -> None:
        if self._next() != letter:
            raise _damaged(0)
        self._at += 1

    def _more(self) -> None:
        piece = self._text.read(_CHUNK)
        self._held, self._at, self._ended = self._held[self._at :] + piece, 0, not piece


def _text(value: Any, decimal: str, number: int) -> str:
    """As it would stand in the cell of a spreadsheet: whoever reads a text takes its guard away."""
    match value:
        case None:
            text = ""
        case str():
            text = guarded(value)
        case bool():
            text = "true" if value else "false"
        case int():
            text = str(value)
        case Decimal():
            text = format(value, "f").replace(".", decimal)
        case {"entity": str(entity), "id": str(record)}:
            text = f"{entity}:{record}"
        case list() if all(isinstance(each, str | int) for each in value):
            text = "; ".join(map(str, value))
        case _:
            raise BadInput(f"Object {number} holds something that is no value of an attribute.")
    return text


def _no_number(text: str) -> None:
    raise ValueError(text)


def _damaged(count: int) -> BadInput:
    where = f"at object {count}" if count else "as JSON"
    return BadInput(f"The file cannot be read {where}.", advice="It must be an array of objects in UTF-8.")
