"""The tick: schedules become runs, dead runs come back, lost messages are sent again."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.db import connections, transaction

from accounts import gate
from accounts.models import Authorization
from accounts.reach import Reach
from core import clock
from jobs import beat, engine, reconciler, resumption, scheduling, services
from jobs.models import JobRun, Pulse, Schedule
from jobs.running import WaitForPerson
from jobs.testing import run_due

State = JobRun.State
pytestmark = [pytest.mark.django_db, pytest.mark.services]


@pytest.fixture
def hourly(register):
    kind = register(lambda run: {"as": run.actor.label, "n": run.payload["n"]}, duty="upkeep")
    return scheduling.ensure_schedule("hourly", kind, interval=3600, payload={"n": 7})


def test_a_due_slot_becomes_one_run_that_acts_as_the_system(hourly):
    assert scheduling.run_due_schedules() == 0
    with time_machine.travel(hourly.next_slot + timedelta(seconds=1), tick=False):
        assert scheduling.run_due_schedules() == 1
        assert scheduling.run_due_schedules() == 0
        (run,) = run_due()
    assert (run.slot, run.schedule) == (hourly.next_slot, hourly)
    assert run.result == {"as": "Isthmus (upkeep)", "n": 7}


def test_after_an_outage_one_run_catches_up(hourly):
    with time_machine.travel(hourly.next_slot + timedelta(hours=5, minutes=10), tick=False):
        assert scheduling.run_due_schedules() == 1
        (run,) = run_due()
        assert run.slot == hourly.next_slot + timedelta(hours=5)
        assert scheduling.run_due_schedules() == 0
    hourly.refresh_from_db()
    assert hourly.next_slot == run.slot + timedelta(hours=1)


def test_a_schedule_waits_for_its_run_before(hourly):
    with time_machine.travel(hourly.next_slot, tick=False) as traveller:
        assert scheduling.run_due_schedules() == 1
        traveller.shift(3 * 3600)
        assert scheduling.run_due_schedules() == 0
        run_due()
        assert scheduling.run_due_schedules() == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_make_one_run_per_slot(hourly):
    Schedule.objects.update(next_slot=clock.now() - timedelta(seconds=1))
    barrier = threading.Barrier(4)

    def tick():
        barrier.wait()
        scheduling.run_due_schedules()
        connections.close_all()

    beats = [threading.Thread(target=tick) for _ in range(4)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()
    assert JobRun.objects.count() == 1


def test_a_schedule_that_makes_no_sense_is_switched_off_and_stops_nobody(hourly):
    past = clock.now() - timedelta(minutes=1)
    Schedule.objects.create(name="broken", kind=hourly.kind, cron="99 * * * *", next_slot=past)
    Schedule.objects.filter(pk=hourly.pk).update(next_slot=past)
    assert scheduling.run_due_schedules() == 1
    assert not Schedule.objects.get(name="broken").enabled


def test_changing_a_schedule_keeps_its_next_slot_unless_the_rhythm_changes(hourly):
    again = scheduling.ensure_schedule("hourly", hourly.kind, interval=3600, payload={"n": 8})
    assert (again.pk, again.next_slot, again.payload) == (hourly.pk, hourly.next_slot, {"n": 8})
    assert scheduling.ensure_schedule("hourly", hourly.kind, interval=60).next_slot < hourly.next_slot


def abandon(run_id, **columns):
    """As if the worker had died a moment ago."""
    engine.claim()
    JobRun.objects.filter(pk=run_id).update(lease_until=clock.now() - timedelta(seconds=1), **columns)


def test_a_run_whose_worker_died_comes_back(register, ana):
    run = services.request(register(lambda run: None), actor=ana)
    abandon(run.pk)
    assert reconciler.reclaim() == 1
    assert reconciler.reclaim() == 0
    assert run_due()[0].state == State.SUCCEEDED


def test_a_run_that_kills_every_worker_is_given_up(register, ana):
    run = services.request(register(lambda run: None), actor=ana)
    for _ in range(reconciler.CRASH_LIMIT):
        JobRun.objects.update(not_before=clock.now())
        abandon(run.pk)
        reconciler.reclaim()
    run.refresh_from_db()
    assert (run.state, run.crashes) == (State.FAILED, reconciler.CRASH_LIMIT)
    assert "died each time" in run.error["message"]


def test_a_cancelled_run_whose_worker_died_is_cancelled(register, ana):
    run = services.request(register(lambda run: None), actor=ana)
    abandon(run.pk, cancel_requested_at=clock.now())
    reconciler.reclaim()
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_a_worker_that_lives_keeps_its_run(register, ana):
    services.request(register(lambda run: None), actor=ana)
    engine.claim()
    assert reconciler.reclaim() == 0


@pytest.mark.django_db(transaction=True)
def test_a_request_survives_a_broker_that_is_gone(register, ana, broker):
    kind = register(lambda run: None)
    with pytest.MonkeyPatch.context() as patch:
        nobody = f"{settings.DATA_DIR}/nobody.sock"
        patch.setattr(settings, "REDIS_URL", f"unix://{nobody}")
        patch.setitem(current_app.conf, "broker_url", f"redis+socket://{nobody}")
        current_app._after_fork()  # forgets the connections it has
        started = time.monotonic()
        with transaction.atomic():
            services.request(kind, actor=ana)
        assert time.monotonic() - started < 5
        assert reconciler.top_up() == 0
    current_app._after_fork()
    assert broker.llen("isthmus") == 0
    assert reconciler.top_up() == 1
    assert reconciler.top_up() == 0  # its message is there, so no second one is sent
    assert broker.llen("isthmus") == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_for_a_change_that_was_rolled_back(register, ana, broker):
    kind = register(lambda run: None)
    with transaction.atomic():
        services.request(kind, actor=ana)
        transaction.set_rollback(True)
    assert broker.llen("isthmus") == 0
    assert not JobRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_failing_part_does_not_stop_the_tick(hourly, broker, monkeypatch):
    def broken():
        raise RuntimeError("no")

    broken.__name__ = "broken"
    monkeypatch.setattr(reconciler, "reclaim", broken)
    beat.tick()
    assert clock.now() - Pulse.objects.get(pk="beat").at < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("scopes", "state", "goes_on"),
    [("graph", "live", True), ("discovery", "live", False), ("graph", "needs_interaction", False)],
)
def test_a_run_goes_on_by_itself_once_its_person_has_authorised(register, ana, team, scopes, state, goes_on):
    tenant = uuid.uuid4()

    def gated(run):
        if run.attempt == 1:
            raise WaitForPerson("Authorise.", gate.remedy(tenant, Reach.GRAPH))

    run = services.request(register(gated), actor=ana, team=team)
    run_due()
    assert resumption.resume_authorised() == 0
    Authorization.objects.create(
        user=ana.user,
        cloud=settings.CLOUD.name,
        tenant_id=tenant,
        object_id=uuid.uuid4(),
        scopes=Reach.GRAPH.scopes if scopes == "graph" else Reach.IDENTITY.scopes,
        state=state,
        proven_at=clock.now(),
    )
    assert resumption.resume_authorised() == int(goes_on)
    run_due()
    run.refresh_from_db()
    assert run.state == (State.SUCCEEDED if goes_on else State.WAITING)
