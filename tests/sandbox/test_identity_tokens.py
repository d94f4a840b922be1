"""The token endpoint for people (contract B1, B3, G4, G5)."""

import jwt
import pytest

from sandbox.directory.cast import BEN as BEN_ID
from sandbox.directory.cast import CONTOSO, FABRIKAM
from tests.sandbox_browser import Browser
from tests.sandbox_client import Client

ANA, BEN, DARA = "ana@contoso.example", "ben@contoso.example", "dara@fabrikam.example"
OPENID = "openid profile offline_access"


@pytest.fixture
def client(entra_client):
    return entra_client


@pytest.fixture
def contoso(sandbox):
    return f"{sandbox.places.environments['contoso']}/user_impersonation"


@pytest.fixture
def discovery(sandbox):
    return f"{sandbox.places.discovery}/user_impersonation"


def refused(response, number, error="invalid_grant", status=400):
    body = response.json()
    assert (response.status_code, body["error"], body["error_codes"]) == (status, error, [number]), body
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= set(body)
    assert f"Trace ID: {body['trace_id']}" in body["error_description"]
    return body


class TestCode:
    def test_answer(self, sandbox, client, contoso):
        tokens = client.sign_in(BEN, f"{contoso} {OPENID}", nonce="n0nce")

        assert tokens["token_type"] == "Bearer"
        assert tokens["expires_in"] == tokens["ext_expires_in"] == 3599
        assert tokens["scope"].split()[0] == contoso
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        assert claims["aud"] == sandbox.front_app.client_id
        assert claims["iss"] == f"{sandbox.places.login}/{CONTOSO}/v2.0"
        assert (claims["oid"], claims["tid"], claims["ver"]) == (BEN_ID, CONTOSO, "2.0")
        assert (claims["name"], claims["preferred_username"]) == ("Ben Okafor", BEN)
        assert claims["nonce"] == "n0nce"
        assert claims["sub"] != claims["oid"]

    def test_access_token(self, sandbox, client, contoso):
        tokens = client.sign_in(BEN, contoso)
        seen = sandbox.tokens.verify(tokens["access_token"], sandbox.places.environments["contoso"])

        assert (seen.idtyp, seen.oid, seen.tid, seen.upn) == ("user", BEN_ID, CONTOSO, BEN)
        assert seen.appid == sandbox.front_app.client_id
        assert seen.scp == {"user_impersonation"}
        assert seen.raw["appidacr"] == "1"

    def test_only_what_was_asked_comes(self, client, contoso):
        tokens = client.sign_in(BEN, contoso)

        assert not {"refresh_token", "id_token", "client_info"} & set(tokens)

    def test_is_good_once(self, client, browser, contoso):
        code = browser.sign_in(BEN, contoso)["code"]
        assert client.redeem(code).status_code == 200

        refused(client.redeem(code), 54005)

    def test_expires_after_ten_minutes(self, new_sandbox):
        world = new_sandbox()
        code = Browser(world).sign_in(BEN, "openid")["code"]
        world.clock.advance(601)

        refused(Client(world).redeem(code), 70008)

    def test_unknown(self, client):
        refused(client.redeem("1.nonsense"), 70000)

    def test_other_redirect_uri(self, client, browser):
        code = browser.sign_in(BEN, "openid")["code"]

        refused(client.redeem(code, redirect_uri="http://localhost/"), 500112)

    def test_other_client(self, sandbox, client, browser, ana_graph):
        other = client.graph(
            "POST",
            "/applications",
            ana_graph,
            json={"displayName": "Other", "signInAudience": "AzureADMultipleOrgs"},
        ).json()
        secret = client.graph("POST", f"/applications/{other['id']}/addPassword", ana_graph, json={}).json()[
            "secretText"
        ]
        code = browser.sign_in(BEN, "openid")["code"]

        refused(client.redeem(code, client_id=other["appId"], client_secret=secret), 70000)

    def test_other_tenant(self, client, browser):
        code = browser.sign_in(BEN, "openid")["code"]

        refused(client.redeem(code, tenant=FABRIKAM), 50020)

    def test_several_resources_answer_for_the_first(self, sandbox, client, contoso, discovery):
        tokens = client.sign_in(BEN, f"{discovery} {contoso} {OPENID}")

        assert tokens["scope"].split()[0] == discovery
        sandbox.tokens.verify(tokens["access_token"], sandbox.places.discovery)

    def test_explicit_scope_chooses(self, client, browser, contoso, discovery):
        code = browser.sign_in(BEN, f"{discovery} {contoso} {OPENID}")["code"]

        assert client.redeem(code, scope=contoso).json()["scope"].split()[0] == contoso

    def test_two_resources_in_the_token_request(self, client, browser, contoso, discovery):
        code = browser.sign_in(BEN, f"{discovery} {contoso}")["code"]

        refused(client.redeem(code, scope=f"{discovery} {contoso}"), 700022, "invalid_request")

    def test_double_slash_is_kept_in_the_audience(self, sandbox, client):
        origin = sandbox.places.environments["contoso"]
        tokens = client.sign_in(BEN, f"{origin}//user_impersonation")

        assert jwt.decode(tokens["access_token"], options={"verify_signature": False})["aud"] == f"{origin}/"
        assert tokens["scope"] == f"{origin}//user_impersonation"
        sandbox.tokens.verify(tokens["access_token"], origin)

    @pytest.mark.parametrize(
        ("form", "number", "error", "status"),
        [
            ({"grant_type": None}, 900144, "invalid_request", 400),
            ({"grant_type": "password"}, 70003, "unsupported_grant_type", 400),
            ({"code": ""}, 900144, "invalid_request", 400),
            ({"redirect_uri": None}, 900144, "invalid_request", 400),
            ({"client_id": None}, 900144, "invalid_request", 400),
            ({"client_id": "0b2ad7fa-5d5c-4cf0-9d5e-1f3f0f2f5c11"}, 700016, "unauthorized_client", 400),
        ],
    )
    def test_incomplete_requests(self, client, form, number, error, status):
        refused(client.redeem("1.x", **form), number, error, status)

    def test_secret(self, client, browser):
        code = browser.sign_in(BEN, "openid")["code"]

        refused(client.redeem(code, client_secret="wrong"), 7000215, "invalid_client", 401)
        refused(client.redeem(code, client_secret=None), 7000218, "invalid_client", 401)
        assert client.redeem(code).status_code == 200

    def test_secret_by_basic_authentication(self, sandbox, client, browser):
        front = sandbox.front_app
        response = client.http.post(
            f"{sandbox.places.login}/organizations/oauth2/v2.0/token",
            auth=(front.client_id, front.client_secret),
            data={
                "grant_type": "authorization_code",
                "code": browser.sign_in(BEN, "openid")["code"],
                "redirect_uri": "http://localhost/complete/entra/",
            },
        )

        assert response.status_code == 200


class TestRefresh:
    def test_serves_another_resource(self, sandbox, client, contoso, discovery):
        tokens = client.sign_in(BEN, f"{contoso} {OPENID}")
        more = client.refresh(tokens["refresh_token"], scope=f"{discovery} {OPENID}").json()

        assert more["scope"].split()[0] == discovery
        sandbox.tokens.verify(more["access_token"], sandbox.places.discovery)

    def test_rotates_and_leaves_the_old_one_good(self, client, contoso):
        first = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        second = client.refresh(first).json()["refresh_token"]

        assert second != first
        assert client.refresh(first).status_code == 200
        assert client.refresh(second).status_code == 200

    def test_without_scope_means_the_first_resource_of_the_sign_in(self, client, contoso, discovery):
        tokens = client.sign_in(BEN, f"{discovery} {contoso} {OPENID}")

        assert client.refresh(tokens["refresh_token"]).json()["scope"].split()[0] == discovery

    def test_two_resources_answer_for_the_first(self, client, contoso, discovery):
        tokens = client.sign_in(BEN, f"{contoso} {OPENID}")
        answer = client.refresh(tokens["refresh_token"], scope=f"{discovery} {contoso}").json()

        assert answer["scope"] == discovery

    def test_without_consent_it_stays_good(self, sandbox, client, contoso):
        tokens = client.sign_in(BEN, f"{contoso} {OPENID}")
        graph = f"{sandbox.places.graph}/Directory.Read.All"

        body = refused(client.refresh(tokens["refresh_token"], scope=graph), 65001)

        assert body["suberror"] == "consent_required"
        assert client.refresh(tokens["refresh_token"], scope=contoso).status_code == 200

    def test_of_another_client(self, client, ana_graph, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        other = client.graph(
            "POST",
            "/applications",
            ana_graph,
            json={"displayName": "Thief", "signInAudience": "AzureADMultipleOrgs"},
        ).json()
        secret = client.graph("POST", f"/applications/{other['id']}/addPassword", ana_graph, json={}).json()[
            "secretText"
        ]

        refused(client.refresh(token, client_id=other["appId"], client_secret=secret), 70000)

    def test_needs_the_clients_own_proof(self, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]

        refused(client.refresh(token, client_secret=None), 7000218, "invalid_client", 401)

    def test_nonsense(self, client):
        refused(client.refresh("nonsense"), 70000)
        refused(client.token(grant_type="refresh_token"), 900144, "invalid_request")

    def test_environment_of_another_tenant(self, sandbox, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        fabrikam = f"{sandbox.places.environments['fabrikam']}/user_impersonation"

        refused(client.refresh(token, scope=fabrikam), 500011, "invalid_resource")

    def test_scope_that_does_not_exist(self, sandbox, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        wrong = f"{sandbox.places.environments['contoso']}/everything"

        refused(client.refresh(token, scope=wrong), 650053, "invalid_client")


class TestWhatChangesMeanwhile:
    @pytest.fixture
    def world(self, new_sandbox):
        return new_sandbox()

    @pytest.fixture
    def client(self, world):
        return Client(world)

    @pytest.fixture
    def contoso(self, world):
        return f"{world.places.environments['contoso']}/user_impersonation"

    def test_access_tokens_expire(self, world, client):
        token = client.graph_token(BEN, "User.Read")
        world.clock.advance(3600)

        assert client.graph("GET", "/me", token).status_code == 401

    def test_refresh_tokens_expire_when_idle(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        world.clock.advance(90 * 86400 + 1)

        refused(client.refresh(token), 700082)

    def test_revocation(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        world.directory.sign_ins.revoke_refresh_tokens(BEN_ID)

        refused(client.refresh(token), 50173)

    def test_disabled_person(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        world.directory.people_table.change(BEN_ID, enabled=False)

        refused(client.refresh(token), 50057)

    def test_second_factor_is_demanded_and_then_remembered(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        world.directory.settings.change({"require_mfa": ["contoso"]})

        body = refused(client.refresh(token, scope=contoso), 50076, "interaction_required")

        assert body["suberror"] == "basic_action"
        other = f"{world.places.environments['contoso-dev']}/user_impersonation"
        assert client.refresh(token, scope=other).status_code == 200
        stronger = client.sign_in(BEN, f"{contoso} {OPENID}", claims=body["claims"])["refresh_token"]
        assert client.refresh(stronger, scope=contoso).status_code == 200

    def test_claims_with_a_weak_token(self, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'

        assert (
            refused(client.refresh(token, claims=claims), 50076, "interaction_required")["claims"] == claims
        )

    def test_disabled_service_principal(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        principal = world.directory.service_principal(CONTOSO, world.front_app.client_id)
        world.directory.principals.change(principal.id, enabled=False)

        refused(client.refresh(token), 7000112, "unauthorized_client")

    def test_state_outlives_a_restart(self, world, client, contoso):
        token = client.sign_in(BEN, f"{contoso} {OPENID}")["refresh_token"]
        world.stop()
        world.start()
        moved = f"{world.places.environments['contoso']}/user_impersonation"

        assert Client(world).refresh(token, scope=moved).status_code == 200
