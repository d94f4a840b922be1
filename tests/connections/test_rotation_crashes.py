"""A worker that dies immediately before or after any request of a rotation leaves one key, in the end."""

import pytest

from connections.models import Certificate
from connections.rotation import profile
from connections.services import rotation
from tests.connections import crashes
from tests.connections.remote import one_of_each, remote


@pytest.fixture
def wire(monkeypatch):
    impatient = profile.Profile(settling=0, proofs=1, gap=0, patience=60, overlap=0, jitter=0)
    monkeypatch.setitem(profile.PROFILES, False, impatient)
    return crashes.Requests(monkeypatch)


def _survives(ana, connection, wire, ask, *, whole, least):
    def prepare(_name):
        before.append(connection.certificates.get(state=Certificate.State.ACTIVE))
        ask(ana, connection)
        return connection

    before: list[Certificate] = []
    for _connection, where in crashes.around_each(wire, prepare, whole=whole):
        connection.refresh_from_db()
        assert connection.state == "ready", (where, connection.reason)
        now = connection.certificates.get(state=Certificate.State.ACTIVE)
        assert now.pk != before[-1].pk, where
        living = connection.certificates.exclude(state=Certificate.State.REMOVED)
        assert living.count() == 1, (where, list(living.values("state")))
        assert remote(ana, connection) == one_of_each(), where
        assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
    assert len(before) >= least, "hardly anything crashed, so hardly anything was shown"


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
def test_rotation_survives_a_crash_around_every_request(ana, connection, wire, whole):
    _survives(ana, connection, wire, rotation.rotate, whole=whole, least=12 if whole else 4)


@pytest.mark.long
def test_replacing_a_leaked_key_survives_a_crash_around_every_request(ana, connection, wire):
    """A crash between disabling and enabling the application user must not leave it disabled."""
    _survives(ana, connection, wire, rotation.compromise, whole=True, least=16)
