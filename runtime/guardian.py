"""Outlives the supervisor by a moment: when it vanishes, even by kill -9, its children are ended.

Process groups arrive on standard input, one number a line. The end of the input means that the supervisor is
gone; after an orderly stop the groups are gone as well, and there is nothing to do.
"""

import os
import signal
import sys
import time

GRACE = 8.0


def main() -> None:
    """Wait for the end of the supervisor, then end what it left behind."""
    for unwanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(unwanted, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        number = int(line)
        # A negative number takes one back: it has ended, and the system may give its number away again.
        groups.append(number) if number > 0 else groups.remove(-number)
    ended = [_terminate(leader) for leader in groups]
    if any(ended):
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and _signal(groups, 0):
            time.sleep(0.1)
        _signal(groups, signal.SIGKILL)


def _terminate(leader: int) -> bool:
    try:
        os.kill(leader, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return _signal([leader], signal.SIGTERM)
    return True


def _signal(groups: list[int], number: int) -> bool:
    """True when at least one of the groups was still there."""
    found = False
    for group in groups:
        try:
            os.killpg(group, number)
            found = True
        except (ProcessLookupError, PermissionError):
            continue
    return found


if __name__ == "__main__":
    main()
