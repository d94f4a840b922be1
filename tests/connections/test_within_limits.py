"""Many callers at once against an environment with small limits: nobody's work is lost, and Microsoft is not pestered."""

import threading
import time

import pytest
from django.db import connections as databases

from connections.clients import dataverse_for
from connections.governor import governor_of, shared
from microsoft.errors import Throttled

CALLERS, CALLS = 6, 8


@pytest.fixture
def limits(world, connection, broker):
    """Sets the environment's limits for one test."""
    shared.forget()
    settings = world.directory.settings
    before = settings.all()
    world.journal.clear()
    yield lambda **changed: settings.change({f"dataverse_{name}": value for name, value in changed.items()})
    settings.change(before)
    shared.forget()


def crowd(connection, priority, work):
    """Callers in threads, each doing its calls and, as a job would, coming back when it is told to wait."""
    failures = []

    def call():
        client = dataverse_for(connection, priority)
        try:
            for _ in range(CALLS):
                _patiently(lambda: work(client))
        except Exception as error:  # noqa: BLE001  whatever it is, it is a call that was lost
            failures.append(error)
        finally:
            databases.close_all()

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return failures


def _patiently(act):
    deadline = time.monotonic() + 60
    while True:
        try:
            return act()
        except Throttled as told:
            assert time.monotonic() < deadline
            time.sleep(told.retry_after or 0.5)


def answers(world, status):
    return world.journal.entries({"status": status, "path": "WhoAmI"})


def test_a_request_limit_is_met_once_and_nothing_is_lost(world, connection, limits):
    limits(requests=CALLERS * CALLS // 2, window_seconds=3)
    failures = crowd(connection, "person", lambda client: client.who_am_i())
    assert failures == []
    assert len(answers(world, "200")) == CALLERS * CALLS
    assert len(answers(world, "429")) <= 2 * CALLERS, "all are told once, not again and again"
    reading = governor_of(connection).read()
    assert reading.held == 0
    if answers(world, "429"):  # a machine that takes longer than the window never meets the limit
        assert reading.hit == "requests"


def test_the_page_shows_how_the_connection_stands(client, ana, connection, limits):
    client.force_login(ana.user)
    dataverse_for(connection).who_am_i()
    page = client.get(f"/connections/{connection.pk}/").content.decode()
    assert "Calls under way" in page
    part = client.get(f"/connections/{connection.pk}/load/").content.decode()
    assert "of 8 at once" in part, "the sandbox suggests 8"
    assert "of 6,000 in five minutes" in part
    rule = governor_of(connection)
    rule.observe(rule.acquire("person"), 429, {"Retry-After": "40"}, 0.1, "0x80072326")
    part = client.get(f"/connections/{connection.pk}/load/").content.decode()
    assert "wants to be left alone for another" in part
    assert "too many requests at once" in part


def test_without_redis_the_page_says_so(client, ana, connection, limits, settings, tmp_path):
    client.force_login(ana.user)
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    shared.forget()
    part = client.get(f"/connections/{connection.pk}/load/").content.decode()
    assert "No figures: Redis does not answer" in part


def test_a_limit_on_what_runs_at_once_makes_fewer_run_at_once(world, connection, limits):
    limits(concurrent=3, dop_hint=16)
    world.faults.add({"kind": "latency", "service": "dataverse", "path": "WhoAmI", "seconds": 0.05})
    failures = crowd(connection, "background", lambda client: client.who_am_i())
    world.faults.remove()
    assert failures == []
    assert len(answers(world, "200")) == CALLERS * CALLS
    reading = governor_of(connection).read()
    assert reading.held == 0
    if answers(world, "429"):
        assert reading.limit < 16
        assert reading.hit == "concurrency"
