"""Test, rename, disable, enable, remove: with the sandbox on the other side."""

import pytest

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, Role
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.models import Certificate, Connection
from connections.services import lifecycle, privileges, proof, removal
from core.cloud import door
from core.problems import BadInput, Clash, Unavailable
from integrations.models import Binding, Integration, Stage
from jobs.testing import run_due
from microsoft.errors import MicrosoftError
from microsoft.graph import Graph
from tests.connections import cast
from tests.connections.remote import remote

pytestmark = pytest.mark.services

State = Connection.State
READ_ACCOUNTS = {"prvReadAccount": "Global"}


def _as(actor, connection):
    return dataverse_as(Authorization.objects.get(user=actor.user), connection.environment)


def test_a_test_proves_token_and_user(ana, connection):
    before = connection.proven_at
    assert proof.test(ana, connection).ok
    assert connection.tested_at == connection.proven_at > before
    assert connection.test_error == {}


def test_a_broken_connection_is_degraded_with_ids_and_mends(ana, connection):
    user_id = connection.identifiers.application_user_id
    _as(ana, connection).disable_user(user_id)
    result = proof.test(ana, connection)
    assert not result.ok
    assert connection.state == State.DEGRADED
    assert connection.test_error["message"]
    assert connection.test_error["ids"]
    _as(ana, connection).enable_user(user_id)
    assert proof.test(ana, connection).ok
    assert connection.state == State.READY
    assert connection.reason == ""


def test_trouble_that_passes_does_not_degrade(world, ana, connection):
    world.faults.add({"kind": "status", "service": "dataverse", "path": "WhoAmI", "status": 503})
    try:
        assert not proof.test(ana, connection).ok
    finally:
        world.faults.remove()
    assert connection.state == State.READY
    assert connection.test_error["message"]


def test_renaming_here_and_in_entra(world, ana, connection):
    assert lifecycle.rename(ana, connection, "  Orders ", connection.revision) == ""
    assert connection.name == "Orders"
    books = world.directory.database.read()
    names = {row["display_name"] for row in books.execute("SELECT display_name FROM application")}
    assert "Isthmus Orders" in names


def test_renaming_by_somebody_whose_authorization_stops_short_of_entra_says_so(world, team, connection):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    left = lifecycle.rename(Actor.person(ben), connection, "Orders by Ben")
    assert "reaches Entra" in left
    assert Authorization.objects.get(user=ben).state == Authorization.State.LIVE


def test_renaming_over_somebody_elses_edit_is_refused(ana, connection):
    with pytest.raises(Clash):
        lifecycle.rename(ana, connection, "Orders", connection.revision - 1)
    connection.refresh_from_db()
    assert connection.name != "Orders"


def test_a_name_is_taken_once_per_team(ana, connection, make_connection):
    other = make_connection(ana, "Other")
    with pytest.raises(BadInput) as refused:
        lifecycle.rename(ana, other, connection.name)
    assert "name" in refused.value.fields
    with pytest.raises(BadInput):
        make_connection(ana, connection.name)


def test_disabling_stops_calls_here_and_there(ana, connection):
    warm = connection.dataverse()
    assert warm.who_am_i()
    assert lifecycle.disable(ana, connection) == ""
    with pytest.raises(Unavailable, match="disabled"):
        connection.dataverse()
    with pytest.raises(MicrosoftError):
        warm.who_am_i()
    lifecycle.enable(ana, connection)
    assert connection.state == State.READY
    assert connection.dataverse().who_am_i()


def test_disabling_by_somebody_who_may_not_there_stops_calls_here(world, ana, team, connection):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    failure = lifecycle.disable(Actor.person(ben), connection)
    assert failure
    assert connection.state == State.DISABLED
    assert failure in connection.reason
    with pytest.raises(Unavailable):
        connection.dataverse()


def test_removal_leaves_nothing_that_could_sign_in(ana, connection):
    removal.remove(ana, connection)
    connection.refresh_from_db()
    assert connection.state == State.REMOVING
    with pytest.raises(Unavailable):
        connection.dataverse()
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.REMOVED, connection.reason
    left = remote(ana, connection)
    assert (left.applications, left.principals, left.roles, left.users, left.enabled_users) == (0, 0, 0, 1, 0)
    certificate = connection.certificates.get()
    assert certificate.state == Certificate.State.REMOVED
    assert certificate.sealed_key == ""


def test_a_removed_connection_frees_its_name(ana, connection, make_connection):
    name = connection.name
    removal.remove(ana, connection)
    run_due(early=True)
    assert make_connection(ana, name).name == name


def test_removal_is_refused_while_an_integration_is_bound(ana, team, connection):
    integration = Integration.objects.create(
        name="Sales", service_name="sales_is", team=team, environment=connection.environment
    )
    stage = Stage.objects.create(team=team, name="Development", slug="development")
    Binding.objects.create(integration=integration, stage=stage, connection=connection)
    with pytest.raises(Clash, match="Sales on Development"):
        removal.remove(ana, connection)
    connection.refresh_from_db()
    assert connection.state == State.READY


@pytest.fixture
def ben(world, ana, team, connection):
    """A builder who may work on this very application in Entra, and administers nothing in the environment."""
    cast.consent_for_everybody(world)
    user = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, user)
    tokens = vault.tokens(Authorization.objects.get(user=ana.user))
    Graph(door(), tokens).add_owner(connection.identifiers.application_id, cast.OIDS["ben"])
    return Actor.person(user)


def test_what_cannot_be_removed_is_kept_as_reasons_and_tried_again(ana, ben, connection):
    removal.remove(ben, connection)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.REMOVING
    assert "Security role" in connection.reason
    left = remote(ana, connection)
    assert left.applications == 0, "one refusal kept the rest from being removed"
    assert left.roles == left.enabled_users == 1
    removal.remove(ana, connection)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.REMOVED, connection.reason
    assert remote(ana, connection).roles == 0


def test_forgetting_writes_down_what_is_left(ben, connection):
    with pytest.raises(Clash):
        removal.abandon(ben, connection)
    removal.remove(ben, connection)
    run_due(early=True)
    connection.refresh_from_db()
    removal.abandon(ben, connection)
    connection.refresh_from_db()
    assert connection.state == State.REMOVED, connection.reason
    assert "Security role" in connection.reason
    assert connection.certificates.get().sealed_key == ""


def test_the_role_follows_what_is_wanted_when_an_administrator_asks(ana, connection):
    with pytest.raises(MicrosoftError):
        connection.dataverse().list("accounts", select=("name",), top=1)
    privileges.record(ana, connection, READ_ACCOUNTS)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert connection.dataverse().list("accounts", select=("name",), top=1).records
    privileges.record(ana, connection, {})
    run_due(early=True)
    held = _as(ana, connection).role_privileges(connection.identifiers.role_id)
    assert "prvReadAccount" not in held


def test_somebody_else_leaves_it_role_pending_until_an_administrator_applies(world, ana, team, connection):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    privileges.record(Actor.person(ben), connection, READ_ACCOUNTS)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.ROLE_PENDING
    assert "System Administrator" in connection.reason
    privileges.apply(ana, connection)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert connection.reason == ""


def test_what_was_bound_during_provisioning_is_applied_after_it(ana, make_connection):
    connection = make_connection(ana)
    privileges.record(ana, connection, READ_ACCOUNTS)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert connection.dataverse().list("accounts", select=("name",), top=1).records
