"""One run from the request to its outcome."""

from datetime import timedelta

import pytest
import time_machine

from core import clock
from core.problems import BadInput, NotPermitted, Remedy
from jobs import engine, services
from jobs.models import JobRun
from jobs.running import LeaseLost, Running, WaitForPerson
from jobs.testing import run_due
from microsoft.errors import Invalid, NoTurn, Throttled

State = JobRun.State
pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_a_run_succeeds_and_keeps_what_the_handler_returned(register, ana, team):
    kind = register(lambda run: {"count": run.payload["n"] + 1})
    services.request(kind, actor=ana, team=team, payload={"n": 4})
    (run,) = run_due()
    assert (run.state, run.result, run.attempt) == (State.SUCCEEDED, {"count": 5}, 1)
    assert run.started_at <= run.finished_at
    assert run.lease_until is None


def test_it_acts_as_the_person_who_asked_or_as_the_system_with_its_duty(register, ana, people):
    seen = []
    kind = register(lambda run: seen.append(run.actor.label))
    services.request(kind, actor=ana)
    services.request(kind, actor=type(ana).system("rotation"))
    run_due()
    assert seen == ["Ana", "Isthmus (rotation)"]


def test_it_does_not_act_for_somebody_who_is_gone_or_locked_out(register, ana, people):
    kind = register(lambda run: {"as": run.actor.label})
    services.request(kind, actor=ana)
    services.request(kind, actor=type(ana).person(people["ben"]))
    people["ana"].delete()
    people["ben"].is_active = False
    people["ben"].save()
    assert [run.state for run in run_due()] == [State.FAILED, State.FAILED]


def test_asking_twice_with_one_key_is_asking_once(register, ana):
    kind = register(lambda run: None)
    first = services.request(kind, actor=ana, key="once")
    assert services.request(kind, actor=ana, key="once") == first
    assert len(run_due()) == 1


def test_an_unknown_kind_is_refused_when_it_is_asked_for(ana):
    with pytest.raises(LookupError, match=r"no\.such"):
        services.request("no.such", actor=ana)


def test_the_more_urgent_run_goes_first_and_none_before_its_time(register, ana):
    order = []
    kind = register(lambda run: order.append(run.payload["n"]))
    later = clock.after(60)
    for n, options in enumerate(
        [{}, {"priority": 5}, {"priority": 9, "not_before": later}, {"priority": -1}]
    ):
        services.request(kind, actor=ana, payload={"n": n}, **options)
    run_due()
    assert order == [1, 0, 3]
    with time_machine.travel(later + timedelta(seconds=1), tick=False):
        run_due()
    assert order == [1, 0, 3, 2]


def test_a_second_worker_cannot_claim_the_same_run(register, ana):
    services.request(register(lambda run: None), actor=ana)
    row = JobRun.objects.get()
    assert engine.claim() == row
    assert engine.claim() is None
    assert not engine._take(row)


def test_a_passing_failure_is_tried_again_not_before_microsoft_allows(register, ana):
    tries = []

    def flaky(run: Running):
        tries.append(run.attempt)
        if len(tries) < 3:
            raise Throttled("Slow down", retry_after=30, status=429, request_id="r-1")
        return {"ok": True}

    services.request(register(flaky), actor=ana)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        (run,) = run_due()
        assert run.state == State.QUEUED
        assert timedelta(seconds=30) <= run.not_before - clock.now() <= timedelta(seconds=33)
        assert run.error["ids"]["request_id"] == "r-1"
        traveller.shift(29)
        assert run_due() == []
    run = run_due(early=True)[-1]
    assert (run.state, tries, run.error) == (State.SUCCEEDED, [1, 2, 3], {})


def test_waiting_for_a_turn_of_ours_is_no_failure(register, ana):
    """The governor refuses without having asked Microsoft: such a run waits its time, however often."""
    tries = []

    def crowded(run: Running):
        tries.append(run.failures)
        if len(tries) < 6:
            raise NoTurn("No turn", retry_after=20)

    services.request(register(crowded, max_attempts=2), actor=ana)
    (run,) = run_due()
    assert run.state == State.QUEUED
    assert timedelta(seconds=18) <= run.not_before - clock.now() <= timedelta(seconds=22)
    assert (run.error["message"], run.error["waits"]) == ("No turn", True)
    assert "by itself" in run.error["advice"]
    assert "Microsoft" not in str(run.error), "it was not even asked"
    run = run_due(early=True)[-1]
    assert (run.state, tries) == (State.SUCCEEDED, [0] * 6)


def test_it_gives_up_after_so_many_failures_in_a_row(register, ana):
    def down(run):
        raise Throttled("Slow down", status=429)

    services.request(register(down, max_attempts=3), actor=ana)
    run = run_due(early=True)[-1]
    assert (run.state, run.attempt, run.failures) == (State.FAILED, 3, 3)
    assert run.error["message"] == "Slow down"
    assert run.error["advice"]


def test_a_fenced_write_that_moves_nothing_is_no_progress(register, ana):
    def stuck(run: Running):
        with run.fenced():
            pass
        raise Throttled("Slow down", status=429)

    services.request(register(stuck, max_attempts=3), actor=ana)
    assert run_due(early=True)[-1].attempt == 3


def test_progress_made_resets_the_failures_in_a_row(register, ana):
    def slow(run: Running):
        with run.fenced():
            run.move(run.attempt)
        if run.attempt < 6:
            raise Throttled("Slow down", status=429)

    services.request(register(slow, max_attempts=2), actor=ana)
    assert run_due(early=True)[-1].state == State.SUCCEEDED


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (BadInput("No such table", advice="Choose another"), "No such table"),
        (Invalid("Bad value", code="0x1", request_id="r-9"), "Bad value"),
    ],
)
def test_what_trying_again_cannot_mend_fails_with_its_advice(register, ana, error, message):
    def refuse(run):
        raise error

    services.request(register(refuse), actor=ana)
    (run,) = run_due()
    assert (run.state, run.error["message"]) == (State.FAILED, message)
    assert run.error["advice"]


def test_our_own_mistakes_are_logged_and_tell_no_secrets(register, ana, caplog):
    def broken(run):
        raise KeyError("Bearer abcdefghijklmnop")

    services.request(register(broken), actor=ana)
    (run,) = run_due()
    assert run.error["title"] == "Our mistake"
    assert "abcdefgh" not in str(run.error)
    assert any("job broke" in record.getMessage() for record in caplog.records)


def test_a_run_waits_for_a_person_and_goes_on_when_resumed(register, ana):
    def ask(run: Running):
        if run.attempt == 1:
            raise WaitForPerson("Consent is missing.", Remedy("Authorise", "/authorise/", post=True))

    services.request(register(ask), actor=ana)
    (run,) = run_due()
    assert run.state == State.WAITING
    assert run.error["remedy"] == {"label": "Authorise", "url": "/authorise/", "post": True}
    assert run_due() == []
    services.resume(ana, run)
    assert run_due()[-1].state == State.SUCCEEDED


def test_a_closed_gate_with_a_way_through_is_waiting_not_failure(register, ana):
    def gated(run):
        raise NotPermitted("Authorise first.", remedy=Remedy("Authorise", "/authorise/", post=True))

    services.request(register(gated), actor=ana)
    assert run_due()[0].state == State.WAITING


def test_cancelling_stops_a_running_handler_at_its_next_report(register, ana):
    reached = []

    def long(run: Running):
        run.progress(1, 3, message="first")
        services.cancel(ana, run.row)
        run.progress(message="second")
        reached.append("after")

    services.request(register(long), actor=ana)
    (run,) = run_due()
    assert (run.state, reached) == (State.CANCELLED, [])
    assert (run.done, run.total) == (1, 3)


def test_a_queued_run_is_cancelled_at_once_and_can_be_retried(register, ana):
    services.request(register(lambda run: None), actor=ana)
    run = services.cancel(ana, JobRun.objects.get())
    assert (run.state, run_due()) == (State.CANCELLED, [])
    services.retry(ana, run)
    assert run_due()[-1].state == State.SUCCEEDED


def test_whoever_lost_the_lease_writes_nothing_more(register, ana):
    effects = []

    def slow(run: Running):
        # Another worker took over while this one was frozen.
        JobRun.objects.filter(pk=run.id).update(attempt=run.attempt + 1)
        with pytest.raises(LeaseLost), run.fenced():
            effects.append("written")
        run.progress(7)

    services.request(register(slow), actor=ana)
    (run,) = run_due()
    assert effects == []
    assert (run.state, run.attempt, run.done) == (State.RUNNING, 2, 0)


def test_the_effect_and_the_cursor_commit_together_or_not_at_all(register, ana, team):
    def half(run: Running):
        with run.fenced():
            type(team).objects.create(name=f"made {run.done}")
            run.move(run.done + 1, total=3, cursor={"page": run.done})
            if run.attempt == 2:
                raise Throttled("in the middle", status=429)
        if run.done < 3:
            raise Throttled("between", status=429)

    services.request(register(half), actor=ana)
    runs = run_due(early=True)
    assert runs[-1].state == State.SUCCEEDED
    assert (runs[-1].attempt, runs[-1].done, runs[-1].payload) == (4, 3, {"page": 2})
    assert sorted(type(team).objects.filter(name__startswith="made").values_list("name", flat=True)) == [
        "made 0",
        "made 1",
        "made 2",
    ]


def test_a_cursor_does_not_move_by_itself(register, ana):
    services.request(register(lambda run: run.move(1)), actor=ana)
    assert run_due()[0].state == State.FAILED


def test_an_attempt_that_takes_too_long_is_stopped(register, ana):
    def endless(run: Running):
        while True:
            run.check()

    services.request(register(endless, limit=0.2), actor=ana)
    (run,) = run_due()
    assert run.state == State.FAILED
    assert "longer than" in run.error["message"]
