"""Excel workbooks, read without trusting them: a workbook is a zip of XML, and both can be made to explode."""

import re
import zipfile
from collections.abc import Generator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from core.problems import BadInput

if TYPE_CHECKING:
    from entities.tables.reading import Reading

MOST_UNPACKED = 600 * 1024 * 1024
MOST_STRINGS = 150 * 1024 * 1024  # shared strings are the one part that is held in memory
MOST_MEMBERS = 2000
MOST_CELLS = 16_384
LAST_ROW = 1_048_576  # a row that claims to lie further down would be walked to through nothing
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def looks_like_xlsx(stream: IO[bytes]) -> bool:
    stream.seek(0)
    return stream.read(4) == b"PK\x03\x04"


class XlsxTable:
    """Raises BadInput for what is damaged, protected by a password, or would unpack to too much."""

    def __init__(self, stream: IO[bytes], wanted: "Reading") -> None:
        from openpyxl import DEFUSEDXML  # 15 MiB, which no other process should need

        from entities.tables.bounded_book import Reader
        from entities.tables.reading import Reading

        _check_zip(stream)
        if not DEFUSEDXML:  # pragma: no cover  (a dependency of ours brings it)
            raise BadInput("Excel files cannot be read safely in this installation.")
        stream.seek(0)
        try:
            reader = Reader(stream, read_only=True, data_only=True, keep_links=False)
            reader.read()
            self._book = reader.wb
        except Exception as error:
            raise _damaged() from error
        self.sheets = [sheet.title for sheet in self._book.worksheets]
        if not self.sheets:
            raise BadInput("This workbook has no sheet with cells.")
        chosen = wanted.sheet if wanted.sheet in self.sheets else self.sheets[0]
        self.found = Reading(sheet=chosen, decimal=wanted.decimal)

    def lines(self) -> Generator[tuple[int, list[str]], None, None]:
        from entities.tables.bounded_book import Sheet

        try:
            found: Any = self._book[self.found.sheet]
            sheet: Any = Sheet(self._book, found.title, found._worksheet_path, found._shared_strings)
            sheet.reset_dimensions()  # what the file says about its size need not be so
            for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=LAST_ROW), 1):
                yield number, [_text(cell, self.found.decimal) for cell in cells[:MOST_CELLS]]
        except Exception as error:
            raise _damaged() from error


def _check_zip(stream: IO[bytes]) -> None:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _damaged() from error
    # Python unpacks no more of a member than is declared here, so these figures bound it.
    unpacked = sum(member.file_size for member in members)
    strings = sum(member.file_size for member in members if member.filename.endswith("sharedStrings.xml"))
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or strings > MOST_STRINGS:
        raise BadInput(
            f"This workbook would unpack to {unpacked // 1024**2:,} MB in {len(members):,} parts.",
            advice="Save the sheet as CSV, or split it.",
        )
    if any(member.flag_bits & 1 for member in members):
        raise BadInput("This workbook is protected by a password.", advice="Save it without one.")


def _text(value: Any, decimal: str) -> str:
    match value:
        case None:
            text = ""
        case str():
            text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
        case bool():
            text = "true" if value else "false"
        case float():
            text = format(Decimal(repr(value)), "f").replace(".", decimal)
        case datetime():
            text = _moment(value)
        case date() | time():
            text = value.isoformat()
        case _:
            text = str(value)
    return text


def _moment(value: datetime) -> str:
    rounded = value.isoformat(sep=" ", timespec="seconds")
    return rounded.removesuffix(" 00:00:00")


def _damaged() -> BadInput:
    return BadInput("This Excel file cannot be read.", advice="Open and save it in Excel, or save it as CSV.")
