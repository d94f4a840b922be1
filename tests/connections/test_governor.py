"""One process is told to wait, and all of them wait. Against a real Valkey."""

import os
import subprocess
import sys
import time

import pytest
import redis

from connections import governor
from microsoft.errors import Throttled
from tests.connections import factories as make

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def forgetful():
    """Each test meets Redis anew."""
    _forget()
    yield
    _forget()


def _forget():
    governor._redis.cache_clear()
    governor.RetryAfterGovernor._blind_until = 0.0


@pytest.fixture
def rule(db, broker):
    return governor.governor_for(make.environment(), "application")


def test_it_lets_everything_pass_until_somebody_is_told_to_wait(rule):
    rule.acquire("person")
    rule.observe(200, {}, 0.1)
    rule.acquire("background")


def test_a_long_pause_is_said_at_once_with_its_length(rule):
    rule.observe(429, {"Retry-After": "60"}, 0.1)
    with pytest.raises(Throttled) as told:
        rule.acquire("person")
    assert 55 < told.value.retry_after <= 60


def test_a_short_pause_is_sat_out_by_a_person_and_not_by_background_work(rule):
    rule.observe(429, {"Retry-After": "1"}, 0.1)
    with pytest.raises(Throttled):
        rule.acquire("background")
    before = time.monotonic()
    rule.acquire("person")
    assert 0.5 < time.monotonic() - before < 2


def test_another_process_obeys_as_well(rule):
    rule.observe(429, {"Retry-After": "60"}, 0.1)
    asked = (
        "import os, django; django.setup()\n"
        "from connections.governor import RetryAfterGovernor\n"
        "from microsoft.errors import Throttled\n"
        "try:\n    RetryAfterGovernor(os.environ['KEY']).acquire('person')\n"
        "except Throttled:\n    print('waits')\n"
    )
    environment = {**os.environ, "KEY": rule._key}
    answer = subprocess.run(
        [sys.executable, "-c", asked],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout.strip() == "waits", answer.stderr


def test_identities_and_environments_do_not_share_a_pause(db, broker):
    one, other = make.environment(), make.environment(url="https://fabrikam.crm.dynamics.com")
    governor.governor_for(one, "a").observe(429, {"Retry-After": "60"}, 0)
    governor.governor_for(one, "b").acquire("person")
    governor.governor_for(other, "a").acquire("person")


def test_a_shorter_answer_does_not_shorten_the_pause(rule):
    rule.observe(429, {"Retry-After": "60"}, 0.1)
    rule.observe(429, {"Retry-After": "2"}, 0.1)
    with pytest.raises(Throttled) as told:
        rule.acquire("person")
    assert told.value.retry_after > 50


@pytest.mark.parametrize(
    "header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-5"}, {"Retry-After": "99999"}]
)
def test_strange_answers_still_make_a_bounded_pause(rule, broker, header):
    rule.observe(429, header, 0.1)
    assert 0 < broker.pttl(rule._key) <= governor.LONGEST_BAN * 1000


def test_without_redis_calls_go_on(db, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    rule = governor.governor_for(make.environment(), "application")
    rule.observe(429, {"Retry-After": "60"}, 0.1)
    rule.acquire("background")
    with pytest.raises(redis.ConnectionError):
        governor._redis().ping()
