"""A creation that arrives twice makes one record: after a lost answer, after a crash, at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from core import clock
from integrations.api import repeating
from integrations.models import Attempt
from tests.integrations.caller import Caller, key_for, problem


@pytest.fixture
def shop(sample_integration, sample_owner):
    return Caller(sample_integration.service_name, key_for(sample_owner, sample_integration))


def count(shop, name):
    return shop.post("account/count", {"where": {"attribute": "name", "value": name}}).json()["count"]


def test_the_same_call_has_the_same_answer(shop):
    body = {"name": "Once only", "revenue": "1.50"}
    first = shop.post("account", body, Idempotency_Key="a-1")
    again = shop.post("account", b'{"revenue":"1.50",  "name":"Once only"}', Idempotency_Key="a-1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["Location"] == again.headers["Location"]
    assert count(shop, "Once only") == 1
    problem(shop.post("account", body | {"revenue": "2"}, Idempotency_Key="a-1"), 422, "idempotency")
    problem(shop.post("contact", {"lastname": "x"}, Idempotency_Key="a-1"), 422, "idempotency")
    problem(shop.post("account", body, Idempotency_Key="white space"), 400)
    problem(shop.post("account", body, Idempotency_Key="x" * 256), 400)


def test_a_crash_before_the_answer_makes_no_second_record(shop):
    first = shop.post("account", {"name": "Crashed"}, Idempotency_Key="crash")
    Attempt.objects.update(done=False)  # as it stands when the process dies right after Dynamics' answer
    again = shop.post("account", {"name": "Crashed"}, Idempotency_Key="crash")
    assert again.status_code == 201, again.content
    assert again.json() == first.json()
    assert count(shop, "Crashed") == 1


def test_what_was_refused_can_be_mended_by_dynamics_or_time(shop):
    problem(shop.post("account", {"name": "Later", "revenue": "x"}, Idempotency_Key="later"), 400)
    problem(shop.post("account", {"name": "Later", "revenue": "x"}, Idempotency_Key="later"), 400)
    assert count(shop, "Later") == 0


def test_another_key_is_another_caller(shop, sample_integration, sample_owner):
    other = Caller(shop.root.rpartition("/")[2], key_for(sample_owner, sample_integration, name="Other"))
    mine = shop.post("account", {"name": "Same token"}, Idempotency_Key="t").json()["id"]
    assert other.post("account", {"name": "Same token"}, Idempotency_Key="t").json()["id"] != mine


def test_a_token_lives_for_a_day(shop):
    first = shop.post("account", {"name": "Old"}, Idempotency_Key="old").json()["id"]
    Attempt.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert shop.post("account", {"name": "New"}, Idempotency_Key="old").json()["id"] != first
    Attempt.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert repeating.forget_old_attempts() == 1


def test_calls_at_the_same_time_make_one_record(shop):
    def create(_number):
        try:
            return Caller(shop.root.rpartition("/")[2], shop.key).post(
                "account", {"name": "At once"}, Idempotency_Key="at-once"
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(create, range(6)))
    assert {each.status_code for each in answers} == {201}, [each.content for each in answers]
    assert len({each.json()["id"] for each in answers}) == 1
    assert count(shop, "At once") == 1


def test_an_answer_of_dynamics_that_was_lost(shop, world):
    world.faults.add({"kind": "drop_response", "service": "contoso-dev", "method": "POST", "count": 1})
    lost = problem(shop.post("account", {"name": "Lost answer"}, Idempotency_Key="lost"), 503)
    assert lost["ids"]["microsoft_correlation_id"]
    again = shop.post("account", {"name": "Lost answer"}, Idempotency_Key="lost")
    assert again.status_code == 201, again.content
    assert count(shop, "Lost answer") == 1


def test_a_pause_that_dynamics_asks_for_is_passed_on(shop, world):
    world.faults.add(
        {"kind": "status", "service": "contoso-dev", "status": 429, "retry_after": 44, "count": 1}
    )
    answer = shop.get("account?top=1")
    assert "Microsoft" in problem(answer, 503)["title"]
    assert 40 <= int(answer.headers["Retry-After"]) <= 44
    world.faults.remove()
