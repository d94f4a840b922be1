"""The query console: what it reads, what it refuses, and whose rights count."""

import json

import pytest

from accounts.models import Authorization, Role
from core.problems import BadInput
from entities.console.reading import read_query_text
from microsoft.dataverse import EntityName
from tests.entities.pages import text

ENTITIES = [
    EntityName(
        "account",
        "accounts",
        "Account",
        "accountid",
        "name",
        is_custom=False,
        ownership="UserOwned",
        description="",
        is_intersect=False,
        is_activity=False,
    )
]
ID = "0a1b2c3d-0000-4000-8000-000000000001"


@pytest.fixture
def console(sample_integration):
    return f"/records/console/{sample_integration.pk}/development/"


@pytest.mark.parametrize(
    "query",
    [
        "accounts?$select=name&$top=3",
        "GET https://org.crm.dynamics.com/api/data/v9.2/accounts?$filter=contains(name,'a+b')",
        "/accounts\n  ?$top=1",
        f"accounts({ID})?$select=name",
        '<fetch top="5"><entity name="account"><attribute name="name"/></entity></fetch>',
    ],
)
def test_what_is_read(query):
    assert read_query_text(query, ENTITIES).set_name == "accounts"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "WhoAmI",
        "contacts?$top=1",
        "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
        f"accounts({ID})/name/$value",
        "accounts?$top=999999",
        "accounts?fetchXml=<fetch/>",
        "accounts?sessiontoken=x",
        "$batch",
        "../../../evil",
        "https://elsewhere.example/accounts/x",
        "accounts#?$top=1",
        "DELETE accounts",
        "<fetch><entity name='contact'/></fetch>",
        "<fetch><entity name='account'>",
        "<other/>",
        "<fetch top='0'><entity name='account'/></fetch>",
        "<fetch><entity name='account'/><entity name='account'/></fetch>",
        '<!DOCTYPE f [<!ENTITY a "b">]><fetch><entity name="account"/></fetch>',
        '<fetch><entity name="account">' + "<a>" * 4000 + "</a>" * 4000 + "</entity></fetch>",
        "accounts?" + "&".join(["$top=1"] * 50),
        "x" * 40_000,
    ],
)
def test_what_is_refused(query):
    with pytest.raises(BadInput):
        read_query_text(query, ENTITIES)


def test_a_query_is_shown_and_taken_along(ana, console, accounts):
    accounts.create({"name": "=Console <b>1</b>", "revenue": 5})
    query = "accounts?$select=name,revenue&$filter=startswith(name,'=Console')"
    page = ana.post(console, {"query": query})
    assert page.status_code == 200
    assert "=Console <b>1</b>" in text(page)
    assert b"<b>1</b>" not in page.content
    for form in ("csv", "xlsx", "json"):
        answer = ana.post(console, {"query": query, "format": form})
        content = b"".join(answer.streaming_content)
        assert answer["Content-Disposition"].startswith("attachment")
        if form == "csv":
            assert b"'=Console" in content
        if form == "json":
            assert json.loads(content)[0]["name"] == "=Console <b>1</b>"
    wrong = ana.post(console, {"query": "accounts?$select=nosuch"})
    assert wrong.status_code == 400
    assert "nosuch" in text(wrong)


def test_words_to_complete(ana, console):
    found = ana.get(console + "words/").json()["entities"]
    assert {"word": "account", "set": "accounts", "label": "Account"} in found
    attributes = ana.get(console + "words/", {"of": "accounts"}).json()["attributes"]
    assert "telephone1" in {one["word"] for one in attributes}
    assert ana.get(console + "words/", {"of": "nosuch"}).status_code == 404


def test_only_builders_and_only_with_their_own_authorization(ana, console, person):
    query = {"query": "accounts?$top=1"}
    for name, role in (("ben", Role.EDITOR), ("cleo", Role.VIEWER)):
        other = person(name, role)
        assert other.get(console).status_code == 403
        assert other.post(console, query).status_code == 403
        assert other.get(console + "words/").status_code == 403
    Authorization.objects.update(state=Authorization.State.REVOKED)
    refused = ana.post(console, query)
    assert refused.status_code == 403
    assert "Authorise" in text(refused)
