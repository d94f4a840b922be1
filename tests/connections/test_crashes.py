"""A worker that dies immediately before or after any request leaves one of each, in the end."""

import pytest

from accounts.models import Authorization
from connections import clients
from connections.models import Connection
from connections.services import removal
from jobs.models import JobRun
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


def test_provisioning_survives_a_crash_around_every_request(world, ana, make_connection, wire):
    points = 0
    for number in range(1, MOST):
        died = False
        for after in (False, True):
            connection = make_connection(ana, f"Crash {number}{'b' if after else 'a'}")
            wire.crash(number, after=after)
            died = crashes.run_until_dead()
            address = wire.addresses[-1] if wire.addresses else ""
            wire.crash(0, after=False)
            if died:
                _fresh_process()
                crashes.restart()
                points += 1
            connection.refresh_from_db()
            where = f"{'after' if after else 'before'} request {number}: {address}"
            assert connection.state == State.READY, (where, connection.reason)
            assert remote(ana, connection) == one_of_each(), where
            assert named_applications(world, connection) == 1, where
            assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
            assert JobRun.objects.filter(subject_id=str(connection.pk)).count() == 1
        if not died:
            break
    else:
        pytest.fail(f"{MOST} requests, and still more to come")
    assert points >= 30, "hardly anything crashed, so hardly anything was shown"


def test_removal_survives_a_crash_around_every_request(world, ana, make_connection, wire):
    for number in range(1, MOST):
        died = False
        for after in (False, True):
            wire.crash(0, after=False)
            connection = make_connection(ana, f"Gone {number}{'b' if after else 'a'}")
            crashes.run_until_dead()
            removal.remove(ana, connection)
            wire.crash(number, after=after)
            died = crashes.run_until_dead()
            wire.crash(0, after=False)
            if died:
                crashes.restart()
            connection.refresh_from_db()
            assert connection.state == State.REMOVED, (number, after, connection.reason)
            left = remote(ana, connection)
            assert (left.applications, left.principals, left.roles, left.enabled_users) == (0, 0, 0, 0), left
        if not died:
            break
    else:
        pytest.fail(f"{MOST} requests, and still more to come")


def test_the_authorization_outlives_all_this(world, ana, make_connection, wire):
    """A crash within a token refresh holds its lease for a while, and no longer."""
    connection = make_connection(ana)
    wire.crash(1, after=False)
    assert crashes.run_until_dead()
    wire.crash(0, after=False)
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
