"""Graph's $batch: one answer for each request, failed dependencies, and what is no batch."""

import pytest

from tests.sandbox_client import Client


@pytest.fixture(scope="module")
def batch(entra_client: Client, ana_graph):
    """Sends requests; answers by id."""

    def send(*requests, status=200):
        response = entra_client.graph("POST", "/$batch", ana_graph, json={"requests": list(requests)})
        assert response.status_code == status, response.text
        body = response.json()
        return {one["id"]: one for one in body["responses"]} if status == 200 else body["error"]

    return send


def get(number, url, **more):
    return {"id": str(number), "method": "GET", "url": url, **more}


def test_each_request_has_its_own_answer(batch):
    found = batch(get(1, "/me?$select=displayName"), get(2, "applications/nix"), get(3, "/nix"))
    assert found["1"]["status"] == 200
    assert found["1"]["body"]["displayName"] == "Ana Alvarez"
    assert found["1"]["headers"]["Content-Type"].startswith("application/json")
    assert found["2"]["status"] == 404
    assert found["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert found["3"]["status"] == 400


def test_writes_and_dependencies(batch):
    create = {
        "id": "create",
        "method": "POST",
        "url": "/applications",
        "headers": {"Content-Type": "application/json"},
        "body": {"displayName": "Batch", "signInAudience": "AzureADMyOrg"},
        "dependsOn": ["me"],
    }
    bad = {**create, "id": "bad", "body": {}}
    found = batch(create, bad, get("after", "/me", dependsOn=["bad"]), get("me", "/me"))
    assert found["create"]["status"] == 201
    assert found["bad"]["status"] == 400
    assert found["after"]["status"] == 424
    gone = {"id": "1", "method": "DELETE", "url": f"/applications/{found['create']['body']['id']}"}
    deleted = batch(gone)["1"]
    assert deleted["status"] == 204
    assert "body" not in deleted


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [1],
        [{"id": "1", "method": "GET"}],
        [get(1, "/me"), get(1, "/me")],
        [get(1, "/me", dependsOn=["2"])],
        [get(1, "/me", dependsOn=[[]])],
        [get(1, "/me", dependsOn=["2"]), get(2, "/me", dependsOn=["1"])],
        [get(1, "/$batch")],
        [get(1, "/me", headers=[])],
        [{"id": "1", "method": "POST", "url": "/applications", "body": {"displayName": "No type"}}],
        [get(number, "/me") for number in range(21)],
    ],
)
def test_what_is_no_batch(batch, requests):
    assert batch(*requests, status=400)["code"] == "BadRequest"


def test_odd_parts_get_graphs_errors(batch):
    odd = [
        get(1, "/me", headers={"client-request-id": "\r\nX: 1", "Authorization": "Bearer x"}),
        get("1b", "/me?é=\ud800"),
        get(2, "/me?%ff=%00"),
        get(3, "//evil.example/me"),
        get(4, "https://graph.microsoft.com/v1.0/me"),
        {"id": "5", "method": "B\x00D", "url": "/me"},
    ]
    assert all(one["status"] in {200, 400, 404, 405} for one in batch(*odd).values())
