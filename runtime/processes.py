"""One part of the running whole: a process group of its own, whose lines go to the console."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from runtime.console import Console
from runtime.options import ROOT

REMEMBERED = 20


class Part:
    """A started process. `ended` is called once, from another thread, when it is no more."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        console: Console,
        ended: Callable[["Part"], None],
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=REMEMBERED)
        self.stopping = False
        self._console = console
        self._ended = ended
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the parts in their order.
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    @property
    def pid(self) -> int:
        """Also the number of its process group."""
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self, text: str) -> bool:
        """Whether one of its last lines holds this text."""
        return any(text in line for line in self.last_lines)

    def stop(self) -> None:
        """Ask it to end. It alone: how its children end, a worker's jobs among them, is for it to say."""
        self.stopping = True
        self.process.terminate()

    def kill(self) -> None:
        """End it and whatever its group still holds."""
        self.stopping = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                self.last_lines.append(text)
                if text:
                    self._console.line(self.name, text)

    def _wait(self) -> None:
        self.process.wait()
        self._reader.join(timeout=1)  # so that its last words come before the news of its end
        self._ended(self)
