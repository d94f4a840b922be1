"""Who is who in Graph, and how it refuses (contract D1, D6)."""

import pytest

from sandbox.directory.cast import ANA, BEN, CONTOSO, DARA
from sandbox.directory.model import GLOBAL_ADMINISTRATOR
from tests.sandbox_client import Client


@pytest.fixture
def graph(entra_client, ana_graph):
    return lambda method, path, **options: entra_client.graph(
        method, path, options.pop("token", ana_graph), **options
    )


@pytest.fixture(scope="module")
def everything(entra_client):
    names = ["User.ReadBasic.All", "Policy.Read.All", "Organization.Read.All", "User.Read"]
    return entra_client.graph_token("ana@contoso.example", *names)


def test_me(graph):
    me = graph("GET", "/me").json()

    assert (me["id"], me["userPrincipalName"], me["displayName"]) == (
        ANA,
        "ana@contoso.example",
        "Ana Alvarez",
    )
    assert graph("GET", "/me?$select=id").json()["id"] == ANA
    assert "mail" not in graph("GET", "/me?$select=id").json()


def test_my_roles(graph, entra_client):
    path = "/me/transitiveMemberOf/microsoft.graph.directoryRole?$select=roleTemplateId"
    ben = entra_client.graph_token("ben@contoso.example", "User.Read")

    assert graph("GET", path).json()["value"] == [{"roleTemplateId": GLOBAL_ADMINISTRATOR}]
    assert graph("GET", path, token=ben).json()["value"] == []


def test_other_people_need_another_scope(graph, entra_client, everything):
    ben = entra_client.graph_token("ben@contoso.example", "User.Read")

    assert graph("GET", f"/users/{BEN}", token=ben).json()["id"] == BEN
    assert graph("GET", f"/users/{ANA}", token=ben).status_code == 403
    assert graph("GET", f"/users/{BEN}", token=everything).json()["displayName"] == "Ben Okafor"
    assert graph("GET", "/users/ben@contoso.example", token=everything).json()["id"] == BEN


def test_people_of_other_tenants_do_not_exist(graph, everything):
    assert graph("GET", f"/users/{DARA}", token=everything).status_code == 404
    assert DARA not in {one["id"] for one in graph("GET", "/users", token=everything).json()["value"]}


def test_organization(graph, everything):
    (organization,) = graph("GET", "/organization", token=everything).json()["value"]

    assert (organization["id"], organization["displayName"]) == (CONTOSO, "Contoso")


def test_authorization_policy(graph, everything, entra_client):
    path = "/policies/authorizationPolicy?$select=defaultUserRolePermissions"
    ben = entra_client.graph_token("ben@contoso.example", "User.Read")

    assert (
        graph("GET", path, token=everything).json()["defaultUserRolePermissions"]["allowedToCreateApps"]
        is True
    )
    assert graph("GET", path, token=ben).status_code == 403


class TestTokens:
    def refused(self, response):
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "InvalidAuthenticationToken"
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")

    @pytest.mark.parametrize(
        "header", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer " + "x" * 9000]
    )
    def test_missing_or_broken(self, sandbox, sandbox_http, header):
        headers = {} if header is None else {"Authorization": header}
        self.refused(sandbox_http.get(f"{sandbox.places.graph}/v1.0/me", headers=headers))

    def test_of_another_resource(self, sandbox, entra_client, graph):
        other = entra_client.sign_in("ben@contoso.example", f"{sandbox.places.discovery}/user_impersonation")
        self.refused(graph("GET", "/me", token=other["access_token"]))

    def test_id_token(self, entra_client, graph):
        tokens = entra_client.sign_in("ben@contoso.example", "openid")
        self.refused(graph("GET", "/me", token=tokens["id_token"]))

    def test_forged(self, new_sandbox, graph):
        other = Client(new_sandbox())
        other.world.tokens._key = __import__("tests.sandbox_client", fromlist=["x"]).make_key_pair().key
        self.refused(graph("GET", "/me", token=other.graph_token("ben@contoso.example", "User.Read")))

    def test_of_a_disabled_person(self, new_sandbox):
        world = new_sandbox()
        client = Client(world)
        token = client.graph_token("ben@contoso.example", "User.Read")
        world.directory.people_table.change(BEN, enabled=False)

        self.refused(client.graph("GET", "/me", token))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 400),
        ("GET", "/applications/x/nothing", 400),
        ("PUT", "/applications", 405),
        ("DELETE", "/me", 405),
        ("GET", "/applications(colour='blue')", 400),
        ("GET", "/applications()", 400),
        ("GET", "/applications/%00", 404),
        ("GET", "/applications('')", 400),
        ("POST", "/applications/x/addKey", 404),
        ("BREW", "/me", 405),
    ],
)
def test_unknown_things_have_graphs_error_shape(graph, method, path, status):
    response = graph(method, path, json={})

    assert response.status_code == status
    assert set(response.json()["error"]) >= {"code", "message", "innerError"}


def test_unknown_version(sandbox, sandbox_http, ana_graph):
    headers = {"Authorization": f"Bearer {ana_graph}"}
    response = sandbox_http.get(f"{sandbox.places.graph}/v3.0/me", headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadRequest")


def test_the_callers_request_id_comes_back(graph):
    response = graph("GET", "/nothing", headers={"client-request-id": "abc"})

    assert response.headers["client-request-id"] == "abc"
    assert response.json()["error"]["innerError"]["client-request-id"] == "abc"
