"""What the person asked for, from the command line and the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from runtime import ports
from runtime.problems import CannotStart

ROOT = Path(__file__).resolve().parent.parent
REAL_CLOUD = ("CLOUD", "CLOUD_FILE", "ENTRA_CLIENT_ID")


@dataclass(frozen=True)
class Options:
    """Where the data is, which ports to use, and whether a real Microsoft cloud is configured."""

    data: Path
    port: int
    sandbox_port: int

    @property
    def sandbox(self) -> bool:
        """Without a configured cloud the sandbox stands in for Microsoft's."""
        return not any(os.environ.get(name) for name in REAL_CLOUD)

    @property
    def own_broker(self) -> bool:
        return not os.environ.get("REDIS_URL")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def read(data: str | None = None, port: str | None = None, sandbox_port: str | None = None) -> Options:
    """Arguments first, then PORT, SANDBOX_PORT and ISTHMUS_DATA; port 0 means any free one.

    Raises:
        CannotStart: for something that is no port number.

    """
    folder = data or os.environ.get("ISTHMUS_DATA") or str(ROOT / "data")
    return Options(
        data=Path(folder).expanduser().resolve(),
        port=_number("PORT", port, 8000) or ports.free_port(),
        sandbox_port=_number("SANDBOX_PORT", sandbox_port, 8440) or ports.free_range(ports.SANDBOX_PORTS),
    )


def _number(name: str, argument: str | None, default: int) -> int:
    text = argument if argument is not None else os.environ.get(name) or str(default)
    try:
        return int(text)
    except ValueError:
        raise CannotStart(f"{name}={text} is not a port number.") from None
