"""A job acts with the authorization of the person who asks for it, and of nobody else, whoever asked before."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Authorization, Role
from connections.models import Connection
from connections.services import provisioning, removal
from core.clock import now
from jobs import services as jobs
from jobs.models import JobRun
from jobs.testing import run_due
from tests.connections import cast
from tests.connections.remote import one_of_each, remote

State = Connection.State
ANA, BEN = "ana@contoso.example", "ben@contoso.example"


@pytest.fixture
def ben(world, team):
    """A builder who may register applications and administers the environment no less than Ana."""
    cast.consent_for_everybody(world)
    user = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, user)
    return Actor.person(user)


def _people(world):
    """Who has asked Graph or an environment since the journal was cleared; applications are not people."""
    callers = {entry["caller"] for entry in world.journal.entries({}) if entry["service"] != "login"}
    return {one for one in callers if "@" in one}


def _asked_by(make_connection, actor):
    """A connection whose run has failed before it reached Microsoft."""
    connection = make_connection(actor)
    run = JobRun.objects.get(subject_id=str(connection.pk))
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.FAILED, finished_at=now())
    return connection, JobRun.objects.get(pk=run.pk)


@pytest.mark.parametrize(("button", "state"), [("retry", "failed"), ("resume", "waiting")])
def test_whoever_takes_a_run_up_lends_it_their_own(world, client, ana, ben, make_connection, button, state):
    connection, run = _asked_by(make_connection, ben)
    JobRun.objects.filter(pk=run.pk).update(state=state, finished_at=None)
    world.journal.clear()
    client.force_login(ana.user)
    assert client.post(reverse(f"jobs:{button}", args=[run.pk])).status_code == 302
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY, connection.reason
    assert remote(ana, connection) == one_of_each()
    run.refresh_from_db()
    assert run.requested_by == ana.user
    assert _people(world) == {ANA}


def test_asking_anew_on_the_page_does_too(world, ana, ben, make_connection):
    connection, _run = _asked_by(make_connection, ben)
    world.journal.clear()
    provisioning.provision(ana, connection)
    run_due(early=True)
    assert _people(world) == {ANA}


@pytest.mark.parametrize("button", [jobs.retry, jobs.resume])
def test_a_weaker_hand_does_not_borrow_the_stronger_one(world, ana, ben, make_connection, button):
    """Ben, who administers nothing, takes up what Ana asked for: it stops at what he may not do."""
    connection, run = _asked_by(make_connection, ana)
    state = JobRun.State.WAITING if button is jobs.resume else JobRun.State.FAILED
    JobRun.objects.filter(pk=run.pk).update(state=state)
    world.journal.clear()
    button(ben, run)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state != State.READY
    assert ANA not in _people(world)


def test_without_an_authorization_of_their_own_it_waits_for_them(world, ana, team, make_connection):
    connection, run = _asked_by(make_connection, ana)
    bert = Actor.person(cast.member("ben", team, Role.BUILDER))
    world.journal.clear()
    jobs.retry(bert, run)
    run_due(early=True)
    run.refresh_from_db()
    assert run.state == JobRun.State.WAITING
    assert "your own authorization" in run.error["message"]
    assert world.journal.entries({}) == []
    assert not connection.certificates.exists()


@pytest.fixture
def deleted(world, ana):
    """Deletes Ana from Entra, as long as the test lasts: she is not blocked but gone."""
    oid = cast.OIDS["ana"]
    row = tuple(
        world.directory.database.read().execute("SELECT * FROM person WHERE oid = ?", (oid,)).fetchone()
    )

    def delete(*, proven_long_ago=True):
        if proven_long_ago:
            Authorization.objects.update(proven_at=now() - timedelta(minutes=10))
        world.directory.people_table.delete(oid)

    yield delete
    with world.directory.database.write() as books:
        books.execute(f"INSERT OR IGNORE INTO person VALUES ({', '.join('?' * len(row))})", row)


@pytest.mark.parametrize("proven_long_ago", [True, False])
def test_who_was_deleted_from_entra_is_told_and_their_job_waits(
    client, ana, make_connection, deleted, proven_long_ago
):
    connection = make_connection(ana)
    deleted(proven_long_ago=proven_long_ago)
    run_due(early=True)
    run = JobRun.objects.get(subject_id=str(connection.pk))
    assert run.state == JobRun.State.WAITING, (run.state, run.error)
    connection.refresh_from_db()
    for said in (run.error["message"], connection.reason):
        assert "has been deleted from the contoso.example directory" in said
    client.force_login(ana.user)
    page = client.get(reverse("accounts:authorizations")).content.decode()
    assert "has been deleted from" in page
    assert "An administrator of the tenant can restore it" in page
    page = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert "has been deleted from" in page


def test_somebody_else_finishes_what_a_deleted_person_began(world, ana, ben, connection, deleted):
    removal.remove(ana, connection)
    deleted()
    run_due(early=True)
    run = JobRun.objects.get(kind=removal.KIND)
    assert run.state == JobRun.State.WAITING
    world.journal.clear()
    jobs.resume(ben, run)
    run_due(early=True)
    assert _people(world) == {BEN}
