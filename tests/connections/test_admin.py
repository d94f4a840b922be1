"""Connections managed in Django admin, by somebody who may, with the sandbox on the other side."""

import pytest
from django.urls import reverse

from connections.models import Connection
from jobs.testing import run_due
from tests.connections import factories as make
from tests.connections.remote import one_of_each, remote

State = Connection.State


@pytest.fixture
def desk(client, ana):
    """Ana, who is a builder, authorised, and staff."""
    ana.user.is_staff = True
    ana.user.save()
    client.force_login(ana.user)
    return client


def _press(desk, connection, button):
    url = reverse("admin:connections_connection_press", args=[connection.pk, button])
    answer = desk.post(url, follow=True)
    assert answer.status_code == 200
    connection.refresh_from_db()
    return answer.content.decode()


def test_create_and_provision(desk, ana, team, dev):
    page = desk.get(reverse("admin:connections_connection_add"))
    assert dev in page.content.decode()
    given = {"environment": dev, "team": team.pk, "name": "From the admin"}
    answer = desk.post(reverse("admin:connections_connection_add"), given)
    assert answer.status_code == 302, answer.content.decode()
    run_due(early=True)
    made = Connection.objects.get(name="From the admin")
    assert made.state == State.READY
    assert remote(ana, made) == one_of_each()


def test_a_refused_creation_says_why(desk, connection, dev, team):
    given = {"environment": dev, "team": team.pk, "name": connection.name}
    answer = desk.post(reverse("admin:connections_connection_add"), given)
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_test_disable_enable_and_role(desk, connection):
    assert "works" in _press(desk, connection, "test")
    assert "Disabled" in _press(desk, connection, "disable")
    assert connection.state == State.DISABLED
    assert "Enabled" in _press(desk, connection, "enable")
    assert connection.state == State.READY
    assert "applied" in _press(desk, connection, "apply-role")
    assert "asked for" in _press(desk, connection, "provision")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY


def test_rename(desk, connection):
    url = reverse("admin:connections_connection_change", args=[connection.pk])
    assert desk.post(url, {"name": "Orders", "revision": connection.revision}).status_code == 302
    connection.refresh_from_db()
    assert connection.name == "Orders"
    assert desk.post(url, {"name": "", "revision": connection.revision}).status_code == 422


def test_deleting_is_removing(desk, ana, connection):
    url = reverse("admin:connections_connection_delete", args=[connection.pk])
    assert desk.get(url).status_code == 200
    desk.post(url, follow=True)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.REMOVED
    left = remote(ana, connection)
    assert (left.applications, left.roles, left.enabled_users) == (0, 0, 0)
    assert (
        connection.name not in desk.get(reverse("admin:connections_connection_changelist")).content.decode()
    )


def test_the_list_has_actions_of_ours_and_not_djangos(desk, connection):
    url = reverse("admin:connections_connection_changelist")
    page = desk.get(url).content.decode()
    assert "remove_selected" in page
    assert "delete_selected" not in page
    answer = desk.post(
        url, {"action": "test_selected", "_selected_action": [str(connection.pk)]}, follow=True
    )
    assert "works" in answer.content.decode()


def test_the_inventory_of_what_is_selected_is_downloaded(client, ana, team):
    ana.user.is_staff = True
    ana.user.save()
    client.force_login(ana.user)
    row = make.connection(team, "=Chosen")
    make.certificate(row, pem="very private")
    make.connection(team, "Not chosen", environment=row.environment)
    url = reverse("admin:connections_connection_changelist")
    for form in ("csv", "json"):
        answer = client.post(url, {"action": f"inventory_{form}", "_selected_action": [str(row.pk)]})
        text = answer.content.decode()
        assert f"connections.{form}" in answer.headers["Content-Disposition"]
        assert "=Chosen" in text
        assert "Not chosen" not in text
        assert "very private" not in text


@pytest.mark.parametrize("name", ["environment", "certificate", "step"])
def test_what_provisioning_writes_is_read_only(desk, connection, name):
    listed = desk.get(reverse(f"admin:connections_{name}_changelist"))
    assert listed.status_code == 200
    assert desk.get(reverse(f"admin:connections_{name}_add")).status_code == 403
