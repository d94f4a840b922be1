"""Files that an export makes, row by row, in memory that does not grow with them."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from entities.tables.safety import guarded

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
LONGEST_XLSX_TEXT = 32_767
MOST_XLSX_ROWS = 1_048_575
CUT = " … [cut here: Excel holds no more]"
_EXACT_IN_EXCEL = 15  # digits that a floating point number keeps
_FIRST_EXCEL_DAY = date(1900, 3, 1)  # Excel believes in a 29 February 1900

Sink = Callable[[bytes], object]
Value = str | int | float | Decimal | bool | date | datetime | None


class Writer(Protocol):
    """`cut` counts the values that did not fit. `begun`: what was taken from an earlier writer stands before it."""

    cut: int

    def row(self, values: Sequence[Value]) -> None: ...

    def close(self) -> Iterator[bytes]: ...


class CsvWriter:
    """UTF-8 with a byte-order mark, which Excel needs to believe it."""

    def __init__(self, headers: Sequence[str], *, begun: bool = False) -> None:
        self.cut = 0
        self._buffer = io.StringIO()
        self._csv = csv.writer(self._buffer)
        if not begun:
            self._buffer.write("\ufeff")
            self._csv.writerow([guarded(header) for header in headers])

    def row(self, values: Sequence[Value]) -> None:
        self._csv.writerow([guarded(value) if isinstance(value, str) else _plain(value) for value in values])

    def taken(self) -> bytes:
        """What has been written since the last time."""
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text.encode()

    def close(self) -> Iterator[bytes]:
        yield self.taken()


class JsonWriter:
    """One array of objects, an object a line; numbers are exact."""

    def __init__(self, headers: Sequence[str], *, begun: bool = False) -> None:
        self.cut = 0
        self._headers = headers
        self._parts: list[str] = []
        self._first = not begun

    def row(self, values: Sequence[Value]) -> None:
        cells = (
            f"{json.dumps(name)}: {_json(value)}" for name, value in zip(self._headers, values, strict=True)
        )
        self._parts.append(("[\n" if self._first else ",\n") + "{" + ", ".join(cells) + "}")
        self._first = False

    def taken(self) -> bytes:
        text = "".join(self._parts)
        self._parts.clear()
        return text.encode()

    def close(self) -> Iterator[bytes]:
        yield self.taken() + (b"[]\n" if self._first else b"\n]\n")


class XlsxWriter:
    """One sheet. The rows lie in a temporary folder until it is closed, so that it is never gone on with."""

    def __init__(self, headers: Sequence[str], *, begun: bool = False) -> None:
        if begun:
            raise ValueError("A workbook is written in one go.")
        import xlsxwriter  # type: ignore[import-untyped]

        self.cut = 0
        self._folder = tempfile.mkdtemp(prefix="isthmus-export-")
        self._path = Path(self._folder) / "export.xlsx"
        self._book = xlsxwriter.Workbook(
            self._path, {"constant_memory": True, "tmpdir": self._folder, "in_memory": False}
        )
        self._sheet = self._book.add_worksheet("Records")
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for number, header in enumerate(headers):
            self._sheet.set_column(number, number, min(max(len(header) + 2, 12), 40))
            self._sheet.write_string(0, number, guarded(header), bold)
        self._next = 1

    def row(self, values: Sequence[Value]) -> None:
        for number, value in enumerate(values):
            self._cell(self._next, number, value)
        self._next += 1

    def taken(self) -> bytes:
        return b""

    def close(self) -> Iterator[bytes]:
        try:
            self._book.close()
            with self._path.open("rb") as made:
                while piece := made.read(512 * 1024):
                    yield piece
        finally:
            self.discard()

    def discard(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _cell(self, row: int, column: int, value: Value) -> None:
        match value:
            case None | "":
                return
            case bool():
                self._sheet.write_boolean(row, column, value)
            case int() | float() | Decimal() if _fits_excel(value):
                self._sheet.write_number(row, column, value)
            case datetime() if value.date() >= _FIRST_EXCEL_DAY:
                self._sheet.write_datetime(row, column, value.replace(tzinfo=None), self._moment)
            case date() if not isinstance(value, datetime) and value >= _FIRST_EXCEL_DAY:
                self._sheet.write_datetime(row, column, value, self._day)
            case str():
                self._sheet.write_string(row, column, self._fitted(guarded(value)))
            case _:
                self._sheet.write_string(row, column, str(_plain(value)))

    def _fitted(self, text: str) -> str:
        if len(text.encode("utf-16-le")) // 2 <= LONGEST_XLSX_TEXT:
            return text
        self.cut += 1
        return text[: LONGEST_XLSX_TEXT // 2 - len(CUT)] + CUT


WRITERS: dict[str, type[CsvWriter | JsonWriter | XlsxWriter]] = {
    "csv": CsvWriter,
    "json": JsonWriter,
    "xlsx": XlsxWriter,
}


def plain_text(value: Value) -> str:
    """A cell as CSV holds it, before it is guarded."""
    return str(_plain(value))


def _plain(value: Value) -> Any:
    match value:
        case None:
            plain: Any = ""
        case bool():
            plain = "true" if value else "false"
        case datetime():
            plain = value.isoformat(sep=" ", timespec="seconds")
        case date():
            plain = value.isoformat()
        case float():
            plain = format(Decimal(repr(value)), "f")
        case Decimal():
            plain = format(value, "f")
        case _:
            plain = value
    return plain


def _json(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return json.dumps(value, ensure_ascii=False)


def _fits_excel(value: float | Decimal) -> bool:
    return len(str(abs(value)).replace(".", "").lstrip("0")) <= _EXACT_IN_EXCEL
