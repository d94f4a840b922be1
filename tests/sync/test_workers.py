"""Helpers as jobs: who is asked, who gives way, and real workers that read one load together."""

import os
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from accounts.actors import Actor
from connections.governor import governor_for, shared
from connections.governor.governor import PATIENCE
from core import clock
from jobs import engine
from jobs import services as jobs
from jobs.models import JobRun
from jobs.testing import run_due
from sync import crew, helping, work
from sync.engine.source import Source
from sync.services import runs, setup
from sync.state import Phase
from tests.broker_fixtures import wait_for
from tests.jobs.test_worker import Worker, settled
from tests.sync.comparing import records

pytestmark = pytest.mark.django_db(transaction=True)
State = JobRun.State
HELPERS = JobRun.objects.filter(kind=crew.KIND)


@pytest.fixture
def governed(broker):
    """The turns at the environment are counted from none, whatever ran before in this process."""
    shared.forget()
    yield
    shared.forget()


@pytest.fixture
def helped(governed, sync, sample_owner, monkeypatch):
    """A first load of some pages, behind whose first one a helper is carried out; both runs."""
    monkeypatch.setattr(work, "Source", partial(Source, page_size=20))
    # While the helper is carried out the leader stands still, with its turns at the environment in its hands: they
    # must not be all there are.
    monkeypatch.setattr(work, "_parallel", lambda _service: 3)

    def load():
        real, met = work._Reporter.__call__, []

        def report(self, state):
            real(self, state)
            if state.phase is Phase.LOAD and state.read and not met:
                met.append(state.read)
                engine.carry_out(engine.claim(), beat=False)

        monkeypatch.setattr(work._Reporter, "__call__", report)
        runs.run_now(sample_owner, sync, only=sync.entities.get(logical_name="contact"))
        lead = engine.claim()
        engine.carry_out(lead, beat=False)
        lead.refresh_from_db()
        return lead, HELPERS.get(attempt__gt=0)

    return load


def test_a_helper_reads_along_and_one_that_never_began_is_forgotten(
    helped, mirror, sync, dev_api, client, sample_owner
):
    lead, helper = helped()
    assert (lead.state, helper.state) == (State.SUCCEEDED, State.SUCCEEDED), (lead.error, helper.error)
    assert 0 < helper.result["read"] < lead.result["read"]
    assert mirror(sync, "contact").keys() == records(dev_api, "contacts").keys()
    assert HELPERS.count() == 1
    assert lead.result["rows"] == lead.result["added"] == lead.result["read"]
    client.force_login(sample_owner.user)
    page = client.get(sync.entities.get(logical_name="contact").get_absolute_url()).content.decode()
    assert str(helper.pk) not in page, "the pages of a mirror tell of its own runs alone"
    assert helper.title in client.get("/jobs/").content.decode()


def test_a_helper_of_a_run_that_was_cancelled_ends_too(helped, monkeypatch):
    real = helping._told

    def told(run, rows):
        jobs.cancel(Actor.system("test"), JobRun.objects.get(pk=run.payload["lead"]))
        monkeypatch.setattr(helping, "_told", real)
        real(run, rows)

    monkeypatch.setattr(helping, "_told", told)
    lead, helper = helped()
    assert (lead.state, helper.state) == (State.CANCELLED, State.SUCCEEDED)
    assert helper.result["read"] == 20
    assert "has ended" in helper.result["why"]


def test_a_helper_gives_way_to_other_work(helped, monkeypatch):
    real = helping._told

    def told(run, rows):
        before = clock.now() - timedelta(minutes=1)
        jobs.request("sync.watch", actor=Actor.system("sync"), not_before=before)
        real(run, rows)

    monkeypatch.setattr(helping, "_told", told)
    lead, helper = helped()
    assert lead.state == State.SUCCEEDED
    assert (helper.state, helper.done, helper.failures) == (State.QUEUED, 20, 0)
    assert "More urgent" in helper.message


def test_a_helper_that_gets_no_turn_at_the_environment_comes_back(helped, sync, monkeypatch):
    environment = sync.integration.bindings.get().connection.environment
    full, real = governor_for(environment, "full"), helping.dataverse_for
    monkeypatch.setitem(PATIENCE, "background", (0.0, 0.0))
    for _ in range(3):  # all but the one that is kept for people
        full.acquire("background")

    def crowded(*args, **more):
        client = real(*args, **more)
        client._governor = full
        return client

    monkeypatch.setattr(helping, "dataverse_for", crowded)
    lead, helper = helped()
    assert lead.state == State.SUCCEEDED, lead.error
    assert lead.result["rows"] == lead.result["read"], "what the helper had claimed was read by the leader"
    assert (helper.state, helper.done, helper.failures) == (State.QUEUED, 0, 0)
    assert "under way" in helper.error["message"]
    assert "Microsoft" not in str(helper.error), "it was not even asked"
    (again,) = run_due(early=True)
    assert (again.pk, again.state, again.attempt) == (helper.pk, State.SUCCEEDED, 2), again.error


@pytest.fixture
def place(sync, sample_owner):
    """The contacts in the database that the workers share anyway."""
    if connection.vendor != "postgresql":
        return sync.entities.get(logical_name="contact")
    stage = sync.stage
    schema = f"shared_{uuid.uuid4().hex[:8]}"
    plan = setup.Plan("Shared", entities=["contact"], destination="postgres", schema=schema)
    return setup.create(sample_owner, sync.integration, stage, plan).entities.get()


@pytest.fixture
def workers(broker, world, tmp_path):
    app = world.front_app
    environment = {
        "CLOUD_FILE": str(world.cloud_file),
        "ENTRA_CLIENT_ID": app.client_id,
        "ENTRA_CLIENT_SECRET": app.client_secret,
        "HELD": str(tmp_path),
    }
    started = [Worker("tests.sync.held_worker", 1, **environment) for _ in range(2)]
    yield started
    for worker in started:
        worker.kill()


@pytest.mark.services
@pytest.mark.parametrize(
    "victim",
    [
        "helper",
        pytest.param("leader", marks=pytest.mark.long),
        pytest.param("nobody", marks=pytest.mark.long),
    ],
)
def test_two_workers_read_one_load(workers, place, sample_owner, dev_api, tmp_path, victim):
    runs.run_now(sample_owner, place.sync, only=place)
    under_way = JobRun.objects.filter(state=State.RUNNING, done__gt=0)

    def reading(kind):
        settled()  # the beat's tick, which sends what no worker has heard
        return under_way.filter(kind=kind, step="Reading records").first()

    lead, helper = (
        wait_for(partial(reading, kind), what=f"a page of {kind}") for kind in (work.KIND, crew.KIND)
    )
    if victim != "nobody":
        pid = int((helper if victim == "helper" else lead).worker.rpartition(":")[2])
        next(each for each in workers if each.process.pid == os.getpgid(pid)).kill()
    for role in ("helper", "leader"):
        (tmp_path / role).touch()
    wait_for(settled, what="the end of all runs")
    lead.refresh_from_db()
    assert lead.state == State.SUCCEEDED, lead.error
    assert lead.attempt == 1 + (victim == "leader")
    assert lead.result["rows"] == lead.result["added"] == lead.result["read"]
    assert lead.result["rows"] == len(records(dev_api, "contacts"))
