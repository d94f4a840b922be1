"""What the tests of connections share: the sandbox as the portal's cloud, and its people as ours."""

from datetime import timedelta

import pytest

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, Role, Team
from connections import clients
from connections.clients import dataverse_as
from connections.rotation import profile
from connections.services import creation, environments
from core import cloud
from core.clock import now
from core.cloud import door
from jobs.testing import run_due
from microsoft.graph import Graph
from tests.connections import cast
from tests.connections.sabotage import Saboteur
from tests.people import use_sandbox
from tests.sandbox_fixtures import (  # noqa: F401  a World of this folder's own, and who speaks to it
    ana_graph,
    entra_client,
    sandbox,
)


@pytest.fixture
def connect_to(settings):
    """Makes a sandbox the portal's cloud for one test."""

    def use(world):
        use_sandbox(settings, world)
        clients._tokens.clear()
        return world

    yield use
    cloud.door.cache_clear()
    clients._tokens.clear()


@pytest.fixture
def world(sandbox, connect_to):  # noqa: F811
    return connect_to(sandbox)


@pytest.fixture
def team(transactional_db):
    return Team.objects.create(name="Sales")


@pytest.fixture
def ana(world, team):
    """A builder who may do everything at Microsoft as well, authorised."""
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    return Actor.person(user)


@pytest.fixture
def dev(world):
    """The address of the development environment."""
    return world.places.environments["contoso-dev"]


@pytest.fixture
def make_connection(dev, team):
    """`make_connection(actor, name)`: asked for; the run is not carried out yet."""

    def make(actor, name="Sales (Development)"):
        return creation.create(actor, team, environments.find(actor, dev), name)

    return make


@pytest.fixture
def connection(ana, make_connection):
    """Provisioned and ready."""
    made = make_connection(ana)
    run_due(early=True)
    made.refresh_from_db()
    assert made.state == "ready", (made.reason, [str(step.message) for step in made.steps.all()])
    return made


@pytest.fixture
def saboteur(ana, connection, entra_client, ana_graph, patient):  # noqa: F811
    """Takes away what the connection stands on."""
    authorization = Authorization.objects.get(user=ana.user)

    def delete_principal(principal_id):
        answer = entra_client.graph("DELETE", f"/servicePrincipals/{principal_id}", ana_graph)
        assert answer.status_code == 204

    return Saboteur(
        graph=Graph(door(), vault.tokens(authorization)),
        environment=dataverse_as(authorization, connection.environment),
        known=connection.identifiers,
        expire=lambda: connection.certificates.update(not_after=now() - timedelta(days=1)),
        delete_principal=delete_principal,
    )


@pytest.fixture
def patient(monkeypatch):
    """Sets how patient rotations in this sandbox are; at first as impatient as can be."""

    def be(**figures):
        impatient = {"settling": 0, "proofs": 2, "gap": 0, "patience": 60, "overlap": 0, "jitter": 0}
        monkeypatch.setitem(profile.PROFILES, False, profile.Profile(**impatient | figures))

    be()
    return be
