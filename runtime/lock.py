"""One running Isthmus per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.problems import CannotStart


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the folder for as long as the block runs; the system lets go of it even after kill -9.

    Raises:
        CannotStart: when another process holds it, or the folder cannot be written.

    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = os.open(data / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"The data folder {data} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(file, 20).decode() or "unknown"
        os.close(file)
        raise CannotStart(
            f"Isthmus is already running on {data} (process {holder}).\n"
            "End that one first, or give this one a folder of its own:  make run ISTHMUS_DATA=/some/folder"
        ) from None
    try:
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        yield
    finally:
        os.close(file)
