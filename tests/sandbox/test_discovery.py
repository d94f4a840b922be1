"""Global Discovery (contract B1, dataverse contract section on discovery)."""

import pytest

from tests.sandbox_client import Client

PATH = "/api/discovery/v2.0/Instances"


@pytest.fixture(scope="module")
def ask(sandbox, entra_client):
    tokens = {}

    def ask(person, suffix="", **options):
        if person not in tokens:
            upn = f"{person}@{'fabrikam' if person == 'dara' else 'contoso'}.example"
            scope = f"{sandbox.places.discovery}/user_impersonation"
            tokens[person] = entra_client.sign_in(upn, scope)["access_token"]
        headers = {"Authorization": f"Bearer {tokens[person]}"}
        return entra_client.http.get(sandbox.places.discovery + PATH + suffix, headers=headers, **options)

    return ask


@pytest.mark.parametrize(
    ("person", "names", "administrator"),
    [
        ("ana", ["contoso-dev", "contoso"], True),
        ("ben", ["contoso-dev", "contoso"], False),
        ("cleo", ["contoso"], False),
        ("dara", ["fabrikam"], True),
    ],
)
def test_everybody_sees_their_own(ask, person, names, administrator):
    rows = ask(person).json()["value"]

    assert [row["UniqueName"] for row in rows] == names
    assert {row["IsUserSysAdmin"] for row in rows} == {administrator}


def test_columns(ask, sandbox):
    row = next(row for row in ask("ana").json()["value"] if row["UniqueName"] == "contoso")

    assert row["ApiUrl"] == row["Url"] == sandbox.places.environments["contoso"]
    assert (row["State"], row["FriendlyName"]) == (0, "Contoso Sales")
    assert {
        "Id",
        "EnvironmentId",
        "TenantId",
        "Version",
        "Region",
        "OrganizationType",
        "StatusMessage",
    } <= set(row)


def test_select(ask):
    body = ask("ana", "?$select=Url,FriendlyName").json()

    assert body["@odata.context"].endswith("#Instances(Url,FriendlyName)")
    assert all(set(row) == {"Url", "FriendlyName"} for row in body["value"])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("UniqueName eq 'contoso'", 1),
        ("UniqueName eq 'Contoso'", 0),
        ("State eq 0", 2),
        ("IsUserSysAdmin eq true and UniqueName ne 'contoso'", 1),
        ("FriendlyName eq 'It''s'", 0),
    ],
)
def test_filter(ask, text, count):
    assert len(ask("ana", params={"$filter": text}).json()["value"]) == count


@pytest.mark.parametrize("form", ["(UniqueName='contoso')", "(Id={id})", "({id})"])
def test_by_key_it_is_still_a_list(ask, sandbox, form):
    contoso = next(one for one in sandbox.directory.environments() if one.url_name == "contoso")
    body = ask("ana", form.format(id=contoso.id)).json()

    assert [row["Id"] for row in body["value"]] == [contoso.id]


def test_by_the_key_of_somebody_elses(ask):
    assert ask("ana", "(UniqueName='fabrikam')").json()["value"] == []


@pytest.mark.parametrize(
    "query",
    [
        "?$filter=UniqueName eq",
        "?$filter=Colour eq 'blue'",
        "?$select=Colour",
        "?$skip=1",
        "?$top=x",
        "(Colour='x')",
    ],
)
def test_queries_it_does_not_take(ask, query):
    response = ask("ana", query)

    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message"}


def test_unknown_path(ask, sandbox, sandbox_http):
    assert ask("ana", "s").status_code == 404
    assert sandbox_http.get(f"{sandbox.places.discovery}/nothing").status_code == 404


def test_without_a_token(sandbox, sandbox_http):
    response = sandbox_http.get(sandbox.places.discovery + PATH)

    assert response.status_code == 401
    assert "authorization_uri=" in response.headers["WWW-Authenticate"]


def test_with_a_token_of_an_environment(sandbox, entra_client):
    scope = f"{sandbox.places.environments['contoso']}/user_impersonation"
    token = entra_client.sign_in("ana@contoso.example", scope)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert entra_client.http.get(sandbox.places.discovery + PATH, headers=headers).status_code == 401


def test_disabled_people_see_nothing(new_sandbox):
    world = new_sandbox()
    client = Client(world)
    token = client.sign_in("ben@contoso.example", f"{world.places.discovery}/user_impersonation")[
        "access_token"
    ]
    world.directory.people_table.change(
        world.directory.people_table.by_upn("ben@contoso.example").oid, enabled=False
    )
    headers = {"Authorization": f"Bearer {token}"}

    assert client.http.get(world.places.discovery + PATH, headers=headers).status_code == 401
