import time

import pytest
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient

from tests.sandbox.dataverse.api import Api


@pytest.fixture(scope="session")
def api(sandbox):
    """The administrator in Contoso Sales."""
    return Api(sandbox)


@pytest.fixture(scope="session")
def cleo(api):
    """A sales person, who sees little."""
    return api.acting("cleo")


@pytest.fixture(scope="session")
def ben(api):
    """A builder who is no administrator."""
    return api.acting("ben")


class SandboxCredential:
    """A TokenCredential that signs in nobody: the sandbox has issued the token itself."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def get_token(self, *_scopes, **_options):
        return AccessToken(self.api.token, int(time.time()) + 3000)


def trust(monkeypatch, world):
    """Microsoft's SDK uses requests, which finds the sandbox's authority in the environment only."""
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.ca_file))


@pytest.fixture
def workbench(new_sandbox):
    """The administrator in an environment of one's own, to be changed."""
    return Api(new_sandbox())


@pytest.fixture
def sdk(workbench, monkeypatch):
    """Microsoft's client in front of an environment of one's own."""
    trust(monkeypatch, workbench.world)
    with DataverseClient(workbench.environment.origin, SandboxCredential(workbench)) as client:
        yield client
