"""`make tour`: the main job without a browser, on a fresh data folder and free ports.

Ends with `tour: N steps ok`, or with the step that failed and why, and exit code 1.
"""

import sys
import tempfile
import time
from pathlib import Path

from runtime.tour.browser import Browser
from runtime.tour.portal import Portal
from runtime.tour.steps import STEPS, Notes


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="isthmus-tour-") as folder, Portal(Path(folder)) as portal:
        notes = Notes(portal, Browser())
        for number, step in enumerate(STEPS, start=1):
            title = (step.__doc__ or step.__name__).splitlines()[0].rstrip(".")
            began = time.monotonic()
            try:
                said = step(notes)
            except Exception as error:  # noqa: BLE001  whatever it is, the person wants to read it
                sys.stdout.write(f"{number:>2}. {title}\n    failed: {error}\n{portal.last_lines()}\n")
                return 1
            sys.stdout.write(f"{number:>2}. {title:<58} {time.monotonic() - began:6.2f} s  {said or ''}\n")
            sys.stdout.flush()
    sys.stdout.write(f"tour: {len(STEPS)} steps ok\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
