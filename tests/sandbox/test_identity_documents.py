"""What a client reads before it signs anybody in (contract G1, G2, G6)."""

import jwt
import pytest

from sandbox.directory.cast import CONTOSO


@pytest.fixture
def login(sandbox):
    return sandbox.places.login


def test_discovery_document_of_a_tenant_names_its_issuer(sandbox_http, login, sandbox):
    document = sandbox_http.get(f"{login}/{CONTOSO}/v2.0/.well-known/openid-configuration?appid=x").json()

    assert document["issuer"] == f"{login}/{CONTOSO}/v2.0"
    assert document["token_endpoint"] == f"{login}/{CONTOSO}/oauth2/v2.0/token"
    assert document["authorization_endpoint"] == f"{sandbox.places.pages}/{CONTOSO}/oauth2/v2.0/authorize"
    assert document["end_session_endpoint"].startswith(sandbox.places.pages)
    assert document["subject_types_supported"] == ["pairwise"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize("segment", ["common", "organizations"])
def test_discovery_document_without_a_tenant_keeps_the_placeholder(sandbox_http, login, segment):
    document = sandbox_http.get(f"{login}/{segment}/v2.0/.well-known/openid-configuration").json()

    assert document["issuer"] == f"{login}/{{tenantid}}/v2.0"
    assert document["jwks_uri"] == f"{login}/{segment}/discovery/v2.0/keys"


def test_a_tenant_may_be_named_by_its_domain(sandbox_http, login):
    document = sandbox_http.get(f"{login}/contoso.example/v2.0/.well-known/openid-configuration").json()

    assert document["issuer"] == f"{login}/{CONTOSO}/v2.0"


def test_unknown_tenant(sandbox_http, login):
    response = sandbox_http.get(f"{login}/nowhere.example/v2.0/.well-known/openid-configuration")

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_tenant"
    assert response.json()["error_codes"] == [90002]


def test_keys_verify_what_the_sandbox_signs(sandbox, sandbox_http, login):
    (key,) = sandbox_http.get(f"{login}/common/discovery/v2.0/keys").json()["keys"]
    token = sandbox.tokens.sign({"hello": "world"})

    assert key["issuer"] == f"{login}/{{tenantid}}/v2.0"
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"]) == {"hello": "world"}


def test_instance_discovery(sandbox_http, login):
    document = sandbox_http.get(
        f"{login}/common/discovery/instance?api-version=1.1&authorization_endpoint=x"
    ).json()

    assert document["api-version"] == "1.1"
    assert document["metadata"][0]["aliases"] == [login.removeprefix("https://")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/", 404),
        ("PUT", "/common/oauth2/v2.0/token", 405),
        ("GET", "/common/oauth2/v2.0/token", 405),
        ("POST", "/common/oauth2/v2.0/token", 400),
    ],
)
def test_what_entra_does_not_serve_has_its_error_shape(sandbox_http, login, method, path, status):
    response = sandbox_http.request(method, login + path)

    assert response.status_code == status
    body = response.json()
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    assert body["trace_id"] in body["error_description"]
    assert response.headers["x-ms-request-id"] == body["trace_id"]


def test_the_correlation_id_of_the_caller_comes_back(sandbox_http, login):
    mine = "1a8ad7fa-5d5c-4cf0-9d5e-1f3f0f2f5c11"
    response = sandbox_http.post(f"{login}/common/oauth2/v2.0/token", headers={"client-request-id": mine})

    assert response.json()["correlation_id"] == mine
    assert response.headers["client-request-id"] == mine
