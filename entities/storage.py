"""Files that are kept for a few days: what somebody sent to be imported, and what an export made."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO

from accounts.models import User
from core import clock
from entities.models import FilePart, StoredFile
from integrations.models import Integration

KEPT_FOR = timedelta(days=7)
PART = 512 * 1024


def keep_file(
    owner: User, integration: Integration, name: str, content_type: str, chunks: Iterable[bytes]
) -> StoredFile:
    """Store a file as it comes in; nothing of it stays when that breaks off."""
    # No transaction around it all: a large file would keep every other writer waiting.
    file = new_file(owner, integration, name, content_type)
    try:
        add_parts(file, chunks)
    except BaseException:
        file.delete()
        raise
    return file


def new_file(owner: User, integration: Integration, name: str, content_type: str) -> StoredFile:
    now = clock.now()
    return StoredFile.objects.create(
        integration=integration,
        owner=owner,
        name=name,
        content_type=content_type,
        created_at=now,
        expires_at=now + KEPT_FOR,
    )


def add_parts(file: StoredFile, chunks: Iterable[bytes]) -> None:
    """Append to a file, in parts of half a megabyte."""
    number = file.parts.count()
    for piece in _regular(chunks):
        part = FilePart(file=file, number=number)
        part.content = piece
        part.save(force_insert=True)
        number += 1
        file.size += len(piece)
    file.save(update_fields=["size"])


def read_parts(file: StoredFile) -> Iterator[bytes]:
    """The file's bytes, one part in memory at a time."""
    for part in file.parts.iterator(chunk_size=1):
        yield part.content


@contextmanager
def opened(file: StoredFile) -> Iterator[IO[bytes]]:
    """The file as one that can be read and sought in. It has no name on the disk and is gone afterwards."""
    with tempfile.TemporaryFile() as stream:
        for piece in read_parts(file):
            stream.write(piece)
        stream.seek(0)
        yield stream


def _regular(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)
