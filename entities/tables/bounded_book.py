"""openpyxl's reading of a workbook, made so that no part or item of it can fill the memory."""

import re
import zipfile
from typing import IO, Any, Self

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MOST_HELD = 4 * 1024 * 1024  # any other part that is read as a whole, such as the styles
MOST_ITEM = 8 * 1024 * 1024  # what one row or one shared string may take
MOST_TAGS = 140_000  # and of how many elements; what follows the rows, such as links, counts as one
LAST_COLUMN = 16_384
_END = re.compile(rb"</(?:\w+:)?(?:row|si)\s*>|<(?:\w+:)?row\b[^<>]*/>")
_LONGEST_END = 300


class Reader(ExcelReader):
    """openpyxl's, on an archive that hands out nothing too large to be held or to be worked through."""

    def __init__(self, stream: IO[bytes], **options: Any) -> None:
        super().__init__(stream, **options)
        self.archive = _Archive(stream)

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Holds no cells."""


class _Archive(zipfile.ZipFile):
    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        if self.getinfo(name).file_size > MOST_HELD:
            raise ValueError(f"{name} is too large to be held.")
        with super().open(name, pwd=pwd) as part:
            return part.read()

    def open(self, name: Any, *args: Any, **options: Any) -> Any:
        return _Portioned(super().open(name, *args, **options))


class _Portioned:
    """A sheet or a table of strings, read as long as no single item of it would fill the memory.

    The parser keeps a row until it ends. Comments and CDATA, which Excel does not write, could hide where that is.
    """

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._tail = b""
        self._bytes = self._tags = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._part.read(size)
        seen = self._tail + piece
        end = max((found.end() for found in _END.finditer(seen)), default=0)
        if end:
            self._bytes = self._tags = 0
        rest = seen[end:] if end else piece
        self._bytes += len(rest)
        self._tags += rest.count(b"<")
        self._tail = piece[-_LONGEST_END:]
        if b"<!" in seen or self._bytes > MOST_ITEM or self._tags > MOST_TAGS:
            raise ValueError("An item has no end within bounds.")
        return piece

    def close(self) -> None:
        self._part.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class Sheet(ReadOnlyWorksheet):
    def _get_row(self, row: Any, *args: Any, **options: Any) -> Any:
        # As many places are made as the last cell's name says.
        if row and row[-1]["column"] > LAST_COLUMN:
            raise ValueError("A cell lies beyond the last column.")
        openpyxls: Any = super()
        return openpyxls._get_row(row, *args, **options)
