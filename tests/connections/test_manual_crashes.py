"""A worker that dies immediately before or after any request about a manual connection leaves one of each, or none."""

import pytest

from accounts.actors import Actor
from accounts.models import Role
from accounts.reach import Reach
from connections.manual import entra
from connections.models import Certificate, Connection
from connections.services import creation, environments, manual, removal
from jobs.models import JobRun
from tests.connections import administrator, cast, crashes
from tests.connections.remote import remote

State = Connection.State
in_part_or_whole = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])


@pytest.fixture
def wire(monkeypatch):
    monkeypatch.setattr(entra, "PATIENCE", 0.0)
    return crashes.Requests(monkeypatch)


@pytest.fixture
def registered(world, team, dev):
    """Makes a manual connection that the administrator has registered, and has its identifiers entered."""

    def make(actor, name, let_in=None):
        draft = creation.create_manual(actor, team, environments.find(actor, dev), name)
        application = administrator.register(world, draft)
        if let_in is not None:
            administrator.let_in(let_in, draft, application.app_id, draft.wanted_role)
        manual.enter(actor, draft, application.app_id, application.id)
        return draft

    return make


def _holds(ana, connection, where):
    connection.refresh_from_db()
    assert connection.state == State.READY, (where, connection.reason)
    there = remote(ana, connection)
    assert (there.roles, there.users, there.enabled_users, there.assignments) == (1, 1, 1, 1), (where, there)
    assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id
    assert connection.certificates.get().state == Certificate.State.ACTIVE, where
    assert JobRun.objects.filter(subject_id=str(connection.pk)).count() == 1


@in_part_or_whole
def test_verifying_by_an_administrator_of_the_environment(ana, registered, wire, whole):
    """User and role are made on the way."""
    points = 0
    for connection, where in crashes.around_each(wire, lambda name: registered(ana, name), whole=whole):
        points += 1
        _holds(ana, connection, where)
    assert points >= (30 if whole else 7)


@pytest.mark.long
def test_verifying_by_somebody_who_only_looks(world, ana, team, registered, wire):
    user = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, user, Reach.IDENTITY)
    ben = Actor.person(user)
    for connection, where in crashes.around_each(
        wire, lambda name: registered(ben, name, let_in=ana), whole=True
    ):
        _holds(ana, connection, where)


@in_part_or_whole
def test_removing(world, ana, registered, wire, whole):
    def prepare(name):
        connection = registered(ana, name)
        assert not crashes.run_until_dead()
        removal.remove(ana, connection)
        return connection

    points = 0
    for connection, where in crashes.around_each(wire, prepare, whole=whole):
        points += 1
        connection.refresh_from_db()
        assert connection.state == State.REMOVED, (where, connection.reason)
        left = remote(ana, connection)
        assert (left.roles, left.users, left.enabled_users) == (0, 1, 0), (where, left)
        assert world.directory.applications.by_app_id(connection.identifiers.client_id) is None, where
        assert connection.certificates.get().sealed_key == ""
    assert points >= (14 if whole else 5)
