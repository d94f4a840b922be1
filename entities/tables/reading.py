"""A table in a file: its headers, and its rows as text."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Protocol

from core.problems import BadInput
from entities.tables.csv_reader import CsvTable
from entities.tables.json_reader import JsonTable, looks_like_json
from entities.tables.xlsx_reader import XlsxTable, looks_like_xlsx

LARGEST = 100 * 1024 * 1024
MOST_ROWS = 500_000
MOST_COLUMNS = 500
LONGEST_CELL = 1_100_000  # a little more than the longest text Dataverse stores


@dataclass(frozen=True)
class Reading:
    """How a file is to be read; empty parts are found out."""

    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = "."


@dataclass(frozen=True)
class Line:
    """One row: its number as spreadsheets count (the headers are 1), and a text for every header."""

    number: int
    cells: list[str]


class Raw(Protocol):
    """What a kind of file has to give."""

    found: Reading
    sheets: list[str]

    def lines(self) -> Generator[tuple[int, list[str]], None, None]: ...


@dataclass
class Table:
    """An opened file. `found` says how it was read, `sheets` what else it holds."""

    raw: Raw
    headers: list[str] = field(default_factory=list)

    @property
    def found(self) -> Reading:
        return self.raw.found

    @property
    def sheets(self) -> list[str]:
        return self.raw.sheets

    def rows(self) -> Iterator[Line]:
        """The rows below the headers, without empty ones.

        Raises:
            BadInput: when there are too many, or what follows cannot be read.

        """
        lines = iter(self.raw.lines())
        next(lines, None)
        count = 0
        for number, cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise BadInput(f"The file has more than {MOST_ROWS:,} rows.", advice="Split it into several.")
            yield Line(number, _fitted(cells, len(self.headers), number))


def open_table(stream: IO[bytes], wanted: Reading | None = None) -> Table:
    """The table in a file of any kind; what it is, is seen from its first bytes and not from its name.

    Raises:
        BadInput: when it is none, is damaged, holds no headers, or would be dangerous to unpack.

    """
    wanted = wanted or Reading()
    raw: Raw
    if looks_like_xlsx(stream):
        raw = XlsxTable(stream, wanted)
    elif looks_like_json(stream):
        raw = JsonTable(stream, wanted)
    else:
        raw = CsvTable(stream, wanted)
    with closing(raw.lines()) as lines:
        _, first = next(lines, (0, []))
    while first and not first[-1].strip():
        first.pop()
    if not first:
        raise BadInput(
            "The first line of the file is empty.", advice="It must hold the names of the columns."
        )
    if len(first) > MOST_COLUMNS:
        raise BadInput(f"The file has {len(first):,} columns; at most {MOST_COLUMNS} are read.")
    return Table(raw, distinct(first))


def distinct(names: list[str]) -> list[str]:
    """Headers as they are, where they are missing or come twice made different."""
    taken: set[str] = set()
    made = []
    for number, name in enumerate(names, 1):
        plain = " ".join(name.split())[:200] or f"Column {number}"
        candidate, count = plain, 1
        while candidate.casefold() in taken:
            count += 1
            candidate = f"{plain} ({count})"
        taken.add(candidate.casefold())
        made.append(candidate)
    return made


def _fitted(cells: list[str], width: int, number: int) -> list[str]:
    if any(cell.strip() for cell in cells[width:]):
        raise BadInput(
            f"Line {number} has more cells than the first line has names.",
            advice="Often a delimiter inside a text is the reason: put such texts into quotes.",
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise BadInput(f"A cell in line {number} is longer than any text Dynamics can store.")
    return [*cells[:width], *[""] * (width - len(cells))]
