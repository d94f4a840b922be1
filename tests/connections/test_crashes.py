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
# More than provisioning ever sends; the last test says when this is too small.
MOST = 60


@pytest.fixture
def wire(monkeypatch):
    return crashes.Requests(monkeypatch)


def _fresh_process():
    """What dies with a process: its tokens. The vault's stay."""
    clients._tokens.clear()


def _survives(world, ana, make_connection, wire, *, everywhere: bool) -> int:
    """How many points were crashed at: before every request, and after those that change something.

    After a request that only reads, a crash leaves what one before it leaves; `everywhere` does not rely on that.
    """
    points = 0
    for number in range(1, MOST):
        for after in (False, True):
            if after and not everywhere and not wire.changes():
                continue
            connection = make_connection(ana, f"Crash {number}{'b' if after else 'a'}")
            wire.crash(number, after=after)
            died = crashes.run_until_dead()
            where = f"{'after' if after else 'before'} request {number}: {wire.struck}"
            if died:
                points += 1
                wire.rest()
                _fresh_process()
                crashes.restart()
            wire.rest()
            connection.refresh_from_db()
            assert connection.state == State.READY, (where, connection.reason)
            assert remote(ana, connection) == one_of_each(), where
            assert named_applications(world, connection) == 1, where
            assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
            assert JobRun.objects.filter(subject_id=str(connection.pk)).count() == 1
            if not died:
                return points
    raise AssertionError(f"{MOST} requests, and still more to come")


def test_provisioning_survives_a_crash_around_every_request(world, ana, make_connection, wire):
    points = _survives(world, ana, make_connection, wire, everywhere=False)
    assert points >= 30, "hardly anything crashed, so hardly anything was shown"


@pytest.mark.long
def test_provisioning_survives_a_crash_before_and_after_every_request(world, ana, make_connection, wire):
    assert _survives(world, ana, make_connection, wire, everywhere=True) >= 50


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


def test_removal_survives_a_crash_around_every_request(world, ana, make_connection, wire):
    points = 0
    for number in range(1, MOST):
        for after in (False, True):
            if after and not wire.changes():
                continue
            wire.rest()
            connection = make_connection(ana, f"Gone {number}{'b' if after else 'a'}")
            crashes.run_until_dead()
            removal.remove(ana, connection)
            wire.crash(number, after=after)
            died = crashes.run_until_dead()
            wire.rest()
            if died:
                points += 1
                crashes.restart()
            connection.refresh_from_db()
            assert connection.state == State.REMOVED, (number, after, connection.reason)
            left = remote(ana, connection)
            assert (left.applications, left.principals, left.roles, left.enabled_users) == (0, 0, 0, 0), left
            if not died:
                assert points >= 12
                return
    pytest.fail(f"{MOST} requests, and still more to come")


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
