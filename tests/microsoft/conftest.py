"""A TLS server that answers what a test tells it to, and a door that leads there."""

import pytest
from tlsserver import TlsServer, write_certificate

from microsoft.http import Door


class FixedTokens:
    """A token provider that hands out one token and remembers what was asked of it."""

    def __init__(self, token: str = "opaque") -> None:
        self.value = token
        self.asked: list[tuple[str, str | None]] = []

    def token(self, scope: str, *, claims: str | None = None) -> str:
        self.asked.append((scope, claims))
        return self.value if claims is None else f"{self.value}-stronger"


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    write_certificate(folder)
    return folder


@pytest.fixture
def tls(certificate_folder):
    server = TlsServer(certificate_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def door(tls):
    opened = Door(tls.cloud(), connect_timeout=3, read_timeout=3)
    yield opened
    opened.close()


@pytest.fixture
def tokens():
    return FixedTokens()
