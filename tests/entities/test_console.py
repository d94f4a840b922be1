"""The query console: what it reads, what it refuses, and whose rights count."""

import json
import re

import pytest

from accounts.models import Authorization, Role
from core.problems import BadInput
from entities.console import answers
from entities.console.reading import read_query_text
from integrations.access import person_client
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


FETCH = """<fetch count="40"><entity name="account"><attribute name="name"/>
<order attribute="name"/><order attribute="accountid"/></entity></fetch>"""


def following(page):
    found = re.search(r'name="after" value="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def walked(ana, console, query):
    """The ids on each page, to the last."""
    pages, after = [], ""
    while not pages or after:
        page = ana.post(console, {"query": query} | ({"after": after} if after else {}))
        assert page.status_code == 200, text(page)
        pages.append([record["accountid"] for record in page.context["answer"].records])
        after = following(page)
        assert len(pages) < 20
    return pages, page


@pytest.mark.parametrize(
    "query", [FETCH.replace("40", "300"), "accounts?$select=name&$orderby=name,accountid"]
)
def test_it_is_walked_to_its_last_page(ana, console, service, sample_owner, monkeypatch, query):
    """Dynamics' own link leads on, or its paging cookie."""
    monkeypatch.setitem(answers._PREFER, "Prefer", answers._PREFER["Prefer"].replace("=500", "=300"))
    client = person_client(sample_owner, service.binding.connection.environment)
    rows = [
        row
        for page in client.pages("accounts", select=("name",), orderby=("name", "accountid"))
        for row in page.records
    ]
    pages, last = walked(ana, console, query)

    assert [each for page in pages for each in page] == [row["accountid"] for row in rows]
    assert {len(page) for page in pages[:-1]} == {300}
    assert len(pages) > 2
    assert f"{len(rows):,}; these are the last" in text(last)


def test_a_place_is_one_in_the_rows_of_the_same_query(ana, console):
    """What is written by hand, or belongs to another query, leads to the first page and nowhere else."""
    first = ana.post(console, {"query": FETCH})
    after = following(first)
    second = ana.post(console, {"query": FETCH, "after": after})
    assert "Rows 41\u201380; there are more" in text(second)
    here = re.search(r'name="here" value="([^"]+)"', second.content.decode())[1]
    taken = ana.post(console, {"query": FETCH, "here": here, "format": "json"})
    ids = [row["accountid"] for row in json.loads(b"".join(taken.streaming_content))]
    assert ids == [row["accountid"] for row in second.context["answer"].records]

    for query, place in (
        (FETCH, "https://elsewhere.example/"),
        (FETCH, after[:-1]),
        (FETCH.replace('count="40"', 'count="30"'), after),
    ):
        answer = ana.post(console, {"query": query, "after": place}).context["answer"]
        assert (answer.first, answer.here) == (1, "")
