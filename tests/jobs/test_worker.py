"""Real workers on a real broker: nothing is lost, and nothing happens twice, whoever dies."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter

import pytest
from django.db import connections, transaction

from accounts.actors import Actor
from accounts.models import Team
from jobs import engine, reconciler, services
from jobs.models import JobRun
from tests.broker_fixtures import ROOT, subprocess_environment, wait_for
from tests.jobs import work

State = JobRun.State
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
TESTER = Actor.system("test")


class Worker:
    """A Celery worker in a process group of its own."""

    def __init__(self, module="tests.jobs.work", concurrency=2, **environment):
        command = [sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "-I", module]
        self.process = subprocess.Popen(
            [*command, "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"],
            cwd=ROOT,
            env={**subprocess_environment(), **environment},
            start_new_session=True,
        )

    def kill(self):
        """As the kernel does when memory is short: nobody gets to say goodbye."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0


@pytest.fixture
def start_worker(broker):
    workers = []

    def start():
        workers.append(Worker())
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


def ask(count=1, kind="test.steps", seconds=0.05):
    for _ in range(count):
        with transaction.atomic():
            services.request(kind, actor=TESTER, payload={"seconds": seconds})


def settled():
    """One tick, as the beat does it; true when nothing is left to do."""
    reconciler.reclaim()
    reconciler.top_up()
    return not JobRun.objects.exclude(state__in=JobRun.FINISHED).exists()


def assert_each_effect_once(runs):
    expected = Counter({(str(run.pk), str(number)): 1 for run in runs for number in range(work.STEPS)})
    effects = Counter(tuple(name.split()[:2]) for name in Team.objects.values_list("name", flat=True))
    assert effects == expected


def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(start_worker):
    ask(8, seconds=0.1)
    first = start_worker()
    wait_for(lambda: JobRun.objects.filter(state=State.RUNNING, done__gt=0).exists(), what="a first step")
    first.kill()
    assert JobRun.objects.filter(state=State.RUNNING).exists()
    start_worker()
    wait_for(settled, what="the end of all runs")
    runs = JobRun.objects.all()
    assert {run.state for run in runs} == {State.SUCCEEDED}
    assert any(run.crashes == 1 for run in runs)
    assert_each_effect_once(runs)


def test_a_worker_that_is_asked_to_stop_gives_its_run_back(start_worker):
    ask(seconds=1.0)
    first = start_worker()
    wait_for(lambda: JobRun.objects.filter(state=State.RUNNING, done=1).exists(), what="the first step")
    first.stop()
    run = JobRun.objects.get()
    assert (run.state, run.crashes, run.failures) == (State.QUEUED, 0, 0)
    JobRun.objects.update(payload={"seconds": 0.01})
    start_worker()
    wait_for(settled, what="the end of the run")
    assert_each_effect_once(JobRun.objects.all())


def test_a_handler_that_says_nothing_keeps_its_lease(start_worker):
    ask(kind="test.deaf", seconds=2.5)
    start_worker()
    wait_for(settled, what="the end of the run")
    run = JobRun.objects.get()
    assert (run.state, run.attempt, run.crashes) == (State.SUCCEEDED, 1, 0)


def test_many_claimants_share_the_runs_without_taking_one_twice(broker):
    ask(24)
    taken = []

    def claim_all():
        while run := engine.claim():
            taken.append((run.pk, run.attempt))
        connections.close_all()

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == Counter({(pk, 1): 1 for pk in JobRun.objects.values_list("pk", flat=True)})


@pytest.mark.long
def test_five_killed_workers_in_two_hundred_jobs(start_worker):
    ask(200, seconds=0.02)
    for kill in range(1, 6):
        worker = start_worker()
        wait_for(
            lambda kill=kill: (
                settled()
                or (
                    JobRun.objects.filter(state=State.SUCCEEDED).count() >= kill * 30
                    and JobRun.objects.filter(state=State.RUNNING, done__gt=0).exists()
                )
            ),
            seconds=300,
            what="some progress",
        )
        worker.kill()
    start_worker()
    wait_for(settled, seconds=600, what="the end of all runs")
    runs = JobRun.objects.all()
    assert {run.state for run in runs} == {State.SUCCEEDED}
    assert_each_effect_once(runs)
