"""Client credentials: what a certificate proves (contract C1, D3, D6, G5)."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from sandbox.directory.cast import CONTOSO, FABRIKAM
from tests.sandbox_client import ASSERTION_TYPE, Client, assertion, make_key_pair, token_url


@pytest.fixture(scope="module")
def pair():
    return make_key_pair()


@pytest.fixture(scope="module")
def app(entra_client, ana_graph, pair):
    return entra_client.register(ana_graph, pair)


@pytest.fixture
def ask(entra_client, app, pair, sandbox):
    """Client credentials for the environment, by default as MSAL would."""
    scope = f"{sandbox.places.environments['contoso']}/.default"

    def ask(*, key=pair, client_id=app["appId"], tenant=CONTOSO, scope=scope, **options):
        return entra_client.assert_certificate(key, client_id, tenant, scope, **options)

    return ask


def refused(response, number, error="invalid_client", status=401):
    body = response.json()
    assert (response.status_code, body["error"], body["error_codes"]) == (status, error, [number]), body
    return body


@pytest.mark.parametrize(
    "way",
    [
        ("PS256", "x5t#S256", "sha256", True),
        ("PS256", "x5t#S256", "sha256", False),
        ("RS256", "x5t", "sha1", True),
        ("RS256", "x5t", "sha1", False),
        ("RS256", "x5t#S256", "sha256", True),
        ("PS256", "x5t", "sha1", True),
    ],
)
def test_both_algorithms_and_thumbprints(ask, sandbox, app, pair, way):
    algorithm, header, digest, padding = way
    response = ask(algorithm=algorithm, headers={header: pair.x5t(digest, padding)})

    assert response.status_code == 200
    assert set(response.json()) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    seen = sandbox.tokens.verify(response.json()["access_token"], sandbox.places.environments["contoso"])
    assert seen.is_application
    assert seen.oid == seen.raw["sub"] == app["principal"]["id"]
    assert (seen.appid, seen.tid, seen.raw["appidacr"]) == (app["appId"], CONTOSO, "2")
    assert not {"scp", "roles"} & set(seen.raw)


def test_the_same_assertion_may_be_sent_again(entra_client, sandbox, app, pair):
    url = token_url(sandbox, CONTOSO)
    form = {
        "grant_type": "client_credentials",
        "client_id": app["appId"],
        "scope": f"{sandbox.places.environments['contoso']}/.default",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(pair, app["appId"], url),
    }

    assert [entra_client.http.post(url, data=form).status_code for _ in range(2)] == [200, 200]


def test_audience_may_be_the_tenant_by_domain(ask, sandbox):
    assert ask(tenant="contoso.example").status_code == 200
    assert ask(tenant="contoso.example", audience=token_url(sandbox, CONTOSO)).status_code == 200


def test_certificate_that_was_never_registered(ask):
    body = refused(ask(key=make_key_pair()), 700027)

    assert "The key was not found." in body["error_description"]


def test_another_key_under_a_registered_thumbprint(ask, pair):
    refused(ask(key=make_key_pair(), headers={"x5t#S256": pair.x5t("sha256")}), 700027)


def test_sha256_in_the_place_of_sha1(ask, pair):
    refused(ask(algorithm="RS256", headers={"x5t": pair.x5t("sha256")}), 700027)


def test_x5c_proves_nothing(ask):
    other = make_key_pair()
    x5c = [other.base64]

    refused(ask(key=other, headers={"x5t#S256": other.x5t("sha256"), "x5c": x5c}), 700027)


def test_no_thumbprint(ask):
    refused(ask(headers={"kid": "x"}), 700030)


@pytest.mark.parametrize("audience", ["https://elsewhere.example/token", ["x"], None])
def test_wrong_audience(ask, audience):
    refused(ask(audience=audience), 700023)


def test_audience_of_another_tenant(ask, sandbox):
    refused(ask(audience=token_url(sandbox, FABRIKAM)), 700023)


@pytest.mark.parametrize("name", ["iss", "sub"])
def test_issuer_and_subject_are_the_client(ask, name):
    refused(ask(**{name: "somebody else"}), 700021)


@pytest.mark.parametrize(
    "claims",
    [{"exp": time.time() - 3600}, {"nbf": time.time() + 3600}],
)
def test_times(ask, claims):
    refused(ask(**claims), 700024)


@pytest.mark.parametrize("claims", [{"exp": None}, {"exp": "soon"}, {"exp": float("nan")}])
def test_times_that_are_none(ask, claims):
    assert ask(**claims).status_code == 401


def test_small_skew_is_forgiven(ask):
    assert ask(exp=time.time() - 60).status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "e30.e30.",
        base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode() + ".e30.",
    ],
)
def test_what_is_not_a_token(entra_client, sandbox, app, token):
    form = {
        "grant_type": "client_credentials",
        "client_id": app["appId"],
        "scope": f"{sandbox.places.graph}/.default",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": token,
    }

    assert entra_client.http.post(token_url(sandbox, CONTOSO), data=form).status_code == 401


def test_unsigned_and_symmetric_assertions(entra_client, sandbox, app, pair):
    url = token_url(sandbox, CONTOSO)
    claims = {"aud": url, "iss": app["appId"], "sub": app["appId"], "exp": time.time() + 600}
    header = {"x5t": pair.x5t()}
    forged = [
        jwt.encode(claims, None, algorithm="none", headers=header),
        jwt.encode(claims, "k" * 32, algorithm="HS256", headers=header),
        jwt.encode(claims, pair.key, algorithm="RS512", headers=header),
    ]
    for token in forged:
        form = {
            "grant_type": "client_credentials",
            "client_id": app["appId"],
            "scope": f"{sandbox.places.graph}/.default",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": token,
        }
        refused(entra_client.http.post(url, data=form), 5002738)


def test_assertion_type_is_needed(entra_client, app):
    response = entra_client.token(
        CONTOSO,
        grant_type="client_credentials",
        client_id=app["appId"],
        client_secret=None,
        scope="x/.default",
        client_assertion="x",
    )

    refused(response, 900144, "invalid_request", 400)


@pytest.mark.parametrize("scope", ["user_impersonation", ".default", "openid"])
def test_scope_must_end_in_default(ask, scope):
    refused(ask(scope=scope), 1002012, "invalid_scope", 400)


def test_scope_is_needed(ask):
    refused(ask(scope=" "), 900144, "invalid_request", 400)


def test_two_resources(ask, sandbox):
    both = f"{sandbox.places.graph}/.default {sandbox.places.environments['contoso']}/.default"

    refused(ask(scope=both), 700022, "invalid_request", 400)


def test_environment_of_another_tenant(ask, sandbox):
    refused(ask(scope=f"{sandbox.places.environments['fabrikam']}/.default"), 500011, "invalid_resource", 400)


def test_a_tenant_is_needed(ask):
    refused(ask(tenant="organizations"), 50059, "invalid_request", 400)


def test_application_of_another_tenant(ask):
    refused(ask(tenant=FABRIKAM), 700016, "unauthorized_client", 400)


def test_unknown_application(ask):
    refused(ask(client_id="0b2ad7fa-5d5c-4cf0-9d5e-1f3f0f2f5c11"), 700016, "unauthorized_client", 400)


def test_no_proof_at_all(entra_client, app, sandbox):
    response = entra_client.token(
        CONTOSO,
        grant_type="client_credentials",
        client_id=app["appId"],
        client_secret=None,
        scope=f"{sandbox.places.graph}/.default",
    )

    refused(response, 7000218)


def test_secret(entra_client, ana_graph, sandbox, app):
    made = entra_client.graph(
        "POST",
        f"/applications/{app['id']}/addPassword",
        ana_graph,
        json={"passwordCredential": {"displayName": "s"}},
    )
    form = {
        "grant_type": "client_credentials",
        "client_id": app["appId"],
        "scope": f"{sandbox.places.graph}/.default",
    }

    answer = entra_client.token(CONTOSO, **form, client_secret=made.json()["secretText"])

    assert jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["appidacr"] == "1"
    refused(entra_client.token(CONTOSO, **form, client_secret=made.json()["keyId"]), 7000215)
    removed = entra_client.graph(
        "POST", f"/applications/{app['id']}/removePassword", ana_graph, json={"keyId": made.json()["keyId"]}
    )
    assert removed.status_code == 204
    refused(entra_client.token(CONTOSO, **form, client_secret=made.json()["secretText"]), 7000215)


class TestTime:
    @pytest.fixture
    def world(self, new_sandbox):
        return new_sandbox(replication_delay=20)

    @pytest.fixture
    def client(self, world):
        return Client(world)

    @pytest.fixture
    def token(self, client):
        return client.graph_token("ana@contoso.example", "Application.ReadWrite.All")

    def ask(self, world, client, app, pair):
        scope = f"{world.places.environments['contoso']}/.default"
        return client.assert_certificate(pair, app["appId"], CONTOSO, scope)

    def test_everything_arrives_late(self, world, client, token, pair):
        created = client.graph(
            "POST", "/applications", token, json={"displayName": "A", "keyCredentials": [pair.credential()]}
        )
        app = created.json()
        principal = {"appId": app["appId"]}

        refused(self.ask(world, client, app, pair), 700016, "unauthorized_client", 400)
        assert client.graph("GET", f"/applications/{app['id']}", token).status_code == 404
        assert (
            client.graph("GET", f"/applications?$filter=appId eq '{app['appId']}'", token).json()["value"]
            == []
        )
        early = client.graph("POST", "/servicePrincipals", token, json=principal)
        assert early.status_code == 400
        assert early.json()["error"]["details"][0]["code"] == "NoBackingApplicationObject"

        world.clock.advance(12)
        late = client.graph("POST", "/servicePrincipals", token, json=principal)
        assert late.status_code == 403
        assert late.json()["error"]["message"].startswith(
            "When using this permission, the backing application"
        )

        world.clock.advance(10)
        made = client.graph("POST", "/servicePrincipals", token, json=principal)
        assert made.status_code == 201
        refused(self.ask(world, client, app, pair), 7000229)
        assert client.graph("GET", f"/servicePrincipals(appId='{app['appId']}')", token).status_code == 404

        world.clock.advance(21)
        assert self.ask(world, client, app, pair).status_code == 200
        assert client.graph("GET", f"/servicePrincipals(appId='{app['appId']}')", token).status_code == 200

    def test_new_key_is_not_known_at_once(self, world, client, token, pair):
        world.directory.settings.change({"replication_delay": 0})
        app = client.register(token, pair)
        world.directory.settings.change({"replication_delay": 20})
        newer = make_key_pair()
        present = client.graph("GET", f"/applications/{app['id']}", token).json()["keyCredentials"]
        changed = client.graph(
            "PATCH",
            f"/applications/{app['id']}",
            token,
            json={"keyCredentials": [*present, newer.credential()]},
        )
        assert changed.status_code == 204

        refused(self.ask(world, client, app, newer), 700027)
        assert self.ask(world, client, app, pair).status_code == 200

        world.clock.advance(21)
        assert self.ask(world, client, app, newer).status_code == 200

    def test_disabled_principal(self, world, client, token, pair):
        world.directory.settings.change({"replication_delay": 0})
        app = client.register(token, pair)
        path = f"/servicePrincipals/{app['principal']['id']}"
        assert client.graph("PATCH", path, token, json={"accountEnabled": False}).status_code == 204

        refused(self.ask(world, client, app, pair), 7000112, "unauthorized_client", 400)

    def test_expired_key(self, world, client, token):
        world.directory.settings.change({"replication_delay": 0})
        short = make_key_pair(days=10)
        app = client.register(token, short)
        assert self.ask(world, client, app, short).status_code == 200
        world.clock.advance(11 * 86400)
        now = world.clock.timestamp()

        response = client.assert_certificate(
            short, app["appId"], CONTOSO, f"{world.places.graph}/.default", exp=now + 600
        )

        assert "expired" in refused(response, 700027)["error_description"]

    def test_expired_secret(self, world, client, token):
        world.directory.settings.change({"replication_delay": 0})
        app = client.register(token)
        end = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        secret = client.graph(
            "POST",
            f"/applications/{app['id']}/addPassword",
            token,
            json={"passwordCredential": {"endDateTime": end}},
        ).json()["secretText"]
        world.clock.advance(600)

        response = client.token(
            CONTOSO,
            grant_type="client_credentials",
            client_id=app["appId"],
            client_secret=secret,
            scope=f"{world.places.graph}/.default",
        )

        refused(response, 7000222)
