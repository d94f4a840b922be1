"""Depth, an existing role, another team, removal asked twice, and undo: with the sandbox on the other side."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEvent, Authorization, Membership, Role, Team
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.models import Connection
from connections.names import short_id
from connections.services import editing, privileges, removal
from core.clock import now
from core.problems import BadInput, Clash, Missing, NotPermitted
from integrations.models import Binding, Integration, ServiceKey, Stage, Version
from integrations.operations import Service
from integrations.services import binding
from jobs.models import JobRun
from jobs.testing import run_due
from microsoft.errors import Forbidden
from tests.connections import cast, crashes
from tests.connections.remote import named_applications, one_of_each, remote

State = Connection.State
WANTED = {"prvReadAccount": "Global", "prvCreateAccount": "Global", "prvReadTransactionCurrency": "Global"}


def _as(actor, connection):
    return dataverse_as(Authorization.objects.get(user=actor.user), connection.environment)


def _settle(connection):
    run_due(early=True)
    connection.refresh_from_db()
    return connection


@pytest.fixture
def bound(team, connection):
    integration = Integration.objects.create(
        name="Sales", service_name="sales_is", team=team, environment=connection.environment
    )
    stage = Stage.objects.create(team=team, name="Development", slug="development")
    return Binding.objects.create(integration=integration, stage=stage, connection=connection)


def test_own_records_only_and_what_belongs_to_the_organization_stays_whole(ana, connection):
    privileges.record(ana, connection, WANTED)
    editing.choose_depth(ana, connection, Connection.Depth.OWN)
    _settle(connection)
    held = _as(ana, connection).role_privileges(connection.identifiers.role_id)
    assert held["prvReadAccount"] == held["prvCreateAccount"] == "Basic"
    assert held["prvReadTransactionCurrency"] == "Global", "a table without owners has no other depth"
    assert held == connection.applied_privileges == connection.wanted_role
    assert connection.state == State.READY
    mine = connection.dataverse()
    made = mine.create("accounts", {"name": "Made by the connection"})
    seen = mine.list("accounts", select=("name",)).records
    assert [one["accountid"] for one in seen] == [made], "records of others are seen"


def test_another_depth_is_shown_before_it_is_applied(client, ana, connection):
    privileges.record(ana, connection, WANTED)
    _settle(connection)
    client.force_login(ana.user)
    url, runs = reverse("connections:choose_role", args=[connection.pk]), JobRun.objects.count()
    assert "That is what it holds now" in client.get(url).content.decode()
    given = {"source": "own", "depth": "Basic", "preview": "depth", "revision": connection.revision}
    answer = client.post(url, given)
    shown = {change.privilege: (change.now, change.then) for change in answer.context["changes"]}
    assert shown["prvReadAccount"] == ("Global", "Basic")
    assert shown["prvReadTransactionCurrency"] == ("Global", "Global"), "it cannot be held so narrowly"
    assert "2 of " in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.depth, JobRun.objects.count()) == ("Global", runs), "looking has changed something"
    del given["preview"]
    assert client.post(url, given).status_code == 302
    _settle(connection)
    assert {name: then for name, (_, then) in shown.items()} == connection.applied_privileges


def test_a_depth_that_does_not_exist(ana, connection):
    with pytest.raises(BadInput):
        editing.choose_depth(ana, connection, "Deeper")


@pytest.fixture
def existing(ana, connection):
    """Makes a role of the environment that holds just what is wanted, and perhaps more; its name."""

    def make(**more):
        name = f"Integration {short_id(connection)}"
        dataverse = _as(ana, connection)
        role = dataverse.create_role(name, connection.identifiers.business_unit_id)
        dataverse.set_role_privileges(role, {**connection.wanted_role, **more})
        return name

    return make


def test_an_existing_role_takes_the_place_of_ours_and_gives_it_back(ana, connection, existing):
    ours, name = connection.identifiers.role_id, existing()
    role = editing.compare(ana, connection, name).role_id
    editing.choose_role(ana, connection, name)
    _settle(connection)
    dataverse, user = _as(ana, connection), connection.identifiers.application_user_id
    assert [one.id for one in dataverse.user_roles(user)] == [role]
    assert connection.identifiers.role_id == role
    assert not dataverse.roles(connection.identifiers.role_name, connection.identifiers.business_unit_id)
    editing.choose_depth(ana, connection, Connection.Depth.ORGANIZATION)
    _settle(connection)
    assert role not in [one.id for one in dataverse.user_roles(user)]
    assert remote(ana, connection) == one_of_each()
    assert connection.identifiers.role_id not in (ours, role)
    assert dataverse.role_privileges(role), "a role that is not ours was touched"


def test_too_small_or_too_large_is_said_and_must_be_meant(ana, connection, existing):
    name = existing(prvDeleteContact="Global")
    privileges.record(ana, connection, WANTED)
    _settle(connection)
    with pytest.raises(BadInput) as refused:
        editing.choose_role(ana, connection, name)
    assert refused.value.code == "misfit"
    found = editing.compare(ana, connection, name)
    assert "prvReadAccount" in found.lacking
    assert found.excess == ("prvDeleteContact",)
    editing.choose_role(ana, connection, name, accept=True)
    _settle(connection)
    assert connection.state == State.ROLE_PENDING
    assert name in connection.reason
    with pytest.raises(Forbidden):
        connection.dataverse().list("accounts", select=("name",), top=1)
    removal.remove(ana, connection)
    _settle(connection)
    assert connection.state == State.REMOVED, connection.reason
    there = _as(ana, connection).roles(name, connection.identifiers.business_unit_id)
    assert there, "a role that is not ours was deleted"


def test_no_connection_becomes_system_administrator(ana, connection):
    with pytest.raises(BadInput) as refused:
        editing.choose_role(ana, connection, "System Administrator", accept=True)
    assert refused.value.code == "forbidden"
    with pytest.raises(BadInput):
        editing.choose_role(ana, connection, "No such role")


def test_only_an_administrator_there_chooses_a_role(world, team, connection, existing):
    name = existing()
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    with pytest.raises((NotPermitted, Forbidden)):
        editing.choose_role(Actor.person(ben), connection, name)
    connection.refresh_from_db()
    assert connection.existing_role == ""


def test_the_page_warns_before_it_takes_a_role(client, ana, connection, existing):
    name = existing(prvDeleteContact="Global")
    client.force_login(ana.user)
    url = reverse("connections:choose_role", args=[connection.pk])
    assert name in client.get(url).content.decode()
    given = {"source": "existing", "role": name, "revision": connection.revision}
    answer = client.post(url, given)
    assert answer.status_code == 422
    assert "too large" in answer.content.decode()
    assert client.post(url, {**given, "accept": "on"}).status_code == 302
    assert client.post(url, {"source": "own", "depth": "Local", "revision": 0}).status_code == 409
    assert client.post(url, {"source": "existing", "role": " "}).status_code == 422


def test_drift_that_somebody_else_made_is_mended_by_applying_the_role(ana, connection):
    dataverse, known = _as(ana, connection), connection.identifiers
    dataverse.set_role_privileges(known.role_id, {"prvReadAccount": "Global"})
    dataverse.remove_role(known.application_user_id, known.role_id)
    privileges.apply(ana, connection)
    _settle(connection)
    assert dataverse.role_privileges(known.role_id) == connection.wanted_role
    assert remote(ana, connection) == one_of_each()


@pytest.fixture
def support(ana):
    other = Team.objects.create(name="Support")
    Membership.objects.create(team=other, user=ana.user, role=Role.BUILDER)
    return other


def test_another_team_takes_the_connection_and_its_jobs(ana, connection, support):
    editing.move(ana, connection, support, connection.revision)
    assert connection.team == support
    assert set(JobRun.objects.filter(subject_id=str(connection.pk)).values_list("team", flat=True)) == {
        support.pk
    }
    assert connection.dataverse().who_am_i()


def test_nothing_moves_away_from_what_is_bound_to_it(ana, bound, connection, support):
    with pytest.raises(Clash, match="Sales on Development"):
        editing.move(ana, connection, support)
    connection.refresh_from_db()
    assert connection.team != support


def test_moving_takes_the_role_in_both_teams_and_a_free_name(world, ana, team, connection, support):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    with pytest.raises(Exception) as refused:
        editing.move(Actor.person(ben), connection, support)
    assert refused.value.status in (403, 404)
    Connection.objects.create(name=connection.name, team=support, environment=connection.environment)
    with pytest.raises(BadInput):
        editing.move(ana, connection, support)
    with pytest.raises(Clash):
        editing.move(ana, connection, support, connection.revision - 1)


def test_removal_of_what_is_in_use_is_asked_twice(client, ana, bound, connection):
    client.force_login(ana.user)
    url = reverse("connections:remove", args=[connection.pk])
    page = client.get(url).content.decode()
    assert "Sales on Development" in page
    assert client.post(url).status_code == 409
    assert client.post(url, {"although_used": "yes"}).status_code == 302
    _settle(connection)
    assert connection.state == State.REMOVED, connection.reason


def test_what_was_bound_to_a_removed_connection_is_bound_to_nothing_and_says_so(client, ana, bound):
    """The stage is free at once, while Microsoft is still being asked; keys wait for another connection."""
    integration, connection = bound.integration, bound.connection
    version = Version(integration=integration, number=1, published_at=now())
    version.definition = integration.draft
    version.save()
    key = ServiceKey.objects.create(
        integration=integration,
        stage=bound.stage,
        name="Shop",
        digest="0" * 64,
        version=1,
        pinned=False,
        created_at=now(),
    )
    before = connection.revision
    with pytest.raises(Clash):
        removal.remove(ana, connection)
    assert Binding.objects.filter(pk=bound.pk).exists()
    removal.remove(ana, connection, although_used=True)
    assert not integration.bindings.exists()
    said = AuditEvent.objects.get(verb="unbound", subject_id=str(integration.pk))
    assert (said.actor_id, said.message) == (ana.user.pk, f"Development: {connection.name} is being removed.")
    with pytest.raises(Missing, match="not bound to a connection on development"):
        Service.on(integration, "development", ana)
    key.refresh_from_db()
    assert key.stage == bound.stage
    client.force_login(ana.user)
    page = client.get(reverse("integrations:detail", args=[integration.pk])).content.decode()
    assert "Not bound" in page
    stale = Connection.objects.get(pk=connection.pk)
    stale.state, stale.revision = State.READY, before
    with pytest.raises(Clash, match="removing"):
        binding.bind(ana, integration, bound.stage, stale)
    assert not integration.bindings.exists()


@pytest.mark.parametrize(
    "where", ["applications", "servicePrincipals", "ReplacePrivilegesRole", "systemusers"]
)
def test_undo_leaves_nothing_of_a_connection_that_never_worked(
    world, ana, make_connection, monkeypatch, where
):
    """Whatever provisioning had come to when it was given up, what nobody had noted yet included."""
    connection = make_connection(ana, "Half way")
    wire = crashes.Requests(monkeypatch)
    wire.crash_at(where)
    assert crashes.run_until_dead()
    wire.rest()
    removal.remove(ana, connection)
    crashes.restart()
    _settle(connection)
    assert connection.state == State.REMOVED, connection.reason
    left = remote(ana, connection)
    assert (left.applications, left.principals, left.roles, left.users) == (0, 0, 0, 0)
    assert named_applications(world, connection) == 0


def test_the_page_of_a_half_made_connection_offers_undo(client, ana, make_connection):
    connection = make_connection(ana, "Half way")
    client.force_login(ana.user)
    assert "Undo…" in client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    page = client.get(reverse("connections:remove", args=[connection.pk])).content.decode()
    assert "without a trace" in page
