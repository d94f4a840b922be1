"""A running Isthmus of the tour's own: every part of it, started and ended as `make run` does."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

READY = re.compile(r"isthmus ready (\S+)")
LINES_KEPT = 25
# The tour brings everything along: what is configured here, a real tenant above all, is not its business.
OURS = ("ISTHMUS_", "ENTRA_", "CLOUD", "REDIS_URL", "DATABASE_URL", "DJANGO_", "SITE_URL", "LOG_LEVEL")
STARTING = 180.0
STOPPING = 30.0


class Portal:
    """Use it as a context; `start` returns the address once the portal answers."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def start(self, *, port: str = "0", sandbox_port: str = "0") -> str:
        """The address, once the portal answers. A port of 0 is any that is free. Raises RuntimeError."""
        ports = ["--port", port, "--sandbox-port", sandbox_port]
        command = [*self._runtime(), "run", "--data", str(self.data), *ports]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=_environment(),
        )
        threading.Thread(target=self._read, daemon=True).start()
        deadline = time.monotonic() + STARTING
        while not self._ready.wait(0.1):
            if self._process.poll() is not None:
                raise RuntimeError(f"Isthmus ended while it was starting:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Isthmus was not ready after {STARTING:.0f} s.")
        return self.url

    def manage(self, *arguments: str, timeout: float = 120) -> str:
        """What a manage.py command beside the running portal prints."""
        command = [*self._runtime(), "--data", str(self.data), "manage", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=timeout, env=_environment()
        )
        if done.returncode != 0:
            raise RuntimeError(f"manage.py {arguments[0]} said: {done.stderr[-800:]}")
        return done.stdout

    def last_lines(self) -> str:
        return "\n".join(f"    | {line}" for line in self._lines)

    def _runtime(self) -> list[str]:
        return [sys.executable, "-m", "runtime"]

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line.rstrip()[:300])
            if found := READY.search(line):
                self.url = found.group(1)
                self._ready.set()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
