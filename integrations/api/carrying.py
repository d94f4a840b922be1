"""Files of records, to and from Dynamics in pieces: none of it is held here."""

from collections.abc import Iterator
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError

from core.problems import BadInput, Missing
from integrations.api.answers import empty, guarded
from integrations.api.bodies import query_of
from integrations.api.calls import Call
from integrations.api.problems import LengthMissing
from integrations.files import RecordFiles
from microsoft.dataverse import Upload


def read_file(call: Call, entity: str, record_id: str, attribute: str) -> HttpResponse:
    files = RecordFiles(call.operations(entity), record_id, attribute)
    query_of(call.request, ())
    first = files.first()
    if first is None:
        raise Missing(f"The record has no file in {attribute}.", code="no_file")
    answer = StreamingHttpResponse(files.rest(first), content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(first.size)
    name = quote(first.file_name or attribute, safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return guarded(answer)  # type: ignore[arg-type]


def replace_file(call: Call, entity: str, record_id: str, attribute: str) -> HttpResponse:
    files = RecordFiles(call.operations(entity), record_id, attribute)
    query = query_of(call.request, ("name",))
    declared = call.request.headers.get("Content-Length", "")
    if not declared.isdigit() or "chunked" in call.request.headers.get("Transfer-Encoding", "").lower():
        raise LengthMissing("The call does not say how long the file is.")
    if not query.get("name"):
        raise BadInput(
            "The file needs a name.", advice="Add ?name=contract.pdf.", fields={"name": "Missing."}
        )
    size = int(declared)
    upload: Upload | None = files.begin(query["name"], size)
    start = 0
    for piece in _pieces(call, upload, size):
        if upload is not None:
            upload = files.send(upload, piece, start, size)
        start += len(piece)
    return empty()


def remove_file(call: Call, entity: str, record_id: str, attribute: str) -> HttpResponse:
    files = RecordFiles(call.operations(entity), record_id, attribute)
    query_of(call.request, ())
    files.remove()
    return empty()


def _pieces(call: Call, upload: Upload | None, size: int) -> Iterator[bytes]:
    """The body in the sizes that Dynamics takes. Raises BadInput when it ends too early: then nothing is replaced."""
    left, largest = size, upload.piece_size if upload is not None else size
    while left:
        wanted = min(left, largest)
        try:
            piece = call.request.read(wanted)
        except UnreadablePostError:
            piece = b""
        if len(piece) < wanted:
            raise BadInput("The file broke off before its end; the one before is still there.")
        left -= len(piece)
        yield piece
