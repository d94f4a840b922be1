"""Files on their way between a browser and a record: in pieces, and on again after a break."""

from datetime import timedelta
from uuid import UUID

from accounts.actors import Actor
from core import clock
from core.problems import BadInput, Clash, Missing, NotPermitted
from entities.models import Destination, FileTransfer
from integrations.files import RecordFiles
from integrations.operations import EntityOperations
from microsoft.dataverse import Upload

KEPT_FOR = timedelta(hours=24)
LARGEST_PIECE = 4 * 1024 * 1024


def begin(actor: Actor, files: RecordFiles, name: str, size: int) -> FileTransfer:
    """Announce a file to Dynamics and remember where its pieces go. Raises as `RecordFiles.begin`."""
    upload = files.begin(name, size)
    service = files.operations.service
    if actor.user is None:
        raise NotPermitted("Files are sent by a person.")
    transfer = FileTransfer(
        integration=service.integration,
        stage_slug=service.binding.stage.slug,
        entity=files.operations.entity.name,
        record_id=files.record_id,
        attribute=files.attribute.name,
        owner=actor.user,
        size=size,
        expires_at=clock.now() + KEPT_FOR,
    )
    transfer.destination = _destination(upload)
    transfer.save(force_insert=True)
    return transfer


def find(actor: Actor, records: EntityOperations, transfer_id: UUID) -> FileTransfer:
    """A transfer of this person at this place. Raises Missing."""
    service = records.service
    found = FileTransfer.objects.filter(
        pk=transfer_id,
        owner=actor.user,
        integration=service.integration,
        stage_slug=service.binding.stage.slug,
        entity=records.entity.name,
        expires_at__gt=clock.now(),
    ).first()
    if found is None:
        raise Missing("There is no such upload, or it was given up.", advice="Send the file again.")
    return found


def take_piece(records: EntityOperations, transfer: FileTransfer, start: int, content: bytes) -> bool:
    """Pass a piece on; True when the file is complete, which ends the transfer.

    Raises:
        Clash: the piece is not the one that comes next; `ids` says which does.
        BadInput: it has no bytes, or more than a piece or the file may have.

    """
    files = RecordFiles(records, str(transfer.record_id), transfer.attribute)
    if start != transfer.received:
        raise Clash(
            f"The next piece begins at byte {transfer.received:,}.", ids={"received": str(transfer.received)}
        )
    if not content or len(content) > piece_size(transfer) or start + len(content) > transfer.size:
        raise BadInput("A piece has at least one byte, and no more than is left or was agreed.")
    told = transfer.destination
    upload = files.send(Upload(told.location, told.piece_size, told.file_name), content, start, transfer.size)
    if upload is None:
        transfer.delete()
        return True
    transfer.received = start + len(content)
    transfer.destination = _destination(upload)
    transfer.save(update_fields=["received", "sealed_destination"])
    return False


def piece_size(transfer: FileTransfer) -> int:
    return max(1, min(transfer.destination.piece_size or LARGEST_PIECE, LARGEST_PIECE))


def _destination(upload: Upload) -> Destination:
    return Destination(location=upload.location, piece_size=upload.piece_size, file_name=upload.file_name)
