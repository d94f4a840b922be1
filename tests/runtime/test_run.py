"""`python -m runtime run`, whole: everything starts, keeps its data, and says what is in its way."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import ports, valkey
from tests.broker_fixtures import ROOT, wait_for

LEFT_TO_THE_RUNTIME = ("REDIS_URL", "DATABASE_URL", "ISTHMUS_DATA", "DJANGO_SETTINGS_MODULE", "LOG_LEVEL")


class Run:
    """Isthmus as a person starts it, with its output in a file. A configured app id keeps the sandbox out."""

    def __init__(self, data: Path, port: int, **environment: str) -> None:
        own = {name: value for name, value in os.environ.items() if name not in LEFT_TO_THE_RUNTIME}
        self.log = data.with_suffix(".log")
        self.port = port
        command = [sys.executable, "-m", "runtime", "run", "--data", str(data), "--port", str(port)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**own, "ENTRA_CLIENT_ID": "none", "ENTRA_CLIENT_SECRET": "none", **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.log.read_text()

    def ready(self) -> None:
        def there() -> bool:
            assert self.process.poll() is None, self.said()
            return "isthmus ready" in self.said()

        wait_for(there, seconds=180, what="the start")

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def pids(self, words: str) -> list[int]:
        """Descendants of this run whose command line holds these words."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
            if words in command and parent == self.process.pid:
                found.append(int(folder.name))
        return found


@pytest.fixture
def start(tmp_path):
    runs = []

    def begin(name="data", port=None, **environment):
        runs.append(Run(tmp_path / name, port or ports.free_port(), **environment))
        return runs[-1]

    yield begin
    for run in runs:
        run.process.terminate()
        try:
            run.process.wait(timeout=60)
        finally:
            run.process.kill()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds the worker through /proc")
def test_it_starts_ends_and_starts_again_with_its_data(start, tmp_path):
    data = tmp_path / "data"
    first = start()
    first.ready()
    assert first.get("/sign-in/") == 200
    assert first.said().count("password:") == 1
    keys = (data / "keys.json").read_text()
    assert oct(data.stat().st_mode)[-3:] == "700"

    (worker,) = first.pids("celery --quiet -A config worker")
    os.kill(worker, signal.SIGKILL)
    assert first.process.wait(timeout=60) == 1
    assert "“worker” was ended by SIGKILL" in first.said()
    assert not valkey.answers(valkey.socket_path(data))
    assert ports.is_free(first.port)

    second = start(port=first.port)
    second.ready()
    assert (data / "keys.json").read_text() == keys
    assert "password:" not in second.said()

    rival = start(port=ports.free_port())
    assert rival.process.wait(timeout=60) == 1
    assert f"already running on {data} (process {second.process.pid})" in rival.said()

    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(timeout=60) == 0
    assert not valkey.answers(valkey.socket_path(data))


def test_a_taken_port_is_named_together_with_the_way_out(start):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        run = start("taken", port=port)
        assert run.process.wait(timeout=60) == 1
    assert f"Port {port} is taken, and the portal needs it." in run.said()
    assert f"make run PORT={port + 100}" in run.said()


def test_a_long_data_folder_gets_a_short_socket(tmp_path):
    short, long = Path("/srv/data"), tmp_path / ("x" * 120)
    assert valkey.socket_path(short).is_relative_to(short)
    assert len(os.fsencode(valkey.socket_path(long))) < 104
    assert valkey.socket_path(long) != valkey.socket_path(tmp_path / ("y" * 120))
