"""A worker that dies immediately before or after any request of a rotation leaves one key, in the end."""

import pytest

from connections import clients
from connections.models import Certificate
from connections.rotation import profile
from connections.services import rotation
from tests.connections import crashes
from tests.connections.remote import one_of_each, remote

MOST = 20  # more than a rotation ever sends; the last line says when this is too small


@pytest.fixture
def wire(monkeypatch):
    impatient = profile.Profile(settling=0, proofs=1, gap=0, patience=60, overlap=0, jitter=0)
    monkeypatch.setitem(profile.PROFILES, False, impatient)
    return crashes.Requests(monkeypatch)


def _survives(ana, connection, wire, ask, *, least):
    points = 0
    for number in range(1, MOST):
        for after in (False, True):
            if after and not wire.changes():
                continue
            where = f"{'after' if after else 'before'} request {number}"
            before = connection.certificates.get(state=Certificate.State.ACTIVE)
            clients._tokens.clear()
            ask(ana, connection)
            wire.crash(number, after=after)
            died = crashes.run_until_dead()
            wire.rest()
            if died:
                points += 1
                clients._tokens.clear()
                crashes.restart()
            connection.refresh_from_db()
            assert connection.state == "ready", (where, wire.struck, connection.reason)
            now = connection.certificates.get(state=Certificate.State.ACTIVE)
            assert now.pk != before.pk, (where, wire.struck)
            living = connection.certificates.exclude(state=Certificate.State.REMOVED)
            assert living.count() == 1, (where, wire.struck, list(living.values("state")))
            assert remote(ana, connection) == one_of_each(), (where, wire.struck)
            assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
            if not died:
                assert points >= least, "hardly anything crashed, so hardly anything was shown"
                return
    pytest.fail(f"{MOST} requests, and still more to come")


def test_rotation_survives_a_crash_around_every_request(ana, connection, wire):
    _survives(ana, connection, wire, rotation.rotate, least=6)


@pytest.mark.long
def test_replacing_a_leaked_key_survives_a_crash_around_every_request(ana, connection, wire):
    """A crash between disabling and enabling the application user must not leave it disabled."""
    _survives(ana, connection, wire, rotation.compromise, least=10)
