"""The door, against a TLS server that answers what the test says."""

import base64
import json
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from decimal import Decimal

import pytest

from microsoft import errors
from microsoft.http import Door
from tests.microsoft.tlsserver import Answer

CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
CHALLENGE = {
    "WWW-Authenticate": 'Bearer error="insufficient_claims", '
    f'claims="{base64.b64encode(CLAIMS.encode()).decode()}"'
}


class CountingGovernor:
    def __init__(self):
        self.acquired, self.observed = [], []

    def acquire(self, priority):
        self.acquired.append(priority)
        return f"turn {len(self.acquired)}"

    def observe(self, turn, status, headers, seconds, code=""):
        self.observed.append((turn, status, headers.get("Retry-After"), code))


def test_a_request_carries_token_ids_and_agent(tls, door, tokens):
    tls.script.append(Answer(body={"a": 1}))
    response = door.request("get", f"{tls.origin}/x", tokens=tokens, scope="s", params={"$select": "a b"})
    (asked,) = tls.asked
    assert (asked.method, asked.path) == ("GET", "/x?$select=a%20b")
    assert asked.headers["authorization"] == "Bearer opaque"
    assert asked.headers["user-agent"].startswith("Isthmus/")
    assert (
        asked.headers["client-request-id"]
        == asked.headers["x-ms-client-request-id"]
        == response.correlation_id
    )
    assert tokens.asked == [("s", None)]
    assert response.json() == {"a": 1}


def test_decimals_travel_exactly_both_ways(tls, door):
    tls.script.append(Answer(body=b'{"revenue": 20000.0000, "big": 92233720368547758.07, "n": 12}'))
    body = {"revenue": Decimal("0.10"), "big": Decimal("92233720368547758.07")}
    found = door.request("POST", f"{tls.origin}/x", json=body).json()
    assert tls.asked[0].body == b'{"revenue":0.10,"big":92233720368547758.07}'
    assert str(found["revenue"]) == "20000.0000"
    assert found["big"] == Decimal("92233720368547758.07")
    assert found["n"] == 12
    assert type(found["n"]) is int


@pytest.mark.parametrize("value", [{1, object()}, "\ud800", object()])
def test_what_json_cannot_hold_is_not_sent(tls, door, value):
    with pytest.raises(errors.Invalid):
        door.request("POST", f"{tls.origin}/x", json={"a": value})
    assert tls.asked == []


def test_a_foreign_address_gets_neither_token_nor_packet(tls, door, tokens):
    for url in ("https://evil.example/x", tls.origin.replace("https", "http"), f"{tls.origin}@evil.example/"):
        with pytest.raises(errors.OriginRefused):
            door.request("GET", url, tokens=tokens, scope="s")
    assert tokens.asked == []
    assert tls.asked == []


def test_the_session_refuses_foreign_addresses_by_itself(tls, door):
    with pytest.raises(errors.OriginRefused):
        door.session.get("https://evil.example/")
    with pytest.raises(errors.OriginRefused):
        door.session.get(tls.origin.replace("https", "http"))


def test_redirects_are_not_followed(tls, door, tokens):
    tls.script.append(Answer(302, headers={"Location": f"{tls.origin}/elsewhere"}))
    with pytest.raises(errors.Refused) as caught:
        door.request("GET", f"{tls.origin}/x", tokens=tokens, scope="s")
    assert len(tls.asked) == 1
    assert "Redirects are not followed" in caught.value.advice


def test_cookies_are_not_kept(tls, door):
    tls.script += [Answer(headers={"Set-Cookie": "ARRAffinity=x; Path=/; Secure"}), Answer()]
    door.request("GET", f"{tls.origin}/x")
    door.request("GET", f"{tls.origin}/x")
    assert "cookie" not in tls.asked[1].headers


def test_the_environment_does_not_decide_whom_to_trust(tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    tls.script.append(Answer())
    door = Door(tls.cloud())
    assert door.request("GET", f"{tls.origin}/x").status == 200
    door.close()


class Proxy:
    """A CONNECT proxy that remembers where it was asked to go."""

    def __init__(self):
        self.targets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        client, _ = self.listener.accept()
        with client:
            request = b""
            while b"\r\n\r\n" not in request:
                request += client.recv(4096)
            host, _, port = request.split()[1].decode().partition(":")
            self.targets.append(f"{host}:{port}")
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._copy, args=(server, client))
                back.start()
                self._copy(client, server)
                back.join()

    @staticmethod
    def _copy(source, target):
        while data := source.recv(65536):
            target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def stop(self):
        self.thread.join(5)
        self.listener.close()


def test_the_configured_proxy_is_used(tls, tokens):
    proxy = Proxy()
    tls.script.append(Answer(body={"through": "proxy"}))
    door = Door(tls.cloud(), proxies={"https": proxy.url})
    assert door.request("GET", f"{tls.origin}/x", tokens=tokens, scope="s").json() == {"through": "proxy"}
    assert proxy.targets == [tls.origin.removeprefix("https://")]
    door.close()
    proxy.stop()


def test_an_unknown_certificate_is_refused_and_explained(tls, tokens):
    cloud = tls.cloud()
    door = Door(type(cloud)(**{**vars(cloud), "ca_file": None}))
    with pytest.raises(errors.Unreachable, match="certificate could not be verified"):
        door.request("GET", f"{tls.origin}/x", tokens=tokens, scope="s")
    assert tls.asked == []
    door.close()


def test_short_waits_are_retried_for_reads(tls, door):
    tls.script += [
        Answer(429, headers={"Retry-After": "0"}),
        Answer(503, headers={"Retry-After": "0"}),
        Answer(body={}),
    ]
    assert door.request("GET", f"{tls.origin}/x").status == 200
    ids = {asked.headers["client-request-id"] for asked in tls.asked}
    assert len(ids) == 3, "each attempt can be told apart by Microsoft support"


def test_tries_end(tls, door):
    tls.script += [Answer(503, headers={"Retry-After": "0"})] * 9
    with pytest.raises(errors.Unreachable):
        door.request("GET", f"{tls.origin}/x")
    assert len(tls.asked) == 3


@pytest.mark.parametrize(("status", "kind"), [(429, errors.Throttled), (503, errors.Unreachable)])
def test_a_long_wait_is_handed_to_the_caller(tls, door, status, kind):
    tls.script.append(Answer(status, headers={"Retry-After": "60"}))
    with pytest.raises(kind) as caught:
        door.request("GET", f"{tls.origin}/x")
    assert caught.value.retry_after == 60
    assert len(tls.asked) == 1


def test_writes_are_not_repeated_unless_they_may_be(tls, door):
    tls.script += [
        Answer(503, headers={"Retry-After": "0"}),
        Answer(503, headers={"Retry-After": "0"}),
        Answer(204),
    ]
    with pytest.raises(errors.Unreachable):
        door.request("POST", f"{tls.origin}/x", json={})
    assert len(tls.asked) == 1
    assert door.request("PATCH", f"{tls.origin}/x", json={}, retry=True).status == 204
    assert len(tls.asked) == 3


def test_a_server_error_is_not_repeated(tls, door):
    tls.script.append(
        Answer(500, {"error": {"code": "0x80040216", "message": "An unexpected error occurred."}})
    )
    with pytest.raises(errors.Unreachable):
        door.request("GET", f"{tls.origin}/x")
    assert len(tls.asked) == 1


def test_a_claims_challenge_is_answered_once(tls, door, tokens):
    tls.script += [Answer(401, headers=CHALLENGE), Answer(204)]
    assert door.request("POST", f"{tls.origin}/x", tokens=tokens, scope="s", json={}).status == 204
    assert tokens.asked == [("s", None), ("s", CLAIMS)]
    assert tls.asked[1].headers["authorization"] == "Bearer opaque-stronger"


def test_a_second_challenge_is_raised(tls, door, tokens):
    tls.script += [Answer(401, headers=CHALLENGE)] * 2
    with pytest.raises(errors.ClaimsChallenge) as caught:
        door.request("GET", f"{tls.origin}/x", tokens=tokens, scope="s")
    assert caught.value.claims == CLAIMS
    assert len(tls.asked) == 2


def test_a_slow_answer_ends_in_words_without_the_query(tls, tokens):
    door = Door(tls.cloud(), read_timeout=0.2)
    tls.script.append(Answer(delay=1.5))
    began = time.monotonic()
    with pytest.raises(errors.Unreachable) as caught:
        door.request(
            "GET", f"{tls.origin}/x", params={"$filter": "name eq 'secret'"}, tokens=tokens, scope="s"
        )
    assert time.monotonic() - began < 1.2, "a timeout is not repeated"
    assert "secret" not in str(caught.value)
    assert caught.value.correlation_id
    assert caught.value.__suppress_context__
    door.close()


def test_nobody_listening(tls):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    door = Door(tls.cloud(origins=(f"https://localhost:{port}",)))
    with pytest.raises(errors.Unreachable, match=f"localhost:{port} cannot be reached"):
        door.request("POST", f"https://localhost:{port}/x")
    door.close()


def test_the_governor_sees_every_attempt(tls, door):
    governor = CountingGovernor()
    crowded = {"error": {"code": "0x80072326", "message": "too many"}}
    tls.script += [Answer(429, crowded, headers={"Retry-After": "0"}), Answer()]
    door.request("GET", f"{tls.origin}/x", governor=governor, priority="sync")
    assert governor.acquired == ["sync", "sync"]
    assert governor.observed == [("turn 1", 429, "0", "0x80072326"), ("turn 2", 200, None, "")]


def test_the_governor_gets_its_turn_back_when_no_answer_comes(tls):
    governor = CountingGovernor()
    door = Door(tls.cloud(), read_timeout=0.1)
    tls.script.append(Answer(delay=0.5))
    with pytest.raises(errors.Unreachable):
        door.request("GET", f"{tls.origin}/x", governor=governor)
    assert governor.observed == [("turn 1", 0, None, "")]
    door.close()


def test_a_page_that_is_not_json_is_not_microsoft(tls, door):
    tls.script.append(Answer(body=b"<html>Sign in to the hotel network</html>"))
    with pytest.raises(errors.Unreachable, match="not JSON"):
        door.request("GET", f"{tls.origin}/x").json()


def test_text_has_no_byte_order_mark(tls, door):
    tls.script.append(Answer(body="\ufeff42".encode()))
    assert door.request("GET", f"{tls.origin}/x").text == "42"


def test_each_thread_has_its_session(door):
    seen, mine = [], door.session
    thread = threading.Thread(target=lambda: seen.append(door.session))
    thread.start()
    thread.join()
    assert seen[0] is not mine
    assert door.session is mine


def test_a_session_whose_thread_has_ended_serves_the_next_one(tls, door):
    seen = []

    def ask():
        seen.append(door.session)
        door.request("GET", f"{tls.origin}/x")

    for _ in range(2):
        tls.script.append(Answer(body=1))
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert seen[0] is seen[1]
    assert len({asked.connection for asked in tls.asked}) == 1


def test_a_process_does_not_take_over_sessions(door):
    thread = threading.Thread(target=lambda: door.session)
    thread.start()
    thread.join()
    mine = door.session  # the one that was left
    child = os.fork()
    if child == 0:
        os._exit(int(door.session is mine))
    assert os.waitpid(child, 0)[1] == 0


def test_tokens_do_not_reach_the_log(tls, door, tokens, caplog):
    caplog.set_level(logging.DEBUG)
    tls.script.append(Answer(403, {"error": {"code": "x", "message": "no"}}))
    with pytest.raises(errors.Forbidden) as caught:
        door.request("POST", f"{tls.origin}/x", tokens=tokens, scope="s", json={"secret": "hush-hush"})
    everything = caplog.text + str(caught.value) + repr(caught.value) + json.dumps(caught.value.ids())
    assert "opaque" not in everything
    assert "hush" not in everything
