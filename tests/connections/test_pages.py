"""The pages in the hands of somebody who may, with the sandbox on the other side."""

import pytest
from django.urls import reverse

from accounts import vault
from accounts.models import Authorization, Role
from accounts.reach import Reach
from connections.models import Connection
from jobs import services as jobs
from jobs.testing import run_due
from tests.connections import cast

State = Connection.State


@pytest.fixture
def browser(client, ana):
    client.force_login(ana.user)
    return client


def _press(browser, connection, button, /, **fields):
    answer = browser.post(reverse(f"connections:{button}", args=[connection.pk]), fields, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    connection.refresh_from_db()
    return answer.content.decode()


def _page(browser, connection):
    return browser.get(reverse("connections:detail", args=[connection.pk])).content.decode()


def test_from_choice_to_a_page_that_stops_asking(browser, team, dev):
    answer = browser.post(reverse("connections:new"), {"environment": dev, "team": team.pk})
    page = browser.get(answer["Location"]).content.decode()
    made = Connection.objects.get()
    steps = reverse("connections:steps", args=[made.pk])
    assert f'hx-get="{steps}"' in page
    assert "Application in Entra" in page
    run_due(early=True)
    made.refresh_from_db()
    live = browser.get(steps).content.decode()
    assert 'data-live="done"' in live
    assert "hx-get" not in live
    assert made.identifiers.client_id in live
    assert made.certificates.get().thumbprint_sha1 in live
    assert "prvReadEntity" in live
    assert "Ready" in live


def test_every_button_does_what_it_says(browser, connection):
    assert "works" in _press(browser, connection, "test")
    assert "Renamed" in _press(browser, connection, "rename", name="Orders", revision=connection.revision)
    assert connection.name == "Orders"
    _press(browser, connection, "disable")
    assert connection.state == State.DISABLED
    _press(browser, connection, "enable")
    assert connection.state == State.READY
    _press(browser, connection, "apply_role")
    _press(browser, connection, "provision", step="role")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    _press(browser, connection, "remove")
    assert connection.state == State.REMOVING
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.REMOVED
    page = _page(browser, connection)
    assert "Removed" in page
    assert reverse("connections:test", args=[connection.pk]) not in page
    assert "Orders" not in browser.get(reverse("connections:list")).content.decode()


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_bad_name_is_marked(browser, connection, name):
    url = reverse("connections:rename", args=[connection.pk])
    assert browser.post(url, {"name": name, "revision": connection.revision}).status_code == 422


def test_somebody_elses_edit_is_not_overwritten(browser, connection):
    url = reverse("connections:rename", args=[connection.pk])
    answer = browser.post(url, {"name": "Mine", "revision": connection.revision + 7})
    assert answer.status_code == 409
    assert "Somebody else" in answer.content.decode()


def test_an_unknown_step_is_not_found(browser, connection):
    url = reverse("connections:provision", args=[connection.pk])
    assert browser.post(url, {"step": "nonsense"}).status_code == 404


def test_a_failed_test_shows_reason_and_ids(browser, ana, connection):
    from connections.clients import dataverse_as

    authorization = Authorization.objects.get(user=ana.user)
    dataverse_as(authorization, connection.environment).disable_user(
        connection.identifiers.application_user_id
    )
    page = _press(browser, connection, "test")
    assert "The last test failed" in page
    assert connection.test_error["ids"]["request_id"] in page
    assert "Degraded" in page


def test_a_failed_step_offers_to_retry_from_there(client, world, team, make_connection):
    cast.consent_for_everybody(world)
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben)
    from accounts.actors import Actor

    connection = make_connection(Actor.person(ben))
    run_due(early=True)
    client.force_login(ben)
    page = _page(client, connection)
    assert "Retry from here" in page
    assert "System Administrator" in page


def test_a_cancelled_run_is_said_and_can_be_taken_up_again(browser, ana, make_connection):
    connection = make_connection(ana)
    jobs.cancel(ana, jobs.for_subject(connection).get())
    page = _page(browser, connection)
    assert "Provisioning has stopped" in page
    _press(browser, connection, "provision")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY


def test_waiting_for_the_person_leads_to_microsoft_and_then_goes_on(browser, world, ana, make_connection):
    connection = make_connection(ana)
    vault.revoke(ana, Authorization.objects.get(user=ana.user))
    run_due(early=True)
    page = _page(browser, connection)
    assert "Waiting for a person" in page
    assert "Authorise with Microsoft" in page
    cast.authorise(world, ana.user)
    assert "Continue" in _page(browser, connection)
    _press(browser, connection, "provision")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY


def test_a_builder_without_rights_there_is_told_after_disabling(client, world, team, connection):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    client.force_login(ben)
    page = _press(client, connection, "disable")
    assert "still enabled" in page
    assert connection.state == State.DISABLED


@pytest.mark.parametrize("name", ["test", "provision", "remove", "apply_role", "disable"])
def test_microsoft_down_is_a_page_one_can_act_on(browser, world, connection, name):
    for service in ("dataverse", "graph", "login"):
        world.faults.add({"kind": "status", "service": service, "status": 503})
    Authorization.objects.update(proven_at=None)
    try:
        answer = browser.post(reverse(f"connections:{name}", args=[connection.pk]), follow=True)
    finally:
        world.faults.remove()
    assert answer.status_code in (200, 503)
    assert "Traceback" not in answer.content.decode()
    if answer.status_code == 503:
        assert "Microsoft" in answer.content.decode()
