"""Sandboxes for tests, as a pytest plugin.

`sandbox` is one running World for the whole session: read it, add to it, but do not change what it
begins with. `new_sandbox()` starts one of your own on a fresh copy of the same data.
"""

import shutil

import pytest
import requests

from sandbox.world import World
from tests.sandbox_browser import Browser
from tests.sandbox_client import Client


@pytest.fixture(scope="session")
def sandbox_template(tmp_path_factory):
    """A data folder as it is after the first start, everything built. Copy it, never run on it."""
    folder = tmp_path_factory.mktemp("sandbox-template")
    world = World(folder)
    world.start()
    world.prepare()
    world.stop()
    return folder


@pytest.fixture(scope="session")
def sandbox(sandbox_template, tmp_path_factory):
    """The session's World, running."""
    world = _copy(sandbox_template, tmp_path_factory.mktemp("sandbox"))
    world.start()
    yield world
    world.stop()


@pytest.fixture
def new_sandbox(sandbox_template, tmp_path):
    """A function that starts a World of one's own; keyword arguments are World's."""
    running = []

    def start(**options) -> World:
        world = _copy(sandbox_template, tmp_path / f"sandbox-{len(running)}", **options)
        world.start()
        running.append(world)
        return world

    yield start
    for world in running:
        world.stop()


@pytest.fixture(scope="session")
def sandbox_http(sandbox):
    """A requests session that trusts the session's sandbox and nothing of the machine's environment."""
    return http_for(sandbox)


@pytest.fixture
def browser(sandbox):
    """A browser without a screen and without cookies, in front of the session's sandbox."""
    return Browser(sandbox)


def http_for(world: World) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(world.ca_file)
    return session


def _copy(template, folder, **options) -> World:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    # Tests ask faster than people do. Those about service protection set limits of their own.
    settings = {"dataverse_requests": 0, "dataverse_execution_seconds": 0, **options.pop("settings", {})}
    return World(folder, settings=settings, **options)


@pytest.fixture(scope="session")
def entra_client(sandbox):
    """Raw calls of the session's sandbox."""
    return Client(sandbox)


@pytest.fixture(scope="session")
def ana_graph(entra_client):
    """A Graph token of the administrator that may manage applications."""
    return entra_client.graph_token("ana@contoso.example", "Application.ReadWrite.All", "User.Read")
