"""Starts parts, watches them, and ends them all: on Ctrl-C, when the terminal dies, or when one of them does."""

import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from runtime.console import Console
from runtime.problems import CannotStart
from runtime.processes import Part

GRACE = 10.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818
    """Somebody asked for the end."""


class Supervisor:
    """Use as a context manager: whatever happens inside, no part survives it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.parts: list[Part] = []
        self._ended: queue.SimpleQueue[Part] = queue.SimpleQueue()
        self._requests = 0

    def __enter__(self) -> Self:
        for number in STOPS:
            signal.signal(number, self._on_signal)
        self._guardian = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("guardian.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop_all()
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        self._guardian.wait(timeout=GRACE)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Part:
        """Start a part that stays."""
        self._check()
        part = Part(name, command, environment, self.console, self._ended.put)
        self.parts.append(part)
        self._tell_guardian(part.pid)
        return part

    def complete(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a command to its end.

        Raises:
            CannotStart: when it fails; its output has been shown.

        """
        part = self.start(name, command, environment)
        while part.running:
            self._check()
            time.sleep(0.05)
        self.parts.remove(part)
        self._tell_guardian(-part.pid)
        if part.process.returncode != 0:
            part.stopping = True
            raise CannotStart(f"“{name}” failed; what it said stands above.")

    def wait_until(self, part: Part, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait for a part to become useful.

        Raises:
            CannotStart: when it ends first, or takes too long.

        """
        deadline = time.monotonic() + seconds
        while not ready():
            self._check()
            if not part.running:
                raise CannotStart(f"“{part.name}” ended before it was ready; what it said stands above.")
            if time.monotonic() > deadline:
                raise CannotStart(f"“{part.name}” was not ready after {seconds:.0f} seconds.")
            time.sleep(0.05)

    def watch(self) -> Part:
        """Wait until a part ends by itself, and return it.

        Raises:
            Stopped: somebody asked for the end, or the terminal is gone.

        """
        while True:
            self._check()
            try:
                part = self._ended.get(timeout=0.3)
            except queue.Empty:
                continue
            if part in self.parts and not part.stopping:
                return part

    def stop_all(self) -> None:
        """End the parts, the last started first, so that each finds what it needs until its own end."""
        asked = self._requests
        for part in reversed(self.parts):
            part.stop()
            deadline = time.monotonic() + GRACE
            while part.running and time.monotonic() < deadline and self._requests <= max(asked, 1):
                time.sleep(0.05)
            part.kill()  # whatever its group still holds
            part.process.wait()
            self._tell_guardian(-part.pid)
        self.parts.clear()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._requests += 1

    def _check(self) -> None:
        if self._requests or self.console.gone.is_set():
            raise Stopped

    def _tell_guardian(self, number: int) -> None:
        assert self._guardian.stdin is not None
        try:
            self._guardian.stdin.write(f"{number}\n".encode())
            self._guardian.stdin.flush()
        except OSError:
            self.console.say("The guardian is gone; the parts are still ended with this process.")
