"""Integrations on the real sandbox: the people and the ready connection are those of the connections' tests."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import override_settings

from accounts.actors import Actor
from accounts.models import Role, Team, User
from connections import clients
from connections.models import Connection
from connections.services import creation, environments
from core import cloud
from integrations.definition import READ_WRITE
from integrations.models import Integration
from integrations.services import drafts, sample
from jobs.testing import run_due
from tests.connections import cast
from tests.connections.conftest import (  # noqa: F401
    ana,
    connect_to,
    connection,
    dev,
    make_connection,
    team,
    world,
)
from tests.database_fixtures import Kept
from tests.integrations import wide
from tests.people import PEOPLE, use_sandbox
from tests.sandbox_fixtures import sandbox  # noqa: F401  a World of this folder's own


@pytest.fixture
def environment(ana, dev):  # noqa: F811
    """The development environment, as the person who reaches it makes it known."""
    return environments.keep(environments.find(ana, dev))


@pytest.fixture
def draft(ana, team, environment):  # noqa: F811
    """An integration on accounts, chosen and shaped, not yet published."""
    made = drafts.create(ana, team, environment, "Sales")
    made = drafts.choose_entities(ana, made, made.revision, ["account"])
    return drafts.shape_entity(
        ana,
        made,
        made.revision,
        "account",
        operations=READ_WRITE,
        chosen=["name", "revenue", "industrycode", "primarycontactid", "telephone1", "ownerid"],
        called={"telephone1": "phone"},
    )


@pytest.fixture(scope="session")
def sample_rows(sandbox, django_db_setup, django_db_blocker, tmp_path_factory):  # noqa: F811
    """Our database as it is when Ana has connected the sandbox and made the sample: built once, kept."""
    portal = SimpleNamespace()
    use_sandbox(portal, sandbox)
    with override_settings(**vars(portal)), django_db_blocker.unblock():
        cloud.door.cache_clear()
        clients._tokens.clear()
        _build(sandbox)
        kept = _kept(tmp_path_factory, "sample.json")
    cloud.door.cache_clear()
    return kept


def _build(sandbox):  # noqa: F811
    team = Team.objects.create(name="Sales")  # noqa: F811
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(sandbox, user)
    actor = Actor.person(user)
    found = environments.find(actor, sandbox.places.environments["contoso-dev"])
    creation.create(actor, team, found, "Sales (Development)")
    run_due(early=True)
    sample.create_sample(actor)
    run_due(early=True)
    connection = Connection.objects.get()  # noqa: F811
    assert connection.state == "ready", connection.reason


@pytest.fixture(scope="session")
def wide_rows(sandbox, sample_rows, django_db_setup, django_db_blocker, tmp_path_factory):  # noqa: F811
    """The same with the integrations of `wide` beside the sample."""
    portal = SimpleNamespace()
    use_sandbox(portal, sandbox)
    with override_settings(**vars(portal)), django_db_blocker.unblock():
        clients._tokens.clear()
        sample_rows.put_back()
        wide.build(Actor.person(User.objects.get(username=PEOPLE["ana"])), Integration.objects.get())
        run_due(early=True)
        kept = _kept(tmp_path_factory, "wide.json")
    cloud.door.cache_clear()
    return kept


def _kept(tmp_path_factory, name):
    """Everything that is ours, set aside; the database is empty again."""
    kept = Kept(tmp_path_factory.mktemp("rows") / name)
    call_command("flush", interactive=False, verbosity=0)
    return kept


@pytest.fixture
def wide_integrations(transactional_db, world, wide_rows):  # noqa: F811
    """By name: Projects, Glance and Sales sample, each published and bound."""
    wide_rows.put_back()
    return {each.name: each for each in Integration.objects.select_related("team")}


@pytest.fixture
def sample_integration(transactional_db, world, sample_rows):  # noqa: F811
    """The sample of the sandbox, published and bound, its privileges applied."""
    sample_rows.put_back()
    return Integration.objects.get()


@pytest.fixture
def sample_owner(sample_integration):
    """Ana, who made the sample."""
    return Actor.person(User.objects.get(username=PEOPLE["ana"]))


@pytest.fixture
def sample_team(sample_integration):
    return sample_integration.team
