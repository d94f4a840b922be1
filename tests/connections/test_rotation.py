"""Rotation against the sandbox: by itself, by a person, after expiry, after a leak, and under load."""

import threading
import time

import pytest
import time_machine
from django.db import connections as databases
from django.urls import reverse

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, Role
from accounts.reach import Reach
from connections import clients
from connections.clients import dataverse_for
from connections.models import Certificate, Connection
from connections.rotation import candidate
from connections.services import creation, environments, lifecycle, rotation
from connections.tasks import ROTATION_ROUND, keep_schedules
from core import clock
from core.cloud import cloud, door
from core.problems import Clash
from jobs import services as jobs
from jobs.models import JobRun, Schedule
from jobs.testing import run_due
from microsoft.certificates import make_certificate
from microsoft.errors import CredentialRejected
from microsoft.graph import Graph
from tests.connections import cast
from tests.connections.remote import one_of_each, remote

State = Certificate.State
DAY = 86400
SYSTEM = Actor.system("rotation")


def _states(connection):
    return sorted(connection.certificates.values_list("state", flat=True))


def _active(connection):
    return connection.certificates.get(state=State.ACTIVE)


def _keys(actor, connection):
    authorization = Authorization.objects.get(user=actor.user)
    graph = Graph(door(), vault.tokens(authorization))
    return {key.thumbprint for key in graph.application(connection.identifiers.application_id).keys}


def test_a_rotation_replaces_the_key_and_leaves_one(ana, connection, patient):
    old = _active(connection)
    rotation.rotate(ana, connection)
    run_due(early=True)
    connection.refresh_from_db()
    new = _active(connection)
    assert new.pk != old.pk
    assert (connection.state, connection.reason) == (Connection.State.READY, "")
    assert _keys(ana, connection) == {new.thumbprint_sha1}
    assert remote(ana, connection) == one_of_each()
    old.refresh_from_db()
    assert (old.state, old.sealed_key) == (State.REMOVED, "")
    assert new.proofs == 2
    assert dataverse_for(connection).who_am_i().user_id == connection.identifiers.application_user_id


def test_the_old_key_stays_for_the_overlap(ana, connection, patient):
    patient(overlap=3600)
    old = _active(connection)
    with time_machine.travel(clock.now(), tick=True) as traveller:
        rotation.rotate(ana, connection)
        run_due()
        assert _states(connection) == [State.ACTIVE, State.RETIRING]
        assert len(_keys(ana, connection)) == 2
        later = jobs.for_subject(connection).get(state=JobRun.State.QUEUED)
        assert 3500 < (later.not_before - clock.now()).total_seconds() <= 3600
        traveller.shift(3601)
        run_due()
        assert _keys(ana, connection) == {_active(connection).thumbprint_sha1}
    old.refresh_from_db()
    assert old.state == State.REMOVED


@pytest.mark.parametrize("overlap", [20, 3600])
def test_waiting_for_the_overlap_keeps_nobody_from_anything(client, ana, connection, patient, overlap):
    """Nor does its end, when the removal is only a moment away."""
    patient(overlap=overlap)
    rotation.rotate(ana, connection)
    run_due()
    client.force_login(ana.user)
    page = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert reverse("connections:disable", args=[connection.pk]) in page
    assert reverse("connections:steps", args=[connection.pk]) not in page, "the page waits for something"
    first = _active(connection)
    rotation.rotate(ana, connection)
    run_due()
    assert _active(connection).pk != first.pk


def test_an_old_key_that_cannot_be_removed_now_is_left_to_the_next_round(ana, connection, saboteur, patient):
    """Nobody is asked for what the application does by itself once it can vouch for itself again."""
    patient(overlap=60)
    with time_machine.travel(clock.now(), tick=True) as traveller:
        rotation.rotate(ana, connection)
        run_due()
        saboteur.principal_disabled()
        clients._tokens.clear()
        traveller.shift(61)
        run_due()
        connection.refresh_from_db()
        removal = jobs.for_subject(connection).get(payload__stage="retire")
        assert (removal.state, removal.result["left"]) == (JobRun.State.SUCCEEDED, 1)
        assert (connection.state, connection.reason) == (Connection.State.READY, "")
        assert len(_keys(ana, connection)) == 2
        saboteur.graph.set_service_principal_enabled(connection.identifiers.service_principal_id, True)
        jobs.request(ROTATION_ROUND, actor=SYSTEM)
        run_due()
    assert _keys(ana, connection) == {_active(connection).thumbprint_sha1}
    assert _states(connection) == [State.ACTIVE, State.REMOVED]


def test_a_rotation_that_waits_is_gone_on_with_by_its_own_button(client, ana, connection, saboteur, patient):
    saboteur.key_deleted()
    rotation.rotate(SYSTEM, connection)
    run_due()
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.DEGRADED)
    client.force_login(ana.user)
    page = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert "Waiting for a person" in page
    assert "press Rotate now" in page
    assert "Press Continue" not in page, "it would provision, and rotate nothing"
    assert "Provision again" in page


def test_proofs_are_apart_and_the_run_between_them_is_over(ana, connection, patient):
    patient(proofs=3, gap=300)
    with time_machine.travel(clock.now(), tick=True) as traveller:
        rotation.rotate(ana, connection)
        for proofs in (1, 2):
            run_due()
            assert connection.certificates.get(state=State.PUBLISHED).proofs == proofs
            assert not JobRun.objects.filter(state=JobRun.State.RUNNING).exists()
            traveller.shift(301)
        run_due()
    assert _active(connection).proofs == 3


def test_it_begins_by_itself_when_a_third_of_the_life_is_left(world, ana, connection, patient):
    old = _active(connection)
    Authorization.objects.all().delete()  # nobody is there
    ana.user.is_active = False
    ana.user.save()
    with time_machine.travel(clock.now(), tick=True) as traveller:
        traveller.shift(119 * DAY)
        assert rotation.needing_rotation() == []
        traveller.shift(2 * DAY)
        jobs.request(ROTATION_ROUND, actor=SYSTEM)
        run_due()
        new = _active(connection)
        assert new.pk != old.pk
        clients._tokens.clear()
        assert dataverse_for(connection).who_am_i()
        assert rotation.needing_rotation() == []


def test_the_clock_has_the_round_in_its_table(db):
    keep_schedules()
    keep_schedules()
    schedule = Schedule.objects.get(kind=ROTATION_ROUND)
    assert schedule.interval == DAY


def test_when_every_key_has_expired_it_waits_for_a_person(world, ana, connection, patient):
    old = _active(connection)
    with time_machine.travel(clock.now(), tick=True) as traveller:
        traveller.shift(181 * DAY)
        jobs.request(ROTATION_ROUND, actor=SYSTEM)
        run_due()
        run = rotation.unfinished(connection).get()
        assert run.state == JobRun.State.WAITING
        assert "Rotate now" in run.error["message"]
        connection.refresh_from_db()
        assert connection.state == Connection.State.EXPIRED
        Authorization.objects.all().delete()
        cast.authorise(world, ana.user)
        mine = rotation.rotate(ana, connection)
        assert mine.pk != run.pk
        run_due()
        mine.refresh_from_db()
        assert mine.state == JobRun.State.SUCCEEDED, mine.error
        connection.refresh_from_db()
        assert (connection.state, connection.reason) == (Connection.State.READY, "")
        new = _active(connection)
        assert new.pk != old.pk
        assert _keys(ana, connection) == {new.thumbprint_sha1}
        clients._tokens.clear()
        assert dataverse_for(connection).who_am_i()


def test_a_key_that_somebody_deleted_is_replaced_by_a_person(ana, connection, patient):
    graph = Graph(door(), vault.tokens(Authorization.objects.get(user=ana.user)))
    graph.set_keys(connection.identifiers.application_id, keep=[])
    rotation.rotate(SYSTEM, connection)
    run_due()
    assert rotation.unfinished(connection).get().state == JobRun.State.WAITING
    rotation.rotate(ana, connection)
    run_due()
    assert _keys(ana, connection) == {_active(connection).thumbprint_sha1}
    assert remote(ana, connection) == one_of_each()


def test_two_at_once_are_one(ana, connection, patient):
    runs = []

    def ask():
        try:
            runs.append(rotation.rotate(ana, connection).pk)
        finally:
            databases.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 4
    assert len(set(runs)) == 1
    run_due(early=True)
    assert connection.certificates.count() == 2


def test_a_person_does_not_wait_for_the_place_in_the_daily_round(ana, connection, patient):
    patient(jitter=3600)
    placed = rotation.rotate(SYSTEM, connection, not_before=clock.after(1800))
    assert rotation.rotate(SYSTEM, connection).pk == placed.pk
    assert rotation.rotate(ana, connection).pk != placed.pk
    run_due()
    placed.refresh_from_db()
    assert placed.state == JobRun.State.CANCELLED
    assert connection.certificates.count() == 2


def test_a_candidate_that_leaked_at_the_last_moment_is_not_put_to_use(ana, connection, patient, monkeypatch):
    """The declaration comes between the last proof and the switch of a run that is under way."""
    real, leaked = candidate.prove, []

    def prove(work, certificate):
        later = real(work, certificate)
        if not leaked:
            leaked.append(certificate.pk)
            rotation.compromise(ana, connection)
        return later

    monkeypatch.setattr(candidate, "prove", prove)
    rotation.rotate(ana, connection)
    run_due()
    active = _active(connection)
    assert active.pk not in leaked
    assert active.compromised_at is None
    assert _keys(ana, connection) == {active.thumbprint_sha1}


def test_a_run_that_is_carried_out_twice_rotates_once(ana, connection, patient):
    run = rotation.rotate(ana, connection)
    run_due(early=True)
    new = _active(connection)
    JobRun.objects.filter(pk=run.pk).update(state=JobRun.State.QUEUED, finished_at=None)
    run_due(early=True)
    assert _active(connection).pk == new.pk


def test_compromised_removes_everything_else_and_ends_what_is_under_way(ana, connection, patient):
    patient(overlap=DAY, proofs=3, gap=300)
    old = _active(connection)
    stolen = clients.certificate_tokens(connection, old)
    graph = Graph(door(), vault.tokens(Authorization.objects.get(user=ana.user)))
    application = graph.application(connection.identifiers.application_id)
    graph.set_keys(application.id, keep=application.keys, add=[make_certificate("a stranger").der_base64])
    run = rotation.compromise(ana, connection)
    run_due()
    run.refresh_from_db()
    assert run.state == JobRun.State.SUCCEEDED, run.error
    assert run.result["strangers removed"] == 1
    assert run.result["application user"] == "disabled and enabled again"
    assert _keys(ana, connection) == {_active(connection).thumbprint_sha1}
    scope = cloud().environment_default_scope(connection.environment.url)
    with pytest.raises(CredentialRejected):
        stolen.token(scope)
    old.refresh_from_db()
    assert (old.state, old.sealed_key) == (State.REMOVED, "")
    assert dataverse_for(connection).who_am_i()


def test_a_leak_in_the_middle_of_a_rotation_spares_no_key(ana, connection, patient):
    patient(proofs=2, gap=300)
    rotation.rotate(ana, connection)
    run_due()
    half_way = connection.certificates.get(state=State.PUBLISHED)
    rotation.compromise(ana, connection)
    run_due()
    half_way.refresh_from_db()
    assert half_way.state == State.REMOVED
    assert _keys(ana, connection) == {_active(connection).thumbprint_sha1}


def test_whoever_may_not_touch_the_environment_still_replaces_the_key(world, team, ana, connection, patient):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    old = _active(connection)
    run = rotation.compromise(Actor.person(ben), connection)
    run_due()
    run.refresh_from_db()
    assert run.state == JobRun.State.SUCCEEDED, run.error
    assert "not looked for" in run.result["strangers removed"]
    assert "left as it was" in run.result["application user"]
    assert old.thumbprint_sha1 not in _keys(ana, connection)


def test_a_disabled_connection_is_not_rotated(ana, connection, patient):
    lifecycle.disable(ana, connection)
    with pytest.raises(Clash):
        rotation.rotate(ana, connection)
    assert rotation.needing_rotation() == []


def test_the_dry_run_changes_nothing(ana, connection):
    before = _keys(ana, connection)
    plan = rotation.plan(connection)
    assert plan.due_at < _active(connection).not_after
    assert [word for step in plan.steps for word in ("Prove", "Switch") if step.startswith(word)] == [
        "Prove",
        "Switch",
    ]
    assert _keys(ana, connection) == before
    assert connection.certificates.count() == 1
    assert not JobRun.objects.filter(kind="connections.rotate").exists()


def test_a_client_that_outlives_a_rotation_goes_on(ana, connection, patient):
    client = dataverse_for(connection)
    rotation.rotate(ana, connection)
    run_due(early=True)
    # No token yet: the client made before the rotation asks with the key that is gone by now.
    assert client.who_am_i().user_id == connection.identifiers.application_user_id


def test_no_call_fails_during_a_rotation_with_replication_delay(new_sandbox, connect_to, team, patient):
    world = connect_to(new_sandbox())
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    ana = Actor.person(user)
    dev = world.places.environments["contoso-dev"]
    connection = creation.create(ana, team, environments.find(ana, dev))
    run_due(early=True)
    world.directory.settings.change({"replication_delay": 2})
    patient(proofs=2, gap=0.5, overlap=1)
    load = Load(connection, callers=20)
    rotation.rotate(ana, connection)
    deadline = time.monotonic() + 60
    with load:
        while time.monotonic() < deadline and State.REMOVED not in _states(connection):
            run_due()
            time.sleep(0.05)
    assert load.failures == []
    assert _states(connection) == [State.ACTIVE, State.REMOVED]
    assert len(load.answers) >= 100
    assert set(load.answers) == {connection.identifiers.application_user_id}


class Load:
    """Callers in threads of their own, every fourth of them always as a worker that has just been started."""

    def __init__(self, connection, callers):
        self._connection = connection
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n % 4 == 0,)) for n in range(callers)]
        self.failures, self.answers = [], []

    def __enter__(self):
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_error):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _call(self, forgetful):
        try:
            while not self._over.is_set():
                if forgetful:
                    clients.forget(self._connection)
                self.answers.append(dataverse_for(self._connection).who_am_i().user_id)
        except Exception as error:  # noqa: BLE001  whatever it is, it is a failed call
            self.failures.append(error)
        finally:
            databases.close_all()
