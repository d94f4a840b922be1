"""The home page: one next step, whoever comes and however far they are."""

import re

import pytest

from accounts.models import Role, Team
from connections.models import Connection
from tests.connections import factories as make


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


def look(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/")
    assert page.status_code == 200
    return page.content.decode()


def states(text):
    return re.findall(r'class="journey-item journey-(\w+)"', text)


def test_a_newcomer_authorises_first(client, team):
    text = look(client, make.person("ana", team, Role.OWNER))
    assert states(text) == ["now", "later", "later", "later"]
    assert "Authorise with Microsoft" in text
    assert "Make the sample" not in text


def test_then_connects_then_integrates(client, team):
    ana = make.person("ana", team, Role.OWNER)
    make.authorization(ana)
    assert states(look(client, ana)) == ["done", "now", "later", "later"]
    make.connection(team)
    assert states(look(client, ana)) == ["done", "done", "now", "later"]


def test_the_sample_is_for_the_sandbox_only(client, team, settings):
    ana = make.person("ana", team, Role.OWNER)
    make.authorization(ana)
    make.connection(team)
    assert settings.CLOUD.production
    assert "Make the sample" not in look(client, ana)
    assert client.post("/integrations/sample/").status_code == 403


def test_what_needs_the_person_is_said(client, team):
    ana, vera = make.person("ana", team, Role.BUILDER), make.person("vera", team, Role.VIEWER)
    make.authorization(ana, state="needs_interaction", reason="A second factor is asked for.")
    make.connection(team, state=Connection.State.ROLE_PENDING, reason="The role lacks something.")
    text = look(client, ana)
    assert "A second factor is asked for." in text
    assert "The role lacks something." in text
    assert "What needs you" not in look(client, vera)


def test_other_teams_do_not_count(client, team):
    other = Team.objects.create(name="Other")
    make.connection(other)
    ana = make.person("ana", team, Role.OWNER)
    make.authorization(ana)
    assert states(look(client, ana)) == ["done", "now", "later", "later"]
