"""A change of a connection's health reaches the webhooks of its team, again and again until one takes it."""

import json

import pytest

from accounts.models import Webhook
from accounts.services import webhooks
from connections.services import health
from connections.tasks import health_round  # noqa: F401  the handlers
from jobs import services as jobs
from jobs.testing import run_due
from tests.microsoft.tlsserver import Answer, TlsServer, write_certificate


@pytest.fixture
def receiver(tmp_path, settings):
    write_certificate(tmp_path)
    server = TlsServer(tmp_path)
    server.start()
    settings.OUTGOING_HOSTS = ["localhost"]
    settings.OUTGOING_CA_FILE = str(server.ca_file)
    yield server
    server.stop()


@pytest.fixture
def hook(ana, connection, receiver):
    return webhooks.create(ana, connection.team, f"{receiver.origin}/hook")[0]


def deliveries(connection):
    return jobs.for_subject(connection).filter(kind="connections.webhook")


def test_broken_is_told_with_the_link_and_told_again_until_it_is_taken(
    ana,
    connection,
    hook,
    receiver,
    saboteur,
):
    saboteur.user_disabled()
    health.check(ana, connection)
    health.check(ana, connection)
    receiver.script += [Answer(503), Answer(200)]
    run_due()
    run = deliveries(connection).get()
    assert run.state == "queued"
    assert "answered 503" in run.error["message"]
    run_due(early=True)
    run.refresh_from_db()
    assert (run.state, run.result) == ("succeeded", {"told": hook.host})
    first, second = receiver.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(run.pk)
    body = json.loads(second.body)
    assert body["type"] == "connection.broken"
    assert body["data"]["broken_link"] == "application_user"
    assert body["data"]["connection"]["state"] == "degraded"
    assert body["data"]["page"].endswith(f"/connections/{connection.pk}/")


def test_a_delivery_that_is_tried_again_for_an_hour_hides_no_button(
    client, ana, connection, hook, receiver, saboteur
):
    client.force_login(ana.user)
    saboteur.user_disabled()
    health.check(ana, connection)
    receiver.script.append(Answer(500))
    run_due()
    assert deliveries(connection).get().state == "queued"
    page = client.get(f"/connections/{connection.pk}/").content.decode()
    assert "Set the application user up again" in page
    assert "Rotate now" in page


def test_nothing_goes_to_a_webhook_that_is_gone_or_off(ana, connection, hook, receiver, saboteur):
    other = webhooks.create(ana, connection.team, f"{receiver.origin}/other")[0]
    saboteur.user_disabled()
    health.check(ana, connection)
    webhooks.remove(ana, hook)
    Webhook.objects.filter(pk=other.pk).update(enabled=False)
    run_due()
    assert receiver.asked == []
    assert [run.result for run in deliveries(connection)] == [{"told": ""}] * 2


def test_the_job_keeps_no_address_and_no_secret(ana, connection, hook, receiver, saboteur):
    saboteur.user_disabled()
    health.check(ana, connection)
    kept = str(deliveries(connection).values().get())
    assert "/hook" not in kept
    assert hook.delivery.secret not in kept
