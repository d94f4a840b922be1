"""The control plane: state, reset, clock, people, faults, and the request log."""

import json
import time

import pytest
import requests

from microsoft.certificates import make_certificate
from sandbox.directory.cast import ANA, BEN, CONTOSO
from sandbox.directory.model import GLOBAL_ADMINISTRATOR
from tests.sandbox_client import Client


@pytest.fixture
def world(new_sandbox):
    return new_sandbox()


@pytest.fixture
def client(world):
    return Client(world)


@pytest.fixture
def control(world, client):
    def call(method, path, body=None, **options):
        options = {"timeout": 30, **options}
        if method in {"POST", "PATCH"} and "data" not in options:
            options["json"] = body or {}
        return client.http.request(method, world.control_url + path, **options)

    return call


@pytest.fixture
def keys_url(world):
    return f"{world.places.login}/common/discovery/v2.0/keys"


class TestState:
    def test_tells_what_there_is(self, world, control):
        state = control("GET", "/").json()

        assert state["origins"]["contoso"] == world.places.environments["contoso"]
        assert [person["upn"].split("@")[0] for person in state["people"]] == ["ana", "ben", "cleo", "dara"]
        assert state["faults"] == []

    def test_reset_forgets(self, world, client, control):
        token = client.graph_token("ana@contoso.example", "Application.ReadWrite.All")
        client.register(token)
        control("POST", "/faults", {"kind": "latency", "seconds": 1, "service": "graph"})

        assert control("POST", "/reset").status_code == 200

        assert len(world.directory.applications.of_tenant(CONTOSO)) == 1
        assert control("GET", "/state").json()["faults"] == []
        assert client.token(grant_type="refresh_token", refresh_token="x").json()["error"] == "invalid_grant"

    def test_reset_to_another_scenario(self, control):
        assert control("POST", "/reset", {"scenario": "empty"}).json()["scenario"] == "empty"
        assert control("POST", "/reset", {"scenario": "tiny"}).status_code == 400

    def test_clock(self, world, client, control):
        token = client.graph_token("ben@contoso.example", "User.Read")

        moved = control("POST", "/clock", {"advance": 4000}).json()

        assert moved["offset_seconds"] == 4000
        assert client.graph("GET", "/me", token).status_code == 401
        world.stop()
        world.start()
        assert requests.get(f"{world.control_url}/clock", timeout=5).json()["offset_seconds"] == 4000

    def test_people(self, client, control):
        tokens = client.sign_in("ben@contoso.example", "openid offline_access")["refresh_token"]

        assert control("POST", "/people/ben@contoso.example/revoke").json() == {"revoked": 1}
        assert client.refresh(tokens).json()["error_codes"] == [50173]
        assert control("PATCH", f"/people/{BEN}", {"enabled": False}).json()["enabled"] is False
        assert client.refresh(tokens).json()["error_codes"] == [50057]
        assert control("PATCH", f"/people/{BEN}", {"roles": [GLOBAL_ADMINISTRATOR]}).json()["roles"] == [
            GLOBAL_ADMINISTRATOR
        ]

    def test_a_person_is_deleted(self, client, control):
        token = client.sign_in("ben@contoso.example", "openid offline_access")["refresh_token"]
        assert control("DELETE", f"/people/{BEN}").json()["upn"] == "ben@contoso.example"

        body = client.refresh(token).json()

        assert (body["error"], body["error_codes"]) == ("invalid_grant", [500341])
        assert BEN in body["error_description"]
        assert control("GET", f"/people/{BEN}").status_code == 404
        assert control("DELETE", f"/people/{BEN}").status_code == 404

    def test_consents(self, client, control):
        token = client.sign_in("ben@contoso.example", "openid offline_access")["refresh_token"]
        assert control("DELETE", "/consents?person=ben@contoso.example").status_code == 200

        assert client.refresh(token).json()["suberror"] == "consent_required"

    def test_settings(self, control):
        assert (
            control("PATCH", "/settings", {"replication_delay": 3, "require_mfa": ["graph"]}).json()[
                "replication_delay"
            ]
            == 3
        )
        assert control("GET", "/state").json()["settings"]["require_mfa"] == ["graph"]

    def test_tenants(self, world, control):
        assert control("PATCH", f"/tenants/{CONTOSO}", {"members_may_register": False}).status_code == 200
        assert world.directory.tenant(CONTOSO).members_may_register is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("DELETE", "/clock", None, 405),
        ("POST", "/clock", {"advance": "x"}, 400),
        ("POST", "/clock", {"advance": True}, 400),
        ("POST", "/clock", {"advance": 1e300}, 400),
        ("PATCH", "/settings", {"colour": 1}, 400),
        ("PATCH", "/settings", {"replication_delay": -1}, 400),
        ("PATCH", "/settings", {"require_mfa": "graph"}, 400),
        ("PATCH", "/people/nobody", {}, 404),
        ("PATCH", f"/people/{ANA}", {"roles": ["king"]}, 400),
        ("PATCH", f"/people/{ANA}", {"name": "x"}, 400),
        ("PATCH", "/tenants/nowhere", {}, 404),
        ("POST", "/faults", {}, 400),
        ("POST", "/faults", {"kind": "fire"}, 400),
        ("POST", "/faults", {"kind": "status", "status": 200}, 400),
        ("POST", "/faults", {"kind": "status", "count": 0}, 400),
        ("POST", "/faults", {"kind": "latency", "seconds": -1}, 400),
        ("POST", "/faults", {"kind": "reset", "path": "("}, 400),
        ("POST", "/faults", {"kind": "reset", "colour": 1}, 400),
        ("DELETE", "/faults/99", None, 404),
        ("POST", "/tokens", {"person": ANA}, 400),
        ("POST", "/tokens", {"person": ANA, "resource": "https://evil.example"}, 400),
        ("POST", "/tokens", {"person": "nobody", "resource": "x"}, 404),
        ("POST", "/tokens", {"person": 1}, 400),
        ("GET", "/tokens", None, 405),
        ("GET", "/requests?path=(", None, 400),
        ("GET", "/requests?after=x", None, 400),
    ],
)
def test_wrong_uses_are_told(sandbox, method, path, body, status):
    response = requests.request(method, sandbox.control_url + path, json=body, timeout=5)

    assert response.status_code == status
    assert response.json()["error"]


def test_tokens_without_a_sign_in(sandbox, sandbox_http):
    places = sandbox.places
    for resource, path in (
        (places.environments["contoso"], "/api/data/v9.2/WhoAmI"),
        (places.graph, "/v1.0/me"),
        (places.discovery, "/api/discovery/v2.0/Instances"),
    ):
        body = {"person": "ana@contoso.example", "resource": resource}
        token = requests.post(f"{sandbox.control_url}/tokens", json=body, timeout=10).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert sandbox_http.get(resource + path, headers=headers, timeout=10).status_code == 200


class TestOtherSites:
    """A page in the developer's browser must not be able to use the control plane."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json", "Origin": "https://evil.example"},
            {"Content-Type": "application/json", "Origin": "null"},
            {"Content-Type": "application/json", "Host": "evil.example"},
            {"Content-Type": "application/json", "Host": "localhost.evil.example:80"},
        ],
    )
    def test_cannot_change_anything(self, sandbox, headers):
        before = sandbox.clock.offset
        response = requests.post(
            f"{sandbox.control_url}/clock", data='{"advance": 99}', headers=headers, timeout=5
        )

        assert response.status_code in {403, 415}
        assert sandbox.clock.offset == before

    def test_is_on_the_pages_origin_only(self, sandbox, sandbox_http):
        for origin in sandbox.places.all_tls():
            assert sandbox_http.post(f"{origin}/_sandbox/reset", json={}).status_code >= 400
        assert sandbox_http.get(f"{sandbox.places.login}/_sandbox/state").status_code == 404


class TestFaults:
    def test_status_for_some_requests(self, client, control, keys_url):
        control(
            "POST",
            "/faults",
            {
                "kind": "status",
                "service": "login",
                "path": "/keys$",
                "status": 503,
                "retry_after": 7,
                "skip": 1,
                "count": 2,
            },
        )

        answers = [client.http.get(keys_url) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
        assert answers[1].headers["Retry-After"] == "7"
        assert answers[1].json()["error"] == "temporarily_unavailable"
        assert control("GET", "/faults").json()["faults"] == []

    def test_scope(self, client, control, keys_url):
        control("POST", "/faults", {"kind": "status", "service": "graph"})
        control("POST", "/faults", {"kind": "status", "service": "login", "method": "POST"})
        control("POST", "/faults", {"kind": "status", "service": "login", "path": "elsewhere"})

        assert client.http.get(keys_url).status_code == 200
        assert client.graph("GET", "/me", "x").status_code == 503
        assert control("DELETE", "/faults").json() == {"removed": 3}
        assert client.graph("GET", "/me", "x").status_code == 401

    def test_throttling_in_each_services_words(self, world, client, control):
        control("POST", "/faults", {"kind": "status", "status": 429, "retry_after": 3})

        graph = client.graph("GET", "/me", "x")
        dataverse = client.http.get(f"{world.places.environments['contoso']}/api/data/v9.2/WhoAmI")

        assert (graph.status_code, graph.json()["error"]["code"]) == (429, "TooManyRequests")
        assert (dataverse.status_code, dataverse.json()["error"]["code"]) == (429, "0x80072322")
        assert {graph.headers["Retry-After"], dataverse.headers["Retry-After"]} == {"3"}

    def test_own_words(self, world, client, control):
        control(
            "POST",
            "/faults",
            {
                "kind": "status",
                "service": "contoso",
                "status": 429,
                "code": "0x80072326",
                "message": "Too many.",
            },
        )
        url = "/api/data/v9.2/WhoAmI"

        error = client.http.get(world.places.environments["contoso"] + url).json()["error"]

        assert error == {"code": "0x80072326", "message": "Too many."}
        assert client.http.get(world.places.environments["contoso-dev"] + url).status_code == 401

    def test_latency(self, client, control, keys_url):
        control("POST", "/faults", {"kind": "latency", "seconds": 0.3, "count": 1})
        started = time.monotonic()
        client.http.get(keys_url)

        assert time.monotonic() - started >= 0.3

    def test_connection_reset(self, client, control, keys_url):
        control("POST", "/faults", {"kind": "reset", "service": "login"})

        with pytest.raises(requests.ConnectionError):
            client.http.get(keys_url)

    def test_answer_lost_after_the_commit(self, world, client, control):
        token = client.graph_token("ana@contoso.example", "Application.ReadWrite.All")
        control(
            "POST", "/faults", {"kind": "drop_response", "service": "graph", "method": "PATCH", "count": 1}
        )
        path, prefer = "/applications(uniqueName='lost')", {"Prefer": "create-if-missing"}

        with pytest.raises(requests.ConnectionError):
            client.graph("PATCH", path, token, json={"displayName": "x"}, headers=prefer)

        assert client.graph("GET", path, token).status_code == 200
        assert (
            client.graph("PATCH", path, token, json={"displayName": "x"}, headers=prefer).status_code == 204
        )

    def test_claims_challenge(self, client, control):
        token = client.graph_token("ben@contoso.example", "User.Read")
        control("POST", "/faults", {"kind": "claims_challenge", "service": "graph", "count": 1})

        response = client.graph("GET", "/me", token)

        assert response.status_code == 401
        assert 'error="insufficient_claims"' in response.headers["WWW-Authenticate"]
        assert client.graph("GET", "/me", token).status_code == 200

    def test_one_can_be_removed(self, client, control, keys_url):
        number = control("POST", "/faults", {"kind": "status"}).json()["id"]

        assert control("DELETE", f"/faults/{number}").status_code == 200
        assert client.http.get(keys_url).status_code == 200

    def test_control_plane_itself_never_fails(self, control):
        control("POST", "/faults", {"kind": "reset"})

        assert control("DELETE", "/faults").status_code == 200


class TestRequestLog:
    def test_filters(self, world, client, control, keys_url):
        client.http.get(keys_url, headers={"client-request-id": "abc", "User-Agent": "test/1"})
        client.http.get(f"{world.places.login}/nothing")
        client.graph("GET", "/me?$select=id", "x")

        (graph,) = control("GET", "/requests?service=graph").json()["requests"]
        assert (graph["method"], graph["path"], graph["query"], graph["status"]) == (
            "GET",
            "/v1.0/me",
            "$select=id",
            401,
        )
        (keys,) = control("GET", "/requests?path=/keys$").json()["requests"]
        assert (keys["client_request_id"], keys["user_agent"], keys["service"]) == ("abc", "test/1", "login")
        assert len(control("GET", "/requests?status=404").json()["requests"]) == 1
        assert control("GET", f"/requests?after={graph['id']}").json()["requests"] == []
        assert control("DELETE", "/requests").json()["requests"] == []

    def test_says_who_called_and_which_fault_struck(self, client, control):
        token = client.graph_token("ben@contoso.example", "User.Read")
        control("POST", "/faults", {"kind": "status", "service": "graph", "count": 1})
        client.graph("GET", "/me", token)

        entry = control("GET", "/requests?service=graph").json()["requests"][-1]

        assert entry["caller"] == "ben@contoso.example"
        assert (entry["status"], entry["faults"]) == (503, ["status"])

    def test_holds_no_secret(self, world, client, control):
        answers = client.sign_in(
            "ben@contoso.example", "openid offline_access", nonce="n0nce", state="secret-state"
        )
        client.refresh(answers["refresh_token"])
        client.http.get(
            f"{world.places.graph}/v1.0/me", headers={"Authorization": f"Bearer {answers['access_token']}"}
        )
        client.http.get(
            f"{world.places.pages}/common/oauth2/v2.0/logout", params={"id_token_hint": answers["id_token"]}
        )

        log = json.dumps(control("GET", "/requests").json())

        secrets = [
            answers["access_token"],
            answers["refresh_token"],
            answers["id_token"],
            world.front_app.client_secret,
        ]
        for secret in [*secrets, "secret-state", "n0nce", answers["access_token"].split(".")[2]]:
            assert secret not in log

    def test_nothing_secret_in_the_database_either(self, world, client):
        tokens = client.sign_in("ben@contoso.example", "openid offline_access")
        files = [path.read_bytes() for path in world.folder.glob("directory.sqlite3*")]

        assert not any(tokens["refresh_token"].encode() in data for data in files)


class TestApplications:
    """An administrator of Entra at work in the portal, for people who try the sandbox by hand."""

    def test_registers_with_a_service_principal_and_adds_a_certificate_later(self, world, control):
        first, second = (make_certificate(name) for name in ("first", "second"))
        wanted = {"tenant": CONTOSO, "name": "By hand", "certificate": first.certificate_pem}
        made = control("POST", "/applications", wanted)
        assert made.status_code == 201
        application = world.directory.applications.by_app_id(made.json()["client_id"])
        assert application.id == made.json()["object_id"]
        assert world.directory.service_principal(CONTOSO, application.app_id)
        more = {**wanted, "client_id": application.app_id, "certificate": second.der_base64}
        assert control("POST", "/applications", more).json() == made.json()
        assert control("POST", "/applications", more).status_code == 201, "twice is once"
        keys = {key.sha1 for key in world.directory.credentials.keys(application.id)}
        assert keys == {first.thumbprint_sha1, second.thumbprint_sha1}

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"tenant": "nonesuch"}, 404),
            ({"certificate": "nonsense"}, 400),
            ({"certificate": ""}, 400),
            ({"client_id": "nonesuch"}, 400),
            ({"name": 1}, 400),
        ],
    )
    def test_says_what_is_wrong(self, control, wrong, status):
        right = {"tenant": CONTOSO, "certificate": make_certificate("one").certificate_pem}
        answer = control("POST", "/applications", right | wrong)
        assert answer.status_code == status
        assert answer.json()["error"]
