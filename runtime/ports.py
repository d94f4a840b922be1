"""Whether the ports are free, said in a way that helps."""

import errno
import socket

from runtime.problems import CannotStart

SANDBOX_PORTS = 8  # pages, three of Microsoft's services, the environments and one to spare


def require_free(port: int, what: str, variable: str, value: int) -> None:
    """Refuse a port that somebody listens on.

    Raises:
        CannotStart: naming the port, what it is for, and how to choose another `value` of that variable.

    """
    if not 0 < port < 65536:
        raise CannotStart(
            f"{variable}={value} leads to {port}, which is not a port number between 1 and 65535."
        )
    if not is_free(port):
        raise CannotStart(
            f"Port {port} is taken, and {what} needs it.\n"
            f"End whatever uses it, or choose another:  make run {variable}={value + 100}"
        )


def is_free(port: int) -> bool:
    """True when neither IPv4 nor IPv6 loopback has a listener on it."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except PermissionError:
            return False
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            # No such address family on this machine: nobody can listen there either.
    return True


def free_port() -> int:
    """Any free port, as the system chooses it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_range(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        first = free_port()
        if first + count < 65536 and all(is_free(port) for port in range(first, first + count)):
            return first
