"""The gate: a role of builder or owner and one's own live authorization. Nothing else opens it."""

from datetime import timedelta

import pytest

from accounts import gate, vault
from accounts.actors import Actor
from accounts.gate import GateClosed, Reach
from accounts.models import Authorization, Membership, Role, Team, User
from core import clock
from core.problems import Missing, NotPermitted
from microsoft.errors import Transient
from sandbox.directory.cast import CONTOSO, FABRIKAM
from tests.people import authorise, sign_in, travel, visitor

pytestmark = pytest.mark.django_db


class People:
    """Ana owns the team and has authorised; Ben builds, Cleo looks; both have only signed in."""

    def __init__(self, world):
        self.world = world
        self.clients = {name: visitor(world) for name in ("ana", "ben", "cleo")}
        for name, client in self.clients.items():
            assert sign_in(client, name).status_code == 302
        self.team = Team.objects.get(is_default=True)
        Membership.objects.filter(user=self.user("ben")).update(role=Role.BUILDER)
        self.authorise("ana")

    def user(self, name):
        return User.objects.get(authorizations__account_name=f"{name}@contoso.example")

    def actor(self, name):
        return Actor.person(self.user(name))

    def authorise(self, name, **form):
        return authorise(self.clients[name], name, tenant=CONTOSO, **form)

    def require(self, name, reach=Reach.IDENTITY):
        return gate.require(self.actor(name), self.team, CONTOSO, reach)


@pytest.fixture
def people(world):
    return People(world)


def age(minutes):
    """Let the last proof be that old."""
    Authorization.objects.update(proven_at=clock.now() - timedelta(minutes=minutes))


def test_it_opens_for_a_builder_with_a_live_authorization(people):
    assert people.require("ana").user == people.user("ana")
    assert gate.check(people.actor("ana"), people.team, CONTOSO).open


def test_a_second_builder_needs_an_authorization_of_their_own(people):
    closed = gate.check(people.actor("ben"), people.team, CONTOSO, back_to="/connections/7/")
    assert (closed.open, closed.reason) == (False, "authorization")
    assert closed.remedy.post
    with pytest.raises(GateClosed):
        people.require("ben")
    client = people.clients["ben"]
    departure = client.post(closed.remedy.url)
    assert travel(client, departure, "ben")["Location"] == "/connections/7/"
    assert people.require("ben").user == people.user("ben")


def test_a_viewer_stays_out_even_with_one(people):
    people.authorise("cleo")
    closed = gate.check(people.actor("cleo"), people.team, CONTOSO)
    assert (closed.open, closed.reason, closed.remedy) == (False, "role", None)
    with pytest.raises(NotPermitted) as caught:
        people.require("cleo")
    assert not isinstance(caught.value, GateClosed)
    assert Membership.objects.get(user=people.user("cleo")).role == Role.VIEWER


def test_administering_the_site_opens_nothing(people):
    User.objects.filter(pk=people.user("cleo").pk).update(is_superuser=True, is_staff=True)
    people.authorise("cleo")
    with pytest.raises(NotPermitted):
        people.require("cleo")
    User.objects.filter(pk=people.user("ben").pk).update(is_superuser=True)
    with pytest.raises(GateClosed):
        people.require("ben")


def test_a_stranger_learns_nothing(people):
    other = Team.objects.create(name="Other")
    with pytest.raises(Missing):
        gate.require(people.actor("ana"), other, CONTOSO)


def test_another_tenants_authorization_does_not_count(people):
    with pytest.raises(GateClosed):
        gate.require(people.actor("ana"), people.team, FABRIKAM)


def test_graph_takes_an_authorization_that_reaches_it(people):
    assert gate.check(people.actor("ana"), people.team, CONTOSO, Reach.GRAPH).reason == "authorization"
    with pytest.raises(GateClosed) as caught:
        people.require("ana", Reach.GRAPH)
    assert "reach=graph" in caught.value.remedy.url
    people.authorise("ana", reach="graph")
    people.require("ana", Reach.GRAPH)


def test_what_was_proven_long_ago_is_proven_again(people):
    age(minutes=6)
    people.world.journal.clear()
    people.require("ana")
    people.require("ana")
    assert len(people.world.journal.entries({"service": "login", "path": "/token$"})) == 1


def test_a_sign_in_that_microsoft_ended_closes_it_within_minutes(people):
    people.world.directory.sign_ins.revoke_refresh_tokens()
    people.require("ana")  # proven a moment ago
    age(minutes=6)
    with pytest.raises(GateClosed) as caught:
        people.require("ana")
    assert caught.value.remedy.label == "Authorise with Microsoft"
    assert not gate.check(people.actor("ana"), people.team, CONTOSO).open


def test_microsoft_being_down_is_not_taken_for_a_refusal(people):
    age(minutes=6)
    people.world.faults.add({"kind": "status", "service": "login", "path": "/token", "status": 503})
    with pytest.raises(Transient):
        people.require("ana")
    assert Authorization.objects.get(user=people.user("ana")).state == Authorization.State.LIVE


def test_taking_it_back_closes_it_at_once(people):
    vault.revoke(people.actor("ana"), Authorization.objects.get(user=people.user("ana")))
    with pytest.raises(GateClosed):
        people.require("ana")


def test_a_duty_passes_only_where_a_service_lets_it(people):
    assert gate.exempt(Actor.system("rotation"))
    assert not gate.exempt(Actor.system("whim"))
    assert not gate.exempt(people.actor("ana"))
    assert not gate.check(Actor.system("whim"), people.team, CONTOSO).open
    with pytest.raises(NotPermitted):
        gate.require(Actor.system("rotation"), people.team, CONTOSO)
