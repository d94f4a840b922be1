"""The files of a record: seen, fetched, replaced and removed. Scripts send them in pieces; forms as a whole."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.actors import actor_of
from core.problems import BadInput, Missing
from entities.cells import name_of, record_url
from entities.place import Place, find_place
from entities.services import transfer as services
from entities.views.bulk import attachment
from integrations.definition import Attribute
from integrations.files import RecordFiles
from integrations.kinds import Kind, kind_of

BINARY = "application/octet-stream"


@dataclass(frozen=True)
class FileCell:
    """A file attribute of the record: which file it holds, if any, and how large one may be."""

    attribute: Attribute
    name: str
    limit: int


def file_attributes(place: Place) -> list[Attribute]:
    return [item for item in place.records.readable if kind_of(item) is Kind.FILE]


@require_safe
def index(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID
) -> HttpResponse:
    place = find_place(request, integration_id, stage, entity)
    found = place.records.get(str(record_id))
    cells = []
    for attribute in file_attributes(place):
        held = found.values.get(attribute.name)
        files = RecordFiles(place.records, found.id, attribute.name)
        cells.append(
            FileCell(attribute, (found.labels.get(attribute.name) or "A file") if held else "", files.limit)
        )
    context = {
        "place": place,
        "record": found,
        "name": name_of(place, found),
        "files": cells,
        "record_url": record_url(place, found.id),
    }
    return render(request, "entities/files.html", context)


@require_GET
def download(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, **chosen: str
) -> StreamingHttpResponse:
    """The file, piece by piece as it comes from Dynamics."""
    files = _files(request, (integration_id, stage, entity, record_id), chosen)
    first = files.first()
    if first is None:
        raise Missing("There is no file.", advice="Somebody may have removed it.")
    # Whatever type it claims to be: our site never shows it, it is only saved.
    answer = attachment(StreamingHttpResponse(files.rest(first)), first.file_name or "file", BINARY)
    answer["Content-Length"] = str(first.size)
    return answer


@require_POST
def upload(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, **chosen: str
) -> HttpResponse:
    """With `size` and `name` an announcement, answered in JSON; with a file the whole of it."""
    place = find_place(request, integration_id, stage, entity)
    files = RecordFiles(place.records, str(record_id), chosen["attribute"])
    if "size" in request.POST:
        size = request.POST["size"]
        if not size.isascii() or not size.isdigit() or len(size) > 15:
            raise BadInput("The size is a number of bytes.")
        made = services.begin(actor_of(request), files, request.POST.get("name", ""), int(size))
        return _told(made)
    given = request.FILES.get("file")
    if given is None or isinstance(given, list):
        raise BadInput("Choose a file first.", advice="Go back and choose one.")
    transfer = services.begin(actor_of(request), files, given.name or "", given.size or 0)
    sent = 0
    for piece in given.chunks(services.piece_size(transfer)):
        services.take_piece(place.records, transfer, sent, piece)
        sent += len(piece)
    messages.success(request, f"{given.name} is in its place.")
    return redirect("entities:files", *place.address, record_id)


@require_http_methods(["GET", "POST"])
def piece(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, transfer_id: UUID
) -> HttpResponse:
    """GET says how far it has come, POST brings the bytes from `start` on."""
    place = find_place(request, integration_id, stage, entity)
    transfer = services.find(actor_of(request), place.records, transfer_id)
    if request.method == "GET":
        return _told(transfer)
    start = request.GET.get("start", "")
    if not start.isascii() or not start.isdigit() or len(start) > 15:
        raise BadInput("The start is a number of bytes.")
    content = request.read(services.LARGEST_PIECE + 1)
    if services.take_piece(place.records, transfer, int(start), content):
        return JsonResponse({"done": True, "received": transfer.size})
    return _told(transfer)


@require_POST
def remove(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, record_id: UUID, **chosen: str
) -> HttpResponse:
    files = _files(request, (integration_id, stage, entity, record_id), chosen)
    files.remove()
    messages.success(request, "The file is removed.")
    return redirect("entities:files", integration_id, stage, entity, record_id)


def _files(request: HttpRequest, where: tuple[Any, ...], chosen: dict[str, str]) -> RecordFiles:
    place = find_place(request, *where[:3])
    return RecordFiles(place.records, str(where[3]), chosen["attribute"])


def _told(transfer: Any) -> JsonResponse:
    return JsonResponse(
        {
            "transfer": str(transfer.pk),
            "received": transfer.received,
            "size": transfer.size,
            "piece": services.piece_size(transfer),
            "done": False,
        }
    )
