"""CSV as it comes: in whatever encoding, with whatever delimiter."""

import codecs
import csv
import io
from collections.abc import Generator
from typing import IO, TYPE_CHECKING

from core.problems import BadInput

if TYPE_CHECKING:
    from entities.tables.reading import Reading

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-15", "windows-1250", "windows-1251", "shift_jis")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 64 * 1024
_LONGEST = 2_000_000


class CsvTable:
    """Raises BadInput for what is not text, or not in the encoding it is said to be."""

    sheets: list[str] = []

    def __init__(self, stream: IO[bytes], wanted: "Reading") -> None:
        from entities.tables.reading import Reading

        csv.field_size_limit(_LONGEST)
        self._stream = stream
        if wanted.encoding and wanted.encoding not in ENCODINGS and wanted.encoding != "utf-8-sig":
            raise BadInput("This encoding is not one that can be read.")
        encoding = wanted.encoding or _encoding(stream)
        delimiter = wanted.delimiter if wanted.delimiter in DELIMITERS else ""
        self.found = Reading(
            encoding=encoding, delimiter=delimiter or _delimiter(stream, encoding), decimal=wanted.decimal
        )

    def lines(self) -> Generator[tuple[int, list[str]], None, None]:
        self._stream.seek(0)
        text = io.TextIOWrapper(self._stream, encoding=self.found.encoding, newline="")
        try:
            rows = csv.reader(text, delimiter=self.found.delimiter, strict=True)
            yield from enumerate(rows, 1)
        except UnicodeDecodeError:
            raise BadInput(
                f"The file is not in {self.found.encoding}.",
                advice="Choose its encoding, or save it as UTF-8.",
            ) from None
        except csv.Error as error:
            raise BadInput(
                f"The file cannot be read from line {rows.line_num} on: {error}.",
                advice="A quotation mark is probably missing there.",
            ) from None
        finally:
            text.detach()


def _encoding(stream: IO[bytes]) -> str:
    """A byte-order mark decides, then whether all of it is UTF-8; else it is what Excel writes in the West."""
    stream.seek(0)
    head = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        raise BadInput("This is neither a text nor an Excel file.", advice="Save it as CSV (UTF-8) or XLSX.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while piece := stream.read(1024 * 1024):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _delimiter(stream: IO[bytes], encoding: str) -> str:
    """The one that cuts the first lines into the most equal number of cells."""
    stream.seek(0)
    sample = codecs.getincrementaldecoder(encoding)(errors="replace").decode(stream.read(_SAMPLE))
    return max(DELIMITERS, key=lambda each: _regularity(sample, each))


def _regularity(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [
            row
            for row, _ in zip(
                csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), range(20), strict=False
            )
        ]
    except csv.Error:
        return 0.0, 0
    width = len(rows[0]) if rows else 0
    if width < 2:
        return 0.0, 0
    return sum(len(row) == width for row in rows) / len(rows), width
