"""All processes keep together within an environment's limits. Against a real Valkey."""

import os
import subprocess
import sys
import threading
import time

import pytest
import redis

from connections import governor
from connections.governor import shared
from connections.governor.governor import LONGEST_PAUSE, PATIENCE
from microsoft.errors import Throttled
from tests.connections import factories as make

pytestmark = pytest.mark.services

CROWDED, COUNTED, TIMED = "0x80072326", "0x80072322", "0x80072321"
LEFT = "x-ms-ratelimit-burst-remaining-xrm-requests"
SECONDS_LEFT = "x-ms-ratelimit-time-remaining-xrm-requests"


@pytest.fixture(autouse=True)
def forgetful():
    """Each test meets Redis anew."""
    shared.forget()
    yield
    shared.forget()


@pytest.fixture
def rule(db, broker):
    return governor.governor_for(make.environment(), "application")


@pytest.fixture
def impatient(monkeypatch):
    """Nobody waits: what does not go at once is refused."""
    monkeypatch.setitem(PATIENCE, "person", (0.0, 0.0))
    monkeypatch.setitem(PATIENCE, "background", (0.0, 0.0))


def told(rule, status=200, headers=None, seconds=0.1, code=""):
    """An answer to a call that took the turn which this takes."""
    rule.observe("a turn of somebody's", status, headers or {}, seconds, code)


def hinted(rule, hint):
    told(rule, headers={"x-ms-dop-hint": str(hint)})


def take(rule, priority="background"):
    """Take turns until there is none; they are not given back."""
    turns = []
    while True:
        try:
            turns.append(rule.acquire(priority))
        except Throttled:
            return turns


def in_another_process(rule, *lines):
    program = "\n".join(
        [
            "import os, django; django.setup()",
            "from connections.governor import SharedGovernor",
            "from microsoft.errors import Throttled",
            "rule = SharedGovernor(os.environ['KEY'])",
            *lines,
        ]
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KEY": rule.key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return answer.stdout.strip() or answer.stderr


def test_a_turn_comes_at_once_and_goes_back(rule):
    for _ in range(20):
        turn = rule.acquire("background")
        assert rule.read().held == 1
        rule.observe(turn, 200, {}, 0.1)
    assert rule.read().held == 0


# A pause


def test_a_long_pause_is_said_at_once_with_its_length(rule):
    told(rule, 429, {"Retry-After": "60"})
    for priority in ("person", "background"):
        with pytest.raises(Throttled) as refused:
            rule.acquire(priority)
        assert 55 < refused.value.retry_after <= 60
        assert refused.value.status is None
    assert 55 < rule.read().pause <= 60


def test_a_short_pause_is_sat_out(rule):
    told(rule, 429, {"Retry-After": "1"})
    before = time.monotonic()
    rule.acquire("person")
    assert 0.5 < time.monotonic() - before < 2


def test_an_outage_that_names_a_time_is_a_pause_and_another_is_not(rule):
    told(rule, 503)
    rule.acquire("background")
    told(rule, 503, {"Retry-After": "60"})
    with pytest.raises(Throttled):
        rule.acquire("background")


def test_another_process_obeys_as_well(rule):
    told(rule, 429, {"Retry-After": "60"})
    tried = ("try:\n    rule.acquire('person')", "except Throttled:\n    print('waits')")
    assert in_another_process(rule, *tried) == "waits"


def test_identities_and_environments_do_not_share_a_pause(db, broker):
    one, other = make.environment(), make.environment(url="https://fabrikam.crm.dynamics.com")
    told(governor.governor_for(one, "a"), 429, {"Retry-After": "60"})
    governor.governor_for(one, "b").acquire("person")
    governor.governor_for(other, "a").acquire("person")


def test_a_shorter_answer_does_not_shorten_the_pause(rule):
    told(rule, 429, {"Retry-After": "60"})
    told(rule, 429, {"Retry-After": "2"})
    with pytest.raises(Throttled) as refused:
        rule.acquire("person")
    assert refused.value.retry_after > 50


@pytest.mark.parametrize(
    "header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "99999"}]
)
def test_strange_answers_still_make_a_bounded_pause(rule, header):
    told(rule, 429, header)
    assert 0 < rule.read().pause <= LONGEST_PAUSE


@pytest.mark.parametrize("nonsense", ["many", "", "nan", "inf", "-3", "1;2"])
def test_figures_that_are_none_are_not_believed(rule, nonsense):
    told(rule, headers={"x-ms-dop-hint": nonsense, LEFT: nonsense, SECONDS_LEFT: nonsense})
    assert rule.parallelism("person") >= 2
    rule.acquire("person")


# How many at once


def test_the_servers_hint_is_the_beginning(rule, impatient):
    assert rule.parallelism("person") == 4
    hinted(rule, 10)
    assert (rule.parallelism("person"), rule.parallelism("background")) == (10, 8)
    assert len(take(rule, "person")) == 10


def test_background_work_leaves_room_for_people(rule, impatient):
    hinted(rule, 8)
    assert len(take(rule)) == rule.parallelism("background") == 6
    assert len(take(rule, "person")) == 2


def test_too_many_at_once_halves_the_parallelism_once_for_all_who_were_told(rule):
    hinted(rule, 16)
    for _ in range(5):
        told(rule, 429, {"Retry-After": "1"}, code=CROWDED)
    assert rule.read().limit == 8
    assert rule.read().hit == "concurrency"


def test_two_at_once_are_always_allowed(rule, broker):
    hinted(rule, 3)
    for _ in range(4):
        told(rule, 429, {"Retry-After": "1"}, code=CROWDED)
        broker.hset(_state(broker), "calm_until", 0)
    assert rule.read().limit == 2


def test_it_grows_again_by_what_was_used(rule, impatient):
    hinted(rule, 8)
    told(rule, 429, {"Retry-After": "1"}, code=CROWDED)
    assert rule.read().limit == 4
    time.sleep(rule.read().pause + 0.01)
    for _ in range(3):
        for turn in take(rule, "person"):
            rule.observe(turn, 200, {}, 0.1)
    assert 5 <= rule.read().limit <= 8


def test_it_does_not_grow_by_what_was_not_needed(rule):
    hinted(rule, 8)
    for _ in range(100):
        rule.observe(rule.acquire("background"), 200, {}, 0.1)
    assert rule.read().limit == 8


def test_it_never_reaches_what_microsoft_cuts(rule, impatient):
    hinted(rule, 500)
    assert len(take(rule, "person")) == 48


def test_a_full_house_lets_the_next_in_when_one_leaves(rule):
    hinted(rule, 2)
    held = [rule.acquire("person"), rule.acquire("person")]
    threading.Timer(0.2, lambda: rule.observe(held[0], 200, {}, 0.1)).start()
    before = time.monotonic()
    rule.acquire("person")
    assert 0.1 < time.monotonic() - before < 1.5


def test_whoever_waits_too_long_for_a_turn_is_told_so(rule, impatient):
    hinted(rule, 2)
    take(rule, "person")
    with pytest.raises(Throttled, match="under way") as refused:
        rule.acquire("background")
    assert refused.value.retry_after >= 1


def test_a_person_who_waits_goes_before_background_work(rule):
    hinted(rule, 4)
    held = [rule.acquire("person") for _ in range(4)]
    order = []

    def ask(priority):
        turn = rule.acquire(priority)
        order.append(priority)
        if priority == "background":
            rule.observe(turn, 200, {}, 0.1)

    workers = [threading.Thread(target=ask, args=("background",)) for _ in range(3)]
    for worker in workers:
        worker.start()
    person = threading.Thread(target=ask, args=("person",))
    person.start()
    while not rule.read().people_waiting:
        time.sleep(0.01)
    rule.observe(held.pop(), 200, {}, 0.1)
    person.join(10)
    assert order == ["person"]
    for turn in held:
        rule.observe(turn, 200, {}, 0.1)
    for worker in workers:
        worker.join(10)


def test_the_turns_of_a_killed_process_come_back(rule, impatient, broker):
    hinted(rule, 2)
    in_another_process(rule, "rule.acquire('person'); rule.acquire('person'); os._exit(9)")
    assert rule.read().held == 2
    assert take(rule, "person") == []
    turns = _state(broker).replace("state", "turns")
    for turn, until in broker.zrange(turns, 0, -1, withscores=True):
        left = until / 1000 - time.time()
        assert 50 < left <= 61
        broker.zadd(turns, {turn: until - 61000})
    assert len(take(rule, "person")) == 2


def test_a_crowd_of_threads_never_exceeds_the_limit_and_all_come_through(rule, monkeypatch):
    monkeypatch.setitem(PATIENCE, "background", (5.0, 30.0))
    hinted(rule, 4)
    running, most, done = [], [], []

    def work():
        for _ in range(5):
            turn = rule.acquire("background")
            running.append(turn)
            most.append(len(running))
            time.sleep(0.002)
            running.remove(turn)
            rule.observe(turn, 404, {}, 0.002)
        done.append(1)

    crowd = [threading.Thread(target=work) for _ in range(16)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert len(done) == 16
    assert max(most) <= rule.read().limit
    assert rule.read().held == 0


# How many in a while


def test_a_request_count_that_runs_out_paces_background_work_and_not_people(rule):
    told(rule, headers={LEFT: "6000"})
    assert rule.read().gap == 0
    told(rule, headers={LEFT: "1,300"})
    gap = rule.read().gap
    assert 0.05 < gap < 0.2
    before = time.monotonic()
    for _ in range(4):
        rule.observe(rule.acquire("background"), 200, {LEFT: "1300"}, 0.1)
    assert time.monotonic() - before >= 3 * gap * 0.9
    before = time.monotonic()
    for _ in range(10):
        rule.observe(rule.acquire("person"), 200, {LEFT: "1300"}, 0.1)
    assert time.monotonic() - before < 10 * gap


def test_the_last_of_a_budget_is_peoples(rule):
    told(rule, headers={LEFT: "6000"})
    told(rule, headers={LEFT: "250"})
    rule.acquire("background")
    with pytest.raises(Throttled, match="goes slowly") as refused:
        rule.acquire("background")
    assert 5 < refused.value.retry_after <= 10
    rule.acquire("person")


def test_server_time_that_runs_out_paces_by_how_long_calls_take(rule):
    told(rule, headers={SECONDS_LEFT: "1,200.00"}, seconds=2.0)
    told(rule, headers={SECONDS_LEFT: "200.00"}, seconds=2.0)
    assert 1.0 < rule.read().gap < 1.2
    assert rule.parallelism("background") == 2


def test_counted_out_means_slower_and_not_fewer_at_once(rule):
    hinted(rule, 12)
    told(rule, 429, {"Retry-After": "1"}, code=COUNTED)
    assert rule.read().limit == 12
    assert rule.read().gap > 0
    told(rule, 429, {"Retry-After": "1"}, code=TIMED)
    assert rule.read().limit == 12
    assert rule.read().hit_words == "too much server time in five minutes"


def test_news_of_a_fuller_budget_ends_the_slow_going(rule):
    told(rule, headers={LEFT: "6000"})
    told(rule, headers={LEFT: "0"})
    rule.acquire("background")
    told(rule, headers={LEFT: "5000"})
    for _ in range(3):
        rule.observe(rule.acquire("background"), 200, {}, 0.1)


# The rest


def test_each_question_is_one_round_trip(rule, broker):
    rule.observe(rule.acquire("background"), 200, {}, 0.1)
    before = broker.info("commandstats")["cmdstat_evalsha"]["calls"]
    rule.observe(rule.acquire("background"), 200, {}, 0.1)
    rule.parallelism()
    assert broker.info("commandstats")["cmdstat_evalsha"]["calls"] == before + 3


def test_an_idle_governor_is_forgotten(rule, broker):
    rule.acquire("background")
    assert all(0 < broker.pttl(key) <= 3_600_000 for key in broker.scan_iter("isthmus:governor:*"))


def test_without_redis_calls_go_on(db, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    rule = governor.governor_for(make.environment(), "application")
    told(rule, 429, {"Retry-After": "60"})
    rule.observe(rule.acquire("background"), 200, {}, 0.1)
    assert rule.parallelism() >= 1
    assert rule.read() is None
    with pytest.raises(redis.ConnectionError):
        shared.client().ping()


def _state(broker) -> str:
    (key,) = (key.decode() for key in broker.scan_iter("isthmus:governor:*state"))
    return key
