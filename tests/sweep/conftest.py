"""One settled portal for all sweeps: built once, read into a transaction per file, rolled back after every test."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings

from connections import clients
from connections.governor import shared
from core import cloud
from integrations.published import definition_of
from sandbox.world import World
from tests import people
from tests.sandbox_fixtures import _copy
from tests.sweep import state


class Portal:
    """What `use_sandbox` takes for pytest-django's settings, good for longer than one test."""


@pytest.fixture(scope="session")
def own_sandbox(sandbox_template, tmp_path_factory) -> World:
    """A sandbox that no other test revokes, faults or fills."""
    world = _copy(sandbox_template, tmp_path_factory.mktemp("sweep-sandbox"))
    world.start()
    yield world
    world.stop()


@pytest.fixture(scope="session")
def portal_settings(own_sandbox):
    portal = Portal()
    people.use_sandbox(portal, own_sandbox)
    portal.LOGGING_CONFIG = None
    return vars(portal)


@pytest.fixture(scope="session")
def settled_rows(own_sandbox, portal_settings, redis_server, django_db_setup, django_db_blocker):
    """The rows of the settled portal, and the id of a record in Ana's environment."""
    with override_settings(**portal_settings), django_db_blocker.unblock():
        _forget()
        rows = state.build(own_sandbox)
        record = state.a_record()
        call_command("flush", interactive=False, verbosity=0)
    return rows, record


@pytest.fixture(scope="module")
def held(settled_rows, portal_settings, django_db_blocker):
    """The rows within a transaction that never commits, and by team what the parameters of addresses name."""
    with override_settings(**portal_settings), django_db_blocker.unblock():
        _forget()
        outer = _enter()
        state.restore(settled_rows[0])
        yield {team: state.things(team, settled_rows[1]) for team in ("Sales", "Service")}
        _leave(outer)
        connection.close()
    _forget()


@pytest.fixture
def db(held):
    """Takes the place of pytest-django's: whatever the test does to the settled rows is undone."""
    inner = _enter()
    yield
    _leave(inner)
    _forget()


@pytest.fixture
def world(db, own_sandbox):
    """The sandbox that the settled portal speaks to."""
    own_sandbox.journal.clear()
    yield own_sandbox
    if own_sandbox.faults.remove():
        shared.client().flushdb()  # a pause that a fault asked for
    if own_sandbox.journal.entries({"method": "PATCH", "path": "/systemusers"}):
        state.enable_application_user()


@pytest.fixture
def ours(world, held):
    """What the parameters of addresses name, for Ana."""
    return dict(held["Sales"])


@pytest.fixture
def theirs(world, held):
    """The same of another team."""
    return dict(held["Service"])


def front(user, **options) -> Client:
    """A browser in front of the portal. An exception that no page was made of stays a 500."""
    client = Client(SERVER_NAME=people.HOST, raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _enter():
    # As Django's own TestCase does: code that insists on being outermost may run in this one.
    block = transaction.atomic()
    block._from_testcase = True
    block.__enter__()
    return block


def _leave(block):
    transaction.set_rollback(True)
    block.__exit__(None, None, None)


def _forget():
    cloud.door.cache_clear()
    clients._tokens.clear()
    definition_of.cache_clear()
