"""A TLS server that answers what a test tells it to, and a door that leads there."""

import msal
import pytest

from microsoft.clouds import load_custom
from microsoft.http import Door
from microsoft.identity import ClientSecret, UserTokens
from sandbox.world import World
from tests.microsoft.signing_in import sign_in
from tests.microsoft.tlsserver import TlsServer, write_certificate


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


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A sandbox of this folder's own, because its tests arrange mishaps. Environments are built when first used."""
    served = World(tmp_path_factory.mktemp("world"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def sandbox_cloud(world):
    return load_custom(world.cloud_file)


@pytest.fixture
def sandbox_door(sandbox_cloud, world):
    opened = Door(sandbox_cloud, read_timeout=60)
    yield opened
    opened.close()
    world.faults.remove()


@pytest.fixture
def front(world):
    """The sign-in application's credential."""
    return ClientSecret(world.front_app.client_id, world.front_app.client_secret)


@pytest.fixture(scope="session")
def refresh_tokens(world):
    """Sign somebody in once, with PKCE and consent to all these scopes, and remember the refresh token."""
    known = {}

    def refresh_token(upn, *scopes, tenant="organizations"):
        key = (upn, scopes, tenant)
        if key not in known:
            known[key] = sign_in(world, upn, scopes, tenant)
        return known[key]

    return refresh_token


@pytest.fixture
def nobody(sandbox_door, front):
    """UserTokens at Contoso before anybody has signed in."""
    return UserTokens(sandbox_door, front, "contoso.example", msal.SerializableTokenCache())


@pytest.fixture
def person(sandbox_door, sandbox_cloud, front, refresh_tokens):
    """`person("ana@contoso.example")`: a signed-in person's UserTokens."""

    def signed_in(upn, *, tenant=None, permissions=("User.Read", "Application.ReadWrite.All")):
        tenant = tenant or ("fabrikam.example" if "fabrikam" in upn else "contoso.example")
        scopes = [sandbox_cloud.discovery_scope, *(sandbox_cloud.graph_scope(name) for name in permissions)]
        tokens = UserTokens(sandbox_door, front, tenant, msal.SerializableTokenCache())
        tokens.redeem(refresh_tokens(upn, *scopes, tenant=tenant), sandbox_cloud.discovery_scope)
        return tokens

    return signed_in


@pytest.fixture
def ana(person):
    """Administrator of Contoso's directory and environments."""
    return person("ana@contoso.example")
