"""What the one terminal shows: every line with the name of the part it comes from."""

import json
import os
import sys
import threading
from datetime import datetime

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
QUIET_FIELDS = {"timestamp", "level", "event", "logger", "request_id"}


class Console:
    """Writes whole lines from many threads. A terminal that is gone is remembered, not an error."""

    def __init__(self) -> None:
        self.gone = threading.Event()
        self._lock = threading.Lock()
        self._colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._colours: dict[str, int] = {}

    def line(self, name: str, text: str) -> None:
        """One line of a part, JSON log lines made readable."""
        stamp = datetime.now().astimezone().strftime("%H:%M:%S")
        prefix = f"{stamp} {name:<8}|"
        if self._colourful:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.say(f"{prefix} {readable(text)}")

    def say(self, text: str) -> None:
        """Text as it stands."""
        try:
            with self._lock:
                sys.stdout.write(text + "\n")
                sys.stdout.flush()
        except (OSError, ValueError):
            self.gone.set()


def readable(text: str) -> str:
    """`event field=value …` for one of our JSON log lines, anything else unchanged."""
    if not text.startswith("{"):
        return text
    try:
        entry = json.loads(text)
        event = entry["event"]
    except (ValueError, KeyError, TypeError):
        return text
    level = entry.get("level", "info")
    shown = "" if level in {"info", "debug"} else f"{level.upper()}: "
    fields = " ".join(
        f"{name}={value}" for name, value in entry.items() if name not in QUIET_FIELDS | {"exception"}
    )
    trace = f"\n{entry['exception']}" if entry.get("exception") else ""
    return f"{shown}{event} {fields}".rstrip() + trace
