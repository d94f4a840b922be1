"""`make test`: the suite on two cores, with a data folder of its own that is removed afterwards."""

import argparse
import os
import subprocess
import sys
import tempfile
import time


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
    command += ["-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadgroup"]
    command += ["-m", " and ".join(marks)] if marks else []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="isthmus-test-") as folder:
        code = subprocess.call([*command, *more], env={**os.environ, "ISTHMUS_DATA": folder})
    took = time.monotonic() - started
    sys.stdout.write(f"{'passed' if code == 0 else 'FAILED'} after {took:.0f} s\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
