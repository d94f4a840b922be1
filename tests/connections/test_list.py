"""The list with many connections: searched, turned over, and no slower for it."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Role, Team
from connections.models import Connection
from tests.connections import factories as make

State = Connection.State


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


@pytest.fixture
def browser(client, team):
    client.force_login(make.person("vera", team, Role.VIEWER))
    return client


@pytest.fixture
def place(team):
    return make.environment()


def names(answer):
    return [connection.name for connection in answer.context["page"]]


def listed(browser, **query):
    answer = browser.get(reverse("connections:list"), query)
    assert answer.status_code == 200
    return answer


def fill(team, place, number, name="Connection"):
    for n in range(number):
        row = make.connection(team, f"{name} {n:03}", environment=place)
        make.certificate(row)


def test_many_connections_cost_no_more_questions(browser, team, place, django_assert_num_queries):
    fill(team, place, 2)
    listed(browser)
    with CaptureQueriesContext(connection) as few:
        listed(browser)
    fill(team, place, 70, "More")
    with django_assert_num_queries(len(few)):
        answer = listed(browser)
    assert len(names(answer)) == 50
    assert "1 to 50 of 72" in answer.content.decode()


def test_pages_follow_each_other_and_keep_the_search(browser, team, place):
    fill(team, place, 60)
    first, second = listed(browser, q="connection"), listed(browser, q="connection", page=2)
    assert len({*names(first), *names(second)}) == 60
    assert "q=connection" in first.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "alp"}, ["Alpha"]),
        ({"q": "fabrikam"}, ["Beta"]),
        ({"q": "alpha nothing"}, []),
        ({"q": "contoso alp"}, ["Alpha"]),
        ({"state": "trouble"}, ["Beta"]),
        ({"state": "ready"}, ["Alpha", "Gamma"]),
        ({"state": "nonesuch", "team": "x"}, ["Alpha", "Beta", "Gamma"]),
        ({"q": "%"}, []),
    ],
)
def test_it_finds_by_name_environment_and_state(browser, team, place, query, found):
    other = make.environment(url="https://fabrikam.crm.dynamics.com", friendly_name="Fabrikam")
    make.connection(team, "Alpha", environment=place)
    make.connection(team, "Beta", environment=other, state=State.DEGRADED, reason="Broken")
    make.connection(team, "Gamma", environment=place)
    make.connection(Team.objects.create(name="Others"), "Alpha of others", environment=place)
    answer = listed(browser, **query)
    assert names(answer) == found
    if not found:
        assert "No connection matches" in answer.content.decode()


def test_the_inventory_goes_to_owners_of_their_teams_and_to_staff_of_what_they_see(client, team, place):
    make.connection(team, "Alpha", environment=place)
    make.connection(team, "Beta", environment=place)
    other = Team.objects.create(name="Others")
    make.connection(other, "Gamma", environment=place)
    people = {
        "olga": make.person("olga", team, Role.OWNER),
        "bert": make.person("bert", team, Role.BUILDER),
        "stan": make.person("stan", team, Role.VIEWER, is_staff=True),
        "root": make.person("root", is_staff=True, is_superuser=True),
    }
    Membership.objects.create(team=other, user=people["olga"], role=Role.VIEWER)

    def seen(who, **query):
        client.force_login(people[who])
        answer = client.get(reverse("connections:inventory", args=["json"]), query)
        return (
            sorted(row["name"] for row in answer.json()) if answer.status_code == 200 else answer.status_code
        )

    assert seen("olga") == ["Alpha", "Beta"], "not what belongs to a team in which she only looks"
    assert seen("olga", q="alp") == ["Alpha"]
    assert seen("bert") == 403
    assert seen("stan") == ["Alpha", "Beta"]
    assert seen("root") == ["Alpha", "Beta", "Gamma"]
    answer = client.get(reverse("connections:inventory", args=["csv"]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="connections.csv"'
    assert answer.content.decode().splitlines()[0].startswith("id,name,team")
    assert client.get(reverse("connections:inventory", args=["xml"])).status_code == 404
    for who, shown in (("olga", True), ("bert", False)):
        client.force_login(people[who])
        page = client.get(reverse("connections:list"), {"q": "alp"}).content.decode()
        assert ("inventory.csv?q=alp" in page) is shown


@pytest.mark.long
def test_a_thousand_are_listed_within_a_moment(browser, team, place):
    fill(team, place, 1000)
    listed(browser)
    began = time.monotonic()
    assert len(names(listed(browser, page=20))) == 50
    assert time.monotonic() - began < 1
