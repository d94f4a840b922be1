"""File columns: up and down in pieces, so that neither side ever holds a whole file.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/file-column-data
"""
# ruff: noqa: A002 (id is the word of OData and of everybody who uses it)

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from microsoft.errors import Refused
from microsoft.http import Response
from microsoft.odata import guid, name

from .calls import Calls

PIECE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """An upload that goes on: the address Dataverse gave for it, and how many bytes a piece may have.

    The address is as good as a key to this one column; keep it like one.
    """

    location: str
    piece_size: int
    file_name: str


@dataclass(frozen=True)
class FilePiece:
    """Some bytes of a file from `start` on, and what the file is: its name, type and whole size."""

    content: bytes
    start: int
    size: int
    file_name: str
    mime_type: str


class Files(Calls):
    """Raises as `Records` does; Invalid with 0x80044A02 when a file is larger than its column takes."""

    def begin_upload(self, set_name: str, id: str, column: str, file_name: str) -> Upload:
        """Announce a file. What the column holds stays until the last piece has come."""
        answer = self.call(
            "PATCH",
            _column(set_name, id, column),
            {"x-ms-file-name": file_name},
            data=b"",
            headers={"x-ms-transfer-mode": "chunked"},
        )
        begun = _continued(Upload("", PIECE, file_name), answer)
        if not begun.location:
            raise Refused("Dataverse did not say where to send the file", status=answer.status)
        return begun

    def upload_piece(self, upload: Upload, content: bytes, start: int, size: int) -> Upload | None:
        """Send the bytes from `start` on, of `size` in all; None when that was the last piece.

        A piece may be sent again after an answer was lost.
        """
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(content) - 1}/{size}",
        }
        params = {"x-ms-file-name": upload.file_name}
        answer = self.follow_with("PATCH", upload.location, params, content, headers)
        return _continued(upload, answer) if answer.status == 206 else None

    def read_piece(
        self, set_name: str, id: str, column: str, start: int = 0, length: int = PIECE
    ) -> FilePiece | None:
        """Some bytes of the file; None when the column is empty."""
        answer = self.call(
            "GET",
            f"{_column(set_name, id, column)}/$value",
            headers={"Range": f"bytes={start}-{start + length - 1}", "Accept": "*/*"},
        )
        if answer.status == 204:
            return None
        return FilePiece(
            content=answer.content,
            start=start,
            size=int(answer.headers.get("x-ms-file-size") or start + len(answer.content)),
            file_name=unquote(answer.headers.get("x-ms-file-name", "")),
            mime_type=answer.headers.get("mimetype", ""),
        )

    def read_file(self, set_name: str, id: str, column: str) -> Iterator[FilePiece]:
        """The whole file, piece by piece; nothing when the column is empty."""
        piece = self.read_piece(set_name, id, column)
        while piece is not None:
            yield piece
            end = piece.start + len(piece.content)
            if end >= piece.size or not piece.content:
                return
            piece = self.read_piece(set_name, id, column, end)

    def delete_file(self, set_name: str, id: str, column: str) -> None:
        """Empty the column."""
        self.call("DELETE", _column(set_name, id, column))


def _column(set_name: str, id: str, column: str) -> str:
    return f"{name(set_name)}({guid(id)})/{name(column)}"


def _continued(upload: Upload, answer: Response) -> Upload:
    """Each answer may name another address and size for the next piece."""
    return replace(
        upload,
        location=answer.headers.get("Location") or upload.location,
        piece_size=int(answer.headers.get("x-ms-chunk-size") or upload.piece_size),
    )
