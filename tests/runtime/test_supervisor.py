"""Nothing that was started survives, whichever way the end comes."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.broker_fixtures import wait_for

PROGRAM = str(Path(__file__).with_name("parts.py"))


def alive(pid: int) -> bool:
    """Whether it still runs; one that has ended and only waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
        if Path("/proc/self").exists():
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
    return True


def family(folder: Path) -> list[int]:
    return [int(pid) for name in ("first", "second") for pid in (folder / name).read_text().split()]


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(kind="steady", **options):
        command = [sys.executable, PROGRAM, str(tmp_path), kind]
        process = subprocess.Popen(command, **{"stdout": subprocess.PIPE, "text": True, **options})
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def read_until(process, text):
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"it ended without saying {text!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_all(start, tmp_path, number):
    process = start()
    read_until(process, "all up")
    pids = family(tmp_path)
    assert all(alive(pid) for pid in pids)
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert not any(alive(pid) for pid in pids)


def test_when_one_part_ends_the_rest_is_ended_and_it_is_named(start, tmp_path):
    process = start("dying")
    read_until(process, "second ended with 3")
    assert process.wait(timeout=60) == 1
    assert not any(alive(pid) for pid in family(tmp_path))


def test_a_supervisor_killed_outright_leaves_no_orphans(start, tmp_path):
    process = start()
    read_until(process, "all up")
    pids = family(tmp_path)
    process.kill()
    wait_for(lambda: not any(alive(pid) for pid in pids), what="the end of the parts")


def test_a_terminal_that_dies_ends_all(start, tmp_path):
    master, terminal = pty.openpty()

    def take_terminal():
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    process = start(stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=take_terminal)
    os.close(terminal)
    seen = b""
    while b"all up" not in seen:
        seen += os.read(master, 4096)
    pids = family(tmp_path)
    os.close(master)
    wait_for(lambda: not any(alive(pid) for pid in pids), what="the end of the parts")
    process.wait(timeout=60)
