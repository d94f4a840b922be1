"""What Isthmus is made of on one machine, and the order in which it starts."""

import http.client
import os
import sys
from collections.abc import Mapping

from runtime import ports, valkey
from runtime.environment import for_parts
from runtime.options import Options
from runtime.problems import CannotStart
from runtime.supervisor import Supervisor

MANAGE = [sys.executable, "manage.py"]
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
# Said to everybody who tries Isthmus on a laptop or in a container, and of use to nobody there.
UNHELPFUL = "ignore:You're running the worker,ignore:No directory at"


def check_ports(options: Options) -> None:
    """Find out before anything starts. Raises CannotStart."""
    ports.require_free(options.port, "the portal", "PORT", options.port)
    if options.sandbox:
        own = range(options.sandbox_port, options.sandbox_port + ports.SANDBOX_PORTS)
        if options.port in own:
            raise CannotStart(
                f"PORT={options.port} is one of the sandbox's ports, {own.start} to {own.stop - 1}."
            )
        for port in own:
            ports.require_free(port, "the sandbox", "SANDBOX_PORT", options.sandbox_port)


def start(supervisor: Supervisor, options: Options) -> None:
    """Start everything and return when the portal answers. Raises CannotStart or Stopped."""
    if options.own_broker:
        _start_valkey(supervisor, options)
    if options.sandbox:
        _start_sandbox(supervisor, options)
    environment = for_parts(options)
    supervisor.complete("migrate", [*MANAGE, "migrate", "--noinput", "--verbosity", "0"], environment)
    supervisor.complete("admin", [*MANAGE, "create_admin"], environment)
    _start_portal(supervisor, options, environment)


def _start_valkey(supervisor: Supervisor, options: Options) -> None:
    part = supervisor.start("valkey", valkey.command(options.data), os.environ)
    path = valkey.socket_path(options.data)
    supervisor.wait_until(part, lambda: valkey.answers(path), seconds=30)


def _start_sandbox(supervisor: Supervisor, options: Options) -> None:
    folder = str(options.data / "sandbox")
    command = [sys.executable, "-m", "sandbox", "--data", folder, "--port", str(options.sandbox_port)]
    part = supervisor.start("sandbox", command, {**os.environ, "PYTHONUNBUFFERED": "1"})
    supervisor.wait_until(part, lambda: part.said("sandbox ready"), seconds=120)


def _start_portal(supervisor: Supervisor, options: Options, environment: Mapping[str, str]) -> None:
    worker = [*CELERY, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    environment = {"PYTHONWARNINGS": UNHELPFUL, **environment}
    working = supervisor.start("worker", worker, environment)
    supervisor.start("beat", [*CELERY, "beat", "--loglevel", "INFO"], environment)
    web = [sys.executable, "-m", "gunicorn", "--config", "runtime/web.py", "config.wsgi"]
    part = supervisor.start("web", web, environment)
    supervisor.wait_until(part, lambda: answers(options.port), seconds=120)
    supervisor.wait_until(working, lambda: working.said(" ready."), seconds=120)


def answers(port: int) -> bool:
    """Whether the portal says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
