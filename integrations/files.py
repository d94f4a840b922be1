"""The files that a record holds, under the published definition.

A file travels in pieces: none of it is kept here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts import audit
from core.problems import BadInput, Missing
from integrations.definition import Attribute, Operation
from integrations.kinds import Kind, kind_of
from integrations.operations import EntityOperations
from microsoft import odata
from microsoft.dataverse import FilePiece, Upload
from microsoft.errors import MicrosoftError

USUAL_LIMIT_KB = 32 * 1024  # what Dataverse gives a file column whose maker did not say
LONGEST_NAME = 255


class RecordFiles:
    """Read, replace and remove the file in one attribute. Raises what the operations raise."""

    def __init__(self, operations: EntityOperations, record_id: str, attribute: str) -> None:
        self.operations = operations
        found = operations.entity.attribute(attribute)
        if found is None or kind_of(found) is not Kind.FILE or not found.can_read:
            raise Missing(
                f"{operations.entity.label or operations.entity.name} has no file “{attribute[:60]}”."
            )
        self.attribute: Attribute = found
        try:
            self.record_id = str(odata.guid(record_id))
        except MicrosoftError:
            raise Missing("There is no such record.") from None

    @property
    def limit(self) -> int:
        """How many bytes fit."""
        return (self.attribute.max_size_kb or USUAL_LIMIT_KB) * 1024

    def begin(self, file_name: str, size: int) -> Upload:
        """Announce a file; the one that is there stays until the last piece has come.

        Raises:
            BadInput: the name or the size do not fit.

        """
        self._require_write()
        name = safe_name(file_name)
        if not 0 < size <= self.limit:
            raise BadInput(
                "This file is empty."
                if size <= 0
                else f"This file has {size:,} bytes; at most {self.limit:,} fit.",
                fields={self.attribute.name: f"At most {self.limit:,} bytes."},
            )
        with self.operations.service.reaching():
            return self.operations.service.client.begin_upload(*self._where, name)

    def send(self, upload: Upload, content: bytes, start: int, size: int) -> Upload | None:
        """The bytes from `start` on; None when the file is complete, which is when it is audited."""
        self._require_write()
        client = self.operations.service.client
        if start + len(content) < size:
            with self.operations.service.reaching():
                return client.upload_piece(upload, content, start, size)
        with self._writing("replaced a file of"):
            return client.upload_piece(upload, content, start, size)

    def first(self) -> FilePiece | None:
        """The first piece, which says what the file is; None when there is none."""
        self.operations.require(Operation.GET)
        with self.operations.service.reaching():
            return self.operations.service.client.read_piece(*self._where)

    def rest(self, first: FilePiece) -> Iterator[bytes]:
        """All bytes, beginning with those of the first piece."""
        piece: FilePiece | None = first
        while piece is not None:
            yield piece.content
            end = piece.start + len(piece.content)
            if end >= piece.size or not piece.content:
                return
            with self.operations.service.reaching():
                piece = self.operations.service.client.read_piece(*self._where, end)

    def remove(self) -> None:
        self._require_write()
        with self._writing("removed a file of"):
            self.operations.service.client.delete_file(*self._where)

    @property
    def _where(self) -> tuple[str, str, str]:
        return self.operations.entity.entity_set, self.record_id, self.attribute.logical_name

    def _require_write(self) -> None:
        # Dataverse's metadata says that a file cannot be updated: not with the record, that is.
        self.operations.require(Operation.UPDATE)

    @contextmanager
    def _writing(self, verb: str) -> Iterator[None]:
        service = self.operations.service
        entity = self.operations.entity
        with (
            self.operations.service.reaching(),
            audit.intent(
                service.actor,
                verb,
                service.integration,
                fields=[self.attribute.name],
                message=f"{entity.label or entity.name} {self.record_id}",
                acted_as=service.acts_as_label,
            ),
        ):
            yield


def safe_name(text: str) -> str:
    """A file's own name: no folders, nothing unprintable. Raises BadInput when nothing is left."""
    name = text.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    if not name:
        raise BadInput("This file has no name that could be kept.", advice="Rename it and try again.")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) < 20:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME]
