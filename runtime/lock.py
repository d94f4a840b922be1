"""One running Isthmus per data folder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.problems import CannotStart


@contextmanager
def only_one(data: Path, **facts: int) -> Iterator[None]:
    """Hold the folder for as long as the block runs; the system lets go of it even after kill -9.

    The facts can be read by `facts_of` meanwhile and afterwards.

    Raises:
        CannotStart: when another process holds it, or the folder cannot be written.

    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(data / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"The data folder {data} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = facts_of(data).get("pid", "unknown")
        os.close(file)
        raise CannotStart(
            f"Isthmus is already running on {data} (process {holder}).\n"
            "End that one first, or give this one a folder of its own:  make run ISTHMUS_DATA=/some/folder"
        ) from None
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"pid": os.getpid(), **facts}).encode(), 0)
        yield
    finally:
        os.close(file)


def facts_of(data: Path) -> dict[str, int]:
    """What the running Isthmus, or the last one, was started with; empty where there was none."""
    try:
        return dict(json.loads((data / "run.lock").read_text()))
    except (OSError, ValueError):
        return {}
