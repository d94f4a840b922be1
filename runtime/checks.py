"""`make test`: the suite, meant for two cores, with a data folder of its own that is removed afterwards."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOM = 12 << 30  # bytes, several times what a run leaves behind until its end


def main() -> int:
    """The exit code of pytest."""
    parser = argparse.ArgumentParser(prog="python -m runtime.checks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the large matrices as well")
    parser.add_argument("--services", action="store_true", help="only what differs on PostgreSQL and Redis")
    chosen, more = parser.parse_known_args()
    marks = [] if chosen.long else ["not long"]
    if chosen.services:
        marks.append("services")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "runtime.leftout"]
    # One more than the two cores: much of a test is waiting for a browser, a worker or the disk.
    command += ["-n", os.environ.get("TEST_PROCESSES", "3"), "--dist", "loadgroup"]
    command += ["-m", " and ".join(marks)] if marks else []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="isthmus-", dir=_in_memory()) as folder:
        environment = {**os.environ, "ISTHMUS_DATA": f"{folder}/data", "TMPDIR": folder}
        Path(folder, "data").mkdir()
        code = subprocess.call([*command, *more], env=environment)
    took = time.monotonic() - started
    sys.stdout.write(f"{'passed' if code == 0 else 'FAILED'} after {took:.0f} s\n")
    return code


def _in_memory() -> str | None:
    """Where files cost nothing, if that has room; else wherever temporary files go."""
    folder = "/dev/shm"  # noqa: S108
    roomy = os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM
    return folder if roomy else None


if __name__ == "__main__":
    sys.exit(main())
