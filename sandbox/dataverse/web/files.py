"""File columns: bytes up, in one request or in chunks, and down, wholly or in ranges.

https://learn.microsoft.com/power-apps/developer/data-platform/file-column-data
"""

import base64
import mimetypes
import re
import uuid
from urllib.parse import quote

from sandbox.dataverse.errors import ApiError, no_method, no_record, no_segment
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.odata.path import Segment
from sandbox.dataverse.records.blobs import Blob, Blobs, Place
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.references import Reference
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.writer import Writer
from sandbox.dataverse.security.access import row_owner
from sandbox.dataverse.web.call import Answer, Call, no_content
from sandbox.dataverse.web.changes import check_version, precondition
from sandbox.dataverse.web.records import entity_url, read_one

CHUNK = 4 * 1024 * 1024
CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,15})-(\d{1,15}|-1)/(\d{1,15})\s*\Z")
RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,15})-(\d{0,15})\s*\Z")
LONGEST_NAME = 255
BINARY = "application/octet-stream"


def file_column(reference: Reference, rest: list[Segment]) -> Column | None:
    """The file column that a path leads to."""
    column = reference.entity.by_wire.get(rest[0].name) if rest else None
    return column if column is not None and column.kind == "File" else None


def answer_file(
    session: Session, call: Call, reference: Reference, column: Column, rest: list[Segment]
) -> Answer:
    """Any request for a file column. Raises ApiError."""
    place = Place(reference.entity.name, reference.id, column.name)
    if rest[1:] and (rest[1].name != "$value" or rest[2:] or call.method not in {"GET", "HEAD"}):
        raise no_segment(rest[1].name)
    if call.method in {"GET", "HEAD"}:
        return _download(session, call, reference, place, raw=bool(rest[1:]))
    if call.method == "DELETE":
        return _delete(session, call, reference, place)
    if call.method not in {"PATCH", "PUT"}:
        raise no_method(call.method)
    token = call.option("sessiontoken")
    with session.organization.write():
        _check_write(session, call, reference)
        if token is not None:
            return _chunk(session, call, reference, column, token)
        if (call.header("x-ms-transfer-mode") or "").lower() == "chunked":
            return _begin(session, call, reference, place)
        return _upload(session, call, reference, column)


def _check_write(session: Session, call: Call, reference: Reference) -> None:
    row = session.record(reference.entity, reference.id)
    if row is None:
        raise no_record(reference.entity.name, reference.id)
    session.access.check("Write", reference.entity, row_owner(reference.entity, reference.id, row))
    asked = precondition(call, "if-match")
    if asked:
        check_version(session, reference.entity, reference.id, asked)


def _name(call: Call) -> str:
    """The header wins over the query, which is where names beyond ASCII fit."""
    name = (call.header("x-ms-file-name") or call.option("x-ms-file-name") or "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ApiError("InvalidArgument", "The file name is missing or invalid. Send it as x-ms-file-name.")
    return name


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name, strict=False)[0] or BINARY


def _check_size(column: Column, size: int) -> None:
    largest = (column.max_size_kb or 32768) * 1024
    if size > largest:
        raise ApiError(
            "InvalidArgument",
            f"Attachment file size is too big. Size: {size} bytes, maximum of '{column.name}': {largest} bytes.",
            code="0x80044A02",
        )


def _upload(session: Session, call: Call, reference: Reference, column: Column) -> Answer:
    name = _name(call)
    _check_size(column, len(call.body))
    blobs = Blobs(session.connection)
    place = Place(reference.entity.name, reference.id, column.name)
    blob = blobs.begin(place, name, _type_of(name))
    blobs.size_is(blob, len(call.body))
    blobs.add(blob, 0, call.body)
    _finish(session, reference, blobs, blob, place)
    return no_content()


def _finish(session: Session, reference: Reference, blobs: Blobs, blob: Blob, place: Place) -> None:
    """The row points at the file from now on."""
    blobs.finish(blob, place)
    draft = Draft(reference.entity, {place.column: blob.id, f"{place.column}_name": blob.name})
    Writer(session).change(draft, reference.id)


def _begin(session: Session, call: Call, reference: Reference, place: Place) -> Answer:
    """A chunked upload: where to send the chunks, and how large they may be."""
    name, token = _name(call), uuid.uuid4().hex
    Blobs(session.connection).begin(place, name, _type_of(name), token)
    headers = {"Accept-Ranges": "bytes", **_more(session, reference, place.column, token)}
    return Answer(200, headers=headers)


def _more(session: Session, reference: Reference, column: str, token: str) -> dict[str, str]:
    location = f"{entity_url(session, reference.entity, reference.id)}/{column}?sessiontoken={token}"
    return {"Location": location, "x-ms-chunk-size": str(CHUNK)}


def _chunk(session: Session, call: Call, reference: Reference, column: Column, token: str) -> Answer:
    place = Place(reference.entity.name, reference.id, column.name)
    blobs = Blobs(session.connection)
    blob = blobs.upload(place, token)
    if blob is None:
        raise ApiError("InvalidArgument", "The session token of the upload is unknown or has expired.")
    start, size = _content_range(call)
    _check_size(column, size)
    if blob.ready:
        # A client that counts in whole chunks may send an empty one behind the last.
        if start == size == blob.size:
            return no_content()
        raise _wrong_range(call)
    received = blobs.received(blob)
    if start > received or blob.size not in {None, size}:
        raise _wrong_range(call)
    blobs.size_is(blob, size)
    blobs.add(blob, start, call.body)
    if max(received, start + len(call.body)) < size:
        return Answer(206, headers=_more(session, reference, column.name, token))
    _finish(session, reference, blobs, blob, place)
    return no_content()


def _content_range(call: Call) -> tuple[int, int]:
    """Where a chunk begins, and the size of the whole file."""
    found = CONTENT_RANGE.match(call.header("content-range") or "")
    if not found:
        raise _wrong_range(call)
    start, end, size = (int(part) for part in found.groups())
    if len(call.body) > CHUNK:
        raise ApiError(
            "InvalidArgument",
            f"The chunk size {len(call.body)} exceeds the maximum of {CHUNK}.",
            code="0x80090008",
        )
    if end - start + 1 != len(call.body) or end >= size or (not call.body and start != size):
        raise _wrong_range(call)
    return start, size


def _wrong_range(call: Call) -> ApiError:
    given = (call.header("content-range") or "")[:80]
    return ApiError("InvalidArgument", f"The Content-Range header '{given}' is invalid.", code="0x80090005")


def _delete(session: Session, call: Call, reference: Reference, place: Place) -> Answer:
    with session.organization.write():
        _check_write(session, call, reference)
        Blobs(session.connection).remove(place)
        draft = Draft(reference.entity, {place.column: None, f"{place.column}_name": None})
        Writer(session).change(draft, reference.id)
    return no_content()


def _download(session: Session, call: Call, reference: Reference, place: Place, *, raw: bool) -> Answer:
    """Bytes below $value, else base64 in JSON; 206 for a range of them."""
    file_id = read_one(session, reference, place.column, None)[place.column]
    blobs = Blobs(session.connection)
    blob = blobs.find(place, file_id) if file_id else None
    if blob is None:
        return Answer(204)
    size = blob.size or 0
    asked = _range(call, size)
    start, end = asked or (0, size)
    if raw and asked and start >= size:
        raise ApiError(
            "InvalidArgument", "The requested range is not satisfiable.", status=416, code="0x80090005",
            headers={"Content-Range": f"bytes */{size}"},
        )  # fmt: skip
    content = blobs.read(blob, start, end)
    headers = _describe(blob, size)
    if asked:
        headers["x-ms-chunk-size"] = str(CHUNK)
        headers["Content-Range"] = f"bytes {start}-{max(start, end) - 1}/{size}"
    status = 206 if asked else 200
    if raw:
        return Answer(status, content, headers, BINARY)
    context = f"{session.base}/$metadata#{reference.entity.table.set_name}({reference.id})/{place.column}"
    body = {"@odata.context": context, "value": base64.b64encode(content).decode()}
    return Answer(status, body, headers)


def _describe(blob: Blob, size: int) -> dict[str, str]:
    name = quote(blob.name, safe=" !#$&'()+,;=@[]{}^~`")
    return {
        "x-ms-file-name": name,
        "x-ms-file-size": str(size),
        "mimetype": blob.mime_type,
        "Content-Disposition": f'attachment; filename="{name}"',
    }


def _range(call: Call, size: int) -> tuple[int, int] | None:
    """From a Range header, the end not included; None for no header, or one of another kind."""
    found = RANGE.match(call.header("range") or "")
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    end = min(int(last) + 1, size) if last else size
    return (int(first), end) if not last or int(last) >= int(first) else None
