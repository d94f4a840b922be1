"""What goes on around a run while it reads: Redis is lost, the certificate is rotated, a clock is set back."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine

from accounts import vault
from accounts.models import Authorization
from connections.clients import forget
from connections.governor import shared
from connections.models import Certificate
from connections.provisioning.application import der
from connections.services import rotation
from core import clock
from core.cloud import door
from jobs import scheduling
from jobs.models import JobRun, Schedule
from jobs.testing import run_due
from microsoft.graph import Graph
from sync import work
from sync.engine.source import Source
from sync.services import runs
from tests.connections.conftest import patient  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
State = JobRun.State


@pytest.fixture
def in_the_middle(monkeypatch):
    """`in_the_middle(do)`: pages are small, and `do` happens once, behind the second page."""
    monkeypatch.setattr(work, "Source", partial(Source, page_size=25))

    def arrange(do):
        real, pages = work._Reporter.__call__, []

        def report(self, state):
            real(self, state)
            pages.append(state.read)
            if len(pages) == 2:
                do()

        monkeypatch.setattr(work._Reporter, "__call__", report)
        return pages

    return arrange


def _contact(sync):
    return sync.entities.get(logical_name="contact")


def test_a_redis_that_is_lost_costs_a_run_nothing(
    sync, sample_owner, in_the_middle, mirror, settings, tmp_path
):
    def lose():
        settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
        shared.forget()

    pages = in_the_middle(lose)
    runs.run_now(sample_owner, sync, only=_contact(sync))
    there = settings.REDIS_URL
    try:
        (run,) = run_due()
        assert shared.ask("anything", "read") is None
    finally:
        settings.REDIS_URL = there
        shared.forget()
    assert (run.state, run.attempt) == (State.SUCCEEDED, 1), run.error
    assert len(pages) > 3
    assert len(mirror(sync, "contact")) == run.result["rows"] > 100


def test_a_certificate_that_is_rotated_costs_a_run_nothing(
    sync,
    sample_owner,
    in_the_middle,
    mirror,
    patient,  # noqa: F811
):
    patient(overlap=86400)
    connection = sync.integration.bindings.get().connection
    active = connection.certificates.filter(state=Certificate.State.ACTIVE)
    before = active.get().pk
    wanted = []

    def rotate():
        rotation.rotate(sample_owner, connection)
        wanted.extend(run_due())
        forget(connection)  # its tokens have run out as well
        wanted.append(active.get().pk)

    in_the_middle(rotate)
    runs.run_now(sample_owner, sync, only=_contact(sync))
    (run,) = run_due()
    assert wanted[-1] != before, "it was rotated in the middle of the run"
    assert (run.state, run.attempt) == (State.SUCCEEDED, 1), run.error
    assert len(mirror(sync, "contact")) == run.result["rows"] > 100


@pytest.fixture
def leaving_key(sync, sample_owner):
    """The key that a test has removed. It is given back: the rows of other tests know no other one."""
    connection = sync.integration.bindings.get().connection
    key = connection.certificates.get(state=Certificate.State.ACTIVE)
    yield key
    graph = Graph(door(), vault.tokens(Authorization.objects.get(user=sample_owner.user)))
    graph.set_keys(connection.identifiers.application_id, keep=[], add=[der(key)])


@pytest.mark.parametrize("ask", [rotation.rotate, rotation.compromise])
def test_a_run_goes_on_when_the_key_that_it_began_with_is_gone(
    sync,
    sample_owner,
    leaving_key,
    in_the_middle,
    mirror,
    patient,  # noqa: F811
    sandbox,
    ask,
):
    """Behind the second page Entra refuses the key, and Dynamics the token that the run has by it."""
    connection = leaving_key.connection
    refused = []

    def replace():
        ask(sample_owner, connection)
        run_due()
        leaving_key.refresh_from_db()
        refused.append(sandbox.faults.add({"kind": "claims_challenge", "path": "contacts", "count": 1}))

    in_the_middle(replace)
    runs.run_now(sample_owner, sync, only=_contact(sync))
    run = run_due(early=True)[-1]
    assert (leaving_key.state, leaving_key.sealed_key) == (Certificate.State.REMOVED, "")
    assert [each.hits for each in refused] == [1], "another token was needed"
    assert (run.state, run.attempt) == (State.SUCCEEDED, 1), run.error
    assert len(mirror(sync, "contact")) == run.result["rows"] > 100


def test_a_run_waits_where_entra_has_not_heard_of_the_new_key_yet(
    sync,
    sample_owner,
    leaving_key,
    in_the_middle,
    mirror,
    patient,  # noqa: F811
    sandbox,
):
    """One server of Entra may know the old key no longer and the new one not yet: that passes by itself."""
    connection = leaving_key.connection
    graph = Graph(door(), vault.tokens(Authorization.objects.get(user=sample_owner.user)))
    here = connection.identifiers.application_id

    def replace():
        rotation.rotate(sample_owner, connection)
        run_due()
        graph.set_keys(here, keep=[])
        sandbox.faults.add({"kind": "claims_challenge", "path": "contacts", "count": 1})

    in_the_middle(replace)
    runs.run_now(sample_owner, sync, only=_contact(sync))
    (run,) = (each for each in run_due() if each.kind == work.KIND)
    assert run.state == State.QUEUED, run.error
    graph.set_keys(here, keep=[], add=[der(connection.certificates.get(state=Certificate.State.ACTIVE))])
    run = run_due(early=True)[-1]
    assert (run.state, run.attempt) == (State.SUCCEEDED, 2), run.error
    assert len(mirror(sync, "contact")) == run.result["rows"] > 100


def test_a_beat_that_was_down_for_an_hour_makes_one_run_that_catches_up(sync):
    schedule = Schedule.objects.get(pk=sync.schedule_id)
    Schedule.objects.filter(pk=schedule.pk).update(interval=600)
    due = schedule.next_slot
    with time_machine.travel(due + timedelta(hours=1, seconds=5), tick=False):
        assert [scheduling.run_due_schedules() for _ in range(3)] == [1, 0, 0]
    assert schedule.runs.get().slot == due + timedelta(hours=1)


def test_a_clock_that_jumps_back_neither_repeats_a_slot_nor_silences_a_sync(sync):
    schedule = Schedule.objects.get(pk=sync.schedule_id)
    now = clock.now()
    with time_machine.travel(now + timedelta(days=1), tick=False):
        assert scheduling.run_due_schedules() == 1
        schedule.runs.update(state=State.SUCCEEDED)
    with time_machine.travel(now, tick=False) as traveller:
        assert scheduling.run_due_schedules() == 0
        traveller.shift(schedule.interval + 1)
        assert scheduling.run_due_schedules() == 1, "it does not wait for the day that the clock had made up"
        assert scheduling.run_due_schedules() == 0
    assert schedule.runs.values("slot").distinct().count() == schedule.runs.count() == 2
