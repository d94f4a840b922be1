"""A worker that dies immediately before or after any request leaves one of each, in the end."""

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import Authorization
from connections import clients
from connections.models import Connection
from connections.services import removal
from jobs.models import JobRun
from tests.broker_fixtures import subprocess_environment
from tests.connections import crashes
from tests.connections.remote import Remote, named_applications, one_of_each, remote

State = Connection.State


@pytest.fixture
def wire(monkeypatch):
    return crashes.Requests(monkeypatch)


in_part_or_whole = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])


@in_part_or_whole
def test_provisioning_survives_a_crash_around_every_request(world, ana, make_connection, wire, whole):
    points = 0
    for connection, where in crashes.around_each(wire, lambda name: make_connection(ana, name), whole=whole):
        points += 1
        connection.refresh_from_db()
        assert connection.state == State.READY, (where, connection.reason)
        assert remote(ana, connection) == one_of_each(), where
        assert named_applications(world, connection) == 1, where
        assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
        assert JobRun.objects.filter(subject_id=str(connection.pk)).count() == 1
    assert points >= (50 if whole else 9), "hardly anything crashed, so hardly anything was shown"


@pytest.mark.parametrize(
    ("when", "where"),
    [
        ("after", "PATCH https://localhost"),  # the application is there, and nobody has noted it
        ("after", "/systemusers"),
        ("before", "/$ref"),
    ],
)
def test_a_process_that_is_gone_for_good(world, ana, make_connection, when, where):
    """The same with a process of its own, which leaves by os._exit: no cleaning up of any kind."""
    connection = make_connection(ana)
    script = Path(__file__).with_name("dying_worker.py")
    app = world.front_app
    environment = {
        **subprocess_environment(),
        "CLOUD_FILE": str(world.cloud_file),
        "ENTRA_CLIENT_ID": app.client_id,
        "ENTRA_CLIENT_SECRET": app.client_secret,
        "PYTHONPATH": str(script.parents[2]),
    }
    died = subprocess.run([sys.executable, script, when, where], env=environment, timeout=120, check=False)
    assert died.returncode == 9
    assert JobRun.objects.get().state == JobRun.State.RUNNING
    crashes.restart()
    connection.refresh_from_db()
    assert connection.state == State.READY, connection.reason
    assert remote(ana, connection) == one_of_each()
    assert named_applications(world, connection) == 1


@in_part_or_whole
def test_removal_survives_a_crash_around_every_request(world, ana, make_connection, wire, whole):
    def prepare(name):
        connection = make_connection(ana, name)
        assert not crashes.run_until_dead()
        removal.remove(ana, connection)
        return connection

    points = 0
    for connection, where in crashes.around_each(wire, prepare, whole=whole):
        points += 1
        connection.refresh_from_db()
        assert connection.state == State.REMOVED, (where, connection.reason)
        left = remote(ana, connection)
        assert (left.applications, left.principals, left.roles, left.users) == (0, 0, 0, 1), (where, left)
        assert left.enabled_users == 0, where
    assert points >= (20 if whole else 6)


@in_part_or_whole
def test_undo_survives_a_crash_around_every_request(world, ana, make_connection, wire, whole):
    """Of what had come to an application user that nobody had noted yet."""

    def prepare(name):
        connection = make_connection(ana, name)
        wire.crash_at("systemusers")
        assert crashes.run_until_dead()
        wire.rest()
        removal.remove(ana, connection)
        crashes.reclaim()
        return connection

    points = 0
    for connection, where in crashes.around_each(wire, prepare, whole=whole):
        points += 1
        connection.refresh_from_db()
        assert connection.state == State.REMOVED, (where, connection.reason)
        left = remote(ana, connection)
        assert (left.applications, left.principals, left.roles, left.users) == (0, 0, 0, 0), (where, left)
        assert named_applications(world, connection) == 0, where
    assert points >= (20 if whole else 6)


def test_the_authorization_outlives_all_this(world, ana, make_connection, wire):
    """A crash within a token refresh holds its lease for a while, and no longer."""
    connection = make_connection(ana)
    wire.crash(1, after=False)
    assert crashes.run_until_dead()
    wire.rest()
    crashes.restart()
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert Authorization.objects.get(user=ana.user).state == "live"


def test_remote_counts_would_show_an_orphan(ana, connection):
    """The yardstick itself: a second role with the connection's mark is seen."""
    authorization = Authorization.objects.get(user=ana.user)
    environment = clients.dataverse_as(authorization, connection.environment)
    known = connection.identifiers
    from connections.names import short_id

    environment.create_role(f"Stray ({short_id(connection)})", known.business_unit_id)
    assert remote(ana, connection) == Remote(**{**vars(one_of_each()), "roles": 2})
