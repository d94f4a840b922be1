"""Service protection: three limits per user, what a refusal says, and what is left."""

import threading
import time

import pytest
import requests

from tests.sandbox.dataverse.api import Api
from tests.sandbox.dataverse.multipart import operation, send

REQUESTS, SECONDS = (
    "x-ms-ratelimit-burst-remaining-xrm-requests",
    "x-ms-ratelimit-time-remaining-xrm-requests",
)


@pytest.fixture
def limited(new_sandbox):
    def start(**settings) -> Api:
        return Api(new_sandbox(settings={f"dataverse_{name}": value for name, value in settings.items()}))

    return start


def wait_of(api, response, code) -> int:
    api.error(response, 429, code)
    return int(response.headers["Retry-After"])


def test_microsofts_limits_are_the_usual_ones(limited):
    api = limited(requests=6000, execution_seconds=1200)
    first, second = api.send("GET", "WhoAmI"), api.send("GET", "WhoAmI")
    assert (first.headers[REQUESTS], second.headers[REQUESTS]) == ("5999", "5998")
    assert first.headers[SECONDS] == "1,200.00"
    left = float(second.headers[SECONDS].replace(",", ""))
    assert 1190 < left < 1200
    assert second.headers["x-ms-dop-hint"] == "8"


def test_requests(limited):
    api = limited(requests=3)
    for left in ("2", "1", "0"):
        response = api.send("GET", "WhoAmI")
        assert (response.status_code, response.headers[REQUESTS]) == (200, left)
    refused = api.send("GET", "WhoAmI")
    wait = wait_of(api, refused, "0x80072322")
    assert refused.json()["error"]["message"] == (
        "Number of requests exceeded the limit of 3 over time window of 300 seconds."
    )
    assert 290 <= wait <= 300
    assert refused.headers[REQUESTS] == "0"
    assert refused.headers["REQ_ID"]


def test_the_window_slides_with_the_clock(limited):
    api = limited(requests=2)
    api.get("WhoAmI")
    api.world.clock.advance(200)
    api.get("WhoAmI")
    wait = wait_of(api, api.send("GET", "WhoAmI"), "0x80072322")
    assert 90 <= wait <= 100
    api.world.clock.advance(wait)
    assert api.with_token(api.person_token("ana")).send("GET", "WhoAmI").status_code == 200


def test_the_wait_grows_for_who_ignores_it(limited):
    api = limited(requests=1, window_seconds=10)
    api.get("WhoAmI")
    api.world.clock.advance(8)
    waits = [wait_of(api, api.send("GET", "WhoAmI"), "0x80072322") for _ in range(3)]
    assert waits == sorted(set(waits))
    api.world.clock.advance(3)  # the first request has left the window, but the wait is not over
    assert wait_of(api, api.send("GET", "WhoAmI"), "0x80072322") > waits[-1] - 3


def test_execution_time(limited):
    api = limited(execution_seconds=0.001)
    assert api.send("GET", "accounts?$top=500").status_code == 200
    refused = api.send("GET", "WhoAmI")
    wait_of(api, refused, "0x80072321")
    assert "Combined execution time of incoming requests exceeded limit of 1 milliseconds" in refused.text
    assert refused.headers[SECONDS] == "0.00"


def test_concurrency(limited):
    """A write that waits for its turn is a request that runs."""
    api = limited(concurrent=2)
    house = api.world._houses[api.environment.url_name]
    answers = []

    def write():
        # The reads below count as well, so that a write may be the one too many.
        writer = Api(api.world)
        while (answer := writer.send("POST", "accounts", json={"name": "slow"})).status_code == 429:
            continue
        answers.append(answer)

    with house.open().organization.write():
        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while (refused := api.send("GET", "WhoAmI")).status_code == 200:
            assert time.monotonic() < deadline
        assert wait_of(api, refused, "0x80072326") >= 1
        assert "Number of concurrent requests exceeded the limit of 2." in refused.text
        assert api.acting("ben").send("GET", "WhoAmI").status_code == 200
    for thread in threads:
        thread.join(20)
    assert [answer.status_code for answer in answers] == [204, 204]
    assert api.send("GET", "WhoAmI").status_code == 200


def test_everybody_has_limits_of_their_own_and_so_has_each_environment(limited):
    api = limited(requests=1)
    api.get("WhoAmI")
    wait_of(api, api.send("GET", "WhoAmI"), "0x80072322")
    assert api.acting("ben").send("GET", "WhoAmI").status_code == 200
    assert Api(api.world, "contoso-dev").send("GET", "WhoAmI").status_code == 200


def test_a_batch_counts_once_and_impersonation_on_the_caller(limited):
    api = limited(requests=3)
    cleo = api.acting("cleo").get("WhoAmI")["UserId"]
    assert send(api, *[operation("GET", "WhoAmI")] * 5).headers[REQUESTS] == "2"
    assert api.send("GET", "WhoAmI", headers={"MSCRMCallerID": cleo}).headers[REQUESTS] == "1"


def test_the_control_plane_changes_limits_while_it_runs(limited):
    api = limited(requests=0)
    assert [api.send("GET", "WhoAmI").headers[REQUESTS] for _ in range(2)] == ["6000", "6000"]
    answer = requests.patch(
        f"{api.world.control_url}/settings",
        json={"dataverse_requests": 1, "dataverse_dop_hint": 4},
        timeout=30,
    )
    assert answer.json()["dataverse_requests"] == 1
    refused = api.send("GET", "WhoAmI")
    wait_of(api, refused, "0x80072322")
    assert refused.headers["x-ms-dop-hint"] == "4"
    wrong = requests.patch(
        f"{api.world.control_url}/settings", json={"dataverse_requests": "many"}, timeout=30
    )
    assert wrong.status_code == 400
