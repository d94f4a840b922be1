"""Role and own authorization, in portal and admin: whoever lacks one can read at most.

Nothing here reaches Microsoft: what the gate refuses is refused from our own records.
"""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Role, Team
from accounts.reach import Reach
from connections.models import Connection
from jobs.models import JobRun
from tests.connections import factories as make

POSTS = [
    "provision",
    "test",
    "rotate",
    "compromise",
    "apply_role",
    "rename",
    "disable",
    "enable",
    "remove",
    "abandon",
]
PRESSES = ["test", "check", "provision", "rotate", "compromised", "apply-role", "disable", "enable"]


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


@pytest.fixture
def connection(team):
    row = make.connection(team)
    make.certificate(row)
    return row


def _viewer(team, **flags):
    user = make.person("vera", team, Role.VIEWER, **flags)
    make.authorization(user)
    return user


def _second_builder(team, **flags):
    return make.person("ben", team, Role.BUILDER, **flags)


def _superuser(team, **flags):
    return make.person("root", is_superuser=True, **{"is_staff": True, **flags})


def _superuser_without_role(team, **flags):
    user = _superuser(team, **flags)
    make.authorization(user)
    return user


WHO = [_viewer, _second_builder, _superuser, _superuser_without_role]


def _untouched(connection):
    before = Connection.objects.values().get(pk=connection.pk)

    def check():
        assert Connection.objects.values().get(pk=connection.pk) == before
        assert not JobRun.objects.exists()
        assert not AuditEvent.objects.exists()

    return check


@pytest.mark.parametrize("who", WHO)
def test_they_can_read_it(client, team, connection, who):
    client.force_login(who(team))
    page = client.get(reverse("connections:detail", args=[connection.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    assert connection.identifiers.client_id in text
    for name in POSTS:
        assert reverse(f"connections:{name}", args=[connection.pk]) not in text, name
    assert connection.name in client.get(reverse("connections:list")).content.decode()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", POSTS)
def test_they_cannot_change_it(client, team, connection, who, name):
    client.force_login(who(team))
    check = _untouched(connection)
    answer = client.post(reverse(f"connections:{name}", args=[connection.pk]), {"name": "Mine now"})
    assert answer.status_code == 403
    check()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("button", [*PRESSES, "rename", "remove"])
def test_they_cannot_change_it_in_the_admin(client, team, connection, who, button):
    client.force_login(who(team, is_staff=True))
    check = _untouched(connection)
    if button == "rename":
        url = reverse("admin:connections_connection_change", args=[connection.pk])
    elif button == "remove":
        url = reverse("admin:connections_connection_delete", args=[connection.pk])
    else:
        url = reverse("admin:connections_connection_press", args=[connection.pk, button])
    answer = client.post(url, {"name": "Mine now"}, follow=True)
    text = answer.content.decode()
    assert "role builder" in text or "own authorization" in text
    check()


@pytest.mark.parametrize("who", WHO)
def test_they_cannot_delete_rows_in_the_admin(client, team, connection, who):
    client.force_login(who(team, is_staff=True))
    check = _untouched(connection)
    ours = {"action": "remove_selected", "_selected_action": [str(connection.pk)]}
    client.post(reverse("admin:connections_connection_changelist"), ours)
    djangos = {"action": "delete_selected", "_selected_action": [str(connection.pk)], "post": "yes"}
    client.post(reverse("admin:connections_connection_changelist"), djangos)
    check()


def test_the_page_says_what_is_missing_and_offers_it(client, team, connection):
    client.force_login(_second_builder(team))
    text = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert "Authorise with Microsoft" in text
    assert f"tenant={make.TENANT}" in text


def test_an_authorization_without_graph_may_test_but_not_provision(client, team, connection):
    user = _second_builder(team)
    make.authorization(user, Reach.IDENTITY)
    client.force_login(user)
    text = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert reverse("connections:test", args=[connection.pk]) in text
    assert reverse("connections:remove", args=[connection.pk]) not in text
    assert "register an application" in text
    answer = client.post(reverse("connections:remove", args=[connection.pk]))
    assert answer.status_code == 403
    assert "Authorise with Microsoft" in answer.content.decode()


@pytest.mark.parametrize("name", ["detail", "steps"])
def test_a_stranger_sees_nothing(client, connection, name):
    client.force_login(make.person("sam"))
    assert client.get(reverse(f"connections:{name}", args=[connection.pk])).status_code == 404
    assert connection.name not in client.get(reverse("connections:list")).content.decode()


@pytest.mark.parametrize("name", POSTS)
def test_a_stranger_is_told_nothing(client, connection, name):
    stranger = make.person("sam", Team.objects.create(name="Others"), Role.OWNER)
    make.authorization(stranger)
    client.force_login(stranger)
    answer = client.post(reverse(f"connections:{name}", args=[connection.pk]), {"name": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_changes_are_posts(client, team, connection, name):
    user = _second_builder(team)
    make.authorization(user)
    client.force_login(user)
    # Removal alone has a page, which says what would stop.
    expected = 200 if name == "remove" else 405
    assert client.get(reverse(f"connections:{name}", args=[connection.pk])).status_code == expected
    connection.refresh_from_db()
    assert connection.state == "ready"
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("who", [_viewer, _second_builder, _superuser])
def test_whoever_may_not_change_the_role_reads_what_it_holds_and_why(client, team, connection, who):
    client.force_login(who(team))
    page = client.get(reverse("connections:choose_role", args=[connection.pk])).content.decode()
    assert "prvReadOrganization" in page
    assert "Use this role" not in page
    assert ("Authorise with Microsoft" in page) is (who is _second_builder)


def test_a_person_without_a_team_is_told_how_to_get_on(client, db):
    client.force_login(make.person("sam"))
    answer = client.get(reverse("connections:new"))
    assert answer.status_code == 403
    assert "Ask an owner" in answer.content.decode()


def test_no_secret_is_shown_anywhere(client, team, connection):
    secret = "-----BEGIN PRIVATE KEY-----planted-and-grepped"
    connection.certificates.all().delete()
    certificate = make.certificate(connection, pem=secret)
    client.force_login(_superuser(team))
    pages = [
        reverse("connections:detail", args=[connection.pk]),
        reverse("admin:connections_connection_change", args=[connection.pk]),
        reverse("admin:connections_connection_changelist"),
        reverse("admin:connections_certificate_change", args=[certificate.pk]),
        reverse("admin:connections_environment_changelist"),
        reverse("admin:connections_step_changelist"),
    ]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        text = answer.content.decode()
        assert "planted-and-grepped" not in text
        assert certificate.sealed_key not in text
        assert "sealed" not in text
