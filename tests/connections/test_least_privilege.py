"""What a role holds, and where a connection stands by it."""

import pytest

from accounts.actors import Actor
from accounts.models import Role, Team
from connections.base_privileges import BASE, least_role, missing
from connections.models import Connection
from connections.services import privileges
from core.problems import NotPermitted
from jobs.models import JobRun
from tests.connections import factories as make

READ = {"prvReadAccount": "Global"}


def test_the_base_lets_nobody_touch_a_record_of_the_business():
    business = {"Account", "Contact", "Lead", "Opportunity", "Incident"}
    assert not [name for name in BASE if any(name.endswith(entity) for entity in business)]
    assert not [name for name in BASE if not name.startswith("prvRead")]


def test_a_wider_wish_widens_the_base_and_a_narrower_one_does_not_narrow_it():
    assert least_role({"prvReadUserSettings": "Global"})["prvReadUserSettings"] == "Global"
    assert least_role({"prvReadEntity": "Basic"})["prvReadEntity"] == "Global"


def test_missing_sees_depth_as_well():
    assert missing({"a": "Global", "b": "Basic"}, {"a": "Local", "b": "Deep"}) == {"a": "Global"}


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


@pytest.fixture
def builder(team):
    user = make.person("ben", team, Role.BUILDER)
    make.authorization(user)
    return Actor.person(user)


def test_what_integrations_want_makes_a_ready_connection_role_pending_until_applied(team, builder):
    connection = make.connection(team)
    run = privileges.record(builder, connection, READ)
    connection.refresh_from_db()
    assert connection.state == Connection.State.ROLE_PENDING
    assert "administrator" in connection.reason
    assert run.kind == "connections.apply_role"
    assert run.requested_by == builder.user


def test_what_is_held_already_asks_for_nothing(team, builder):
    connection = make.connection(team)
    assert privileges.record(builder, connection, {"prvReadEntity": "Global"}) is None
    connection.refresh_from_db()
    assert connection.state == Connection.State.READY
    assert not JobRun.objects.exists()


def test_a_privilege_that_is_no_longer_needed_is_taken_away_without_alarm(team, builder):
    connection = make.connection(team, wanted_privileges=READ)
    assert privileges.record(builder, connection, {}) is not None
    connection.refresh_from_db()
    assert connection.state == Connection.State.READY


def test_while_provisioning_the_wish_is_only_kept(team, builder):
    connection = make.connection(team, state=Connection.State.PROVISIONING)
    assert privileges.record(builder, connection, READ) is None
    connection.refresh_from_db()
    assert connection.wanted_privileges == READ
    assert connection.state == Connection.State.PROVISIONING


def test_recording_takes_the_gate(team):
    connection = make.connection(team)
    unauthorised = Actor.person(make.person("bea", team, Role.BUILDER))
    with pytest.raises(NotPermitted):
        privileges.record(unauthorised, connection, READ)
    viewer = make.person("vera", team, Role.VIEWER)
    make.authorization(viewer)
    with pytest.raises(NotPermitted):
        privileges.record(Actor.person(viewer), connection, READ)


def test_an_unknown_depth_is_our_own_mistake(team, builder):
    with pytest.raises(ValueError, match="Shallow"):
        privileges.record(builder, make.connection(team), {"prvReadAccount": "Shallow"})
