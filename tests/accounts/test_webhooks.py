"""Webhooks of a team: who may, what is shown and when, and messages that a receiver can trust."""

import base64
import hashlib
import hmac
import json
import re
import time

import pytest

from accounts.models import AuditEvent, Webhook
from accounts.services import webhooks
from core.clock import now
from core.problems import BadInput, Clash, Missing, NotPermitted, Unavailable
from tests.microsoft.tlsserver import Answer, TlsServer, write_certificate

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
PUBLIC = "https://8.8.8.8/hooks/T0/very-secret"


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("receiver")
    write_certificate(folder)
    server = TlsServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def listening(receiver, settings):
    """The receiver as a host that the operator has listed."""
    receiver.asked.clear()
    receiver.script.clear()
    settings.OUTGOING_HOSTS = ["localhost"]
    settings.OUTGOING_CA_FILE = str(receiver.ca_file)
    return receiver


@pytest.fixture
def hook(sales, listening):
    """A webhook, and its secret."""
    return webhooks.create(sales.actor("olga"), sales.team, f"{listening.origin}/hooks/very-secret")


def page(sales):
    return f"/teams/{sales.team.pk}/notices/"


def test_an_owner_adds_one_and_sees_the_secret_once(sales):
    olga = sales.client("olga")
    answer = olga.post(page(sales), {"url": PUBLIC})
    secret = SECRET.search(answer.content.decode())[0]
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    webhook = Webhook.objects.get()
    assert (webhook.host, webhook.delivery.url, webhook.delivery.secret) == ("8.8.8.8", PUBLIC, secret)
    later = olga.get(page(sales)).content.decode()
    assert "8.8.8.8" in later
    assert "Not tried yet" in later
    for text in (later, str(list(AuditEvent.objects.values()))):
        assert secret not in text
        assert "very-secret" not in text
    assert AuditEvent.objects.get().verb == "added a webhook to"


def test_address_and_secret_are_ciphertext_in_the_database(sales, hook):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_webhook")
        row = str(cursor.fetchall())
    assert hook[1] not in row
    assert "very-secret" not in row


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://8.8.8.8/", "nonsense", ""])
def test_a_bad_address_comes_back_with_the_reason(sales, url):
    answer = sales.client("olga").post(page(sales), {"url": url})
    assert answer.status_code == 422
    assert "invalid" in answer.content.decode()
    if url:
        assert f'value="{url}"' in answer.content.decode()
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("name", ["bert", "edna", "vera", "sam"])
def test_only_owners_change_them(sales, hook, name):
    webhook, _ = hook
    expected = Missing if name == "sam" else NotPermitted
    actor = sales.actor(name)
    for act in (
        lambda: webhooks.create(actor, sales.team, PUBLIC),
        lambda: webhooks.renew_secret(actor, webhook),
        lambda: webhooks.test(actor, webhook),
        lambda: webhooks.remove(actor, webhook),
    ):
        with pytest.raises(expected):
            act()
    browser = sales.client(name)
    status = 404 if name == "sam" else 403
    assert browser.get(page(sales)).status_code == (404 if name == "sam" else 200)
    assert browser.post(page(sales), {"url": PUBLIC}).status_code == status
    for button in ("secret", "test", "remove"):
        assert browser.post(f"{page(sales)}{webhook.pk}/{button}/").status_code == status
    assert Webhook.objects.count() == 1


def test_a_webhook_of_another_team_is_not_found(sales, hook, db):
    from accounts.models import Membership, Role, Team

    other = Team.objects.create(name="Other")
    Membership.objects.create(team=other, user=sales.olga, role=Role.OWNER)
    answer = sales.client("olga").post(f"/teams/{other.pk}/notices/{hook[0].pk}/remove/")
    assert answer.status_code == 404


def test_ten_are_enough(sales):
    for _ in range(webhooks.MOST):
        webhooks.create(sales.actor("olga"), sales.team, PUBLIC)
    with pytest.raises(Clash):
        webhooks.create(sales.actor("olga"), sales.team, PUBLIC)


def test_a_message_can_be_checked_as_the_manual_says(sales, hook, listening):
    webhook, secret = hook
    listening.script.append(Answer(200))
    webhooks.deliver(webhook, delivery="d-1", kind="connection.broken", at=now(), data={"message": "ü"})
    (asked,) = listening.asked
    headers = asked.headers
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    body = json.loads(asked.body)
    assert (body["type"], body["data"]) == ("connection.broken", {"message": "ü"})
    webhook.refresh_from_db()
    assert webhook.state == "works"


def test_a_receiver_that_fails_is_shown_until_it_works_again(sales, hook, listening):
    webhook, _ = hook
    listening.script += [Answer(500), Answer(302, headers={"Location": "/x"}), Answer(200)]
    for word in ("answered 500", "redirect"):
        with pytest.raises(Unavailable, match=word):
            webhooks.test(sales.actor("olga"), webhook)
    webhook.refresh_from_db()
    assert (webhook.state, webhook.failing_since is not None) == ("failing", True)
    text = sales.client("olga").get(page(sales)).content.decode()
    assert "Failing" in text
    assert "redirect, which is not followed" in text
    said = sales.client("olga").post(f"{page(sales)}{webhook.pk}/test/", follow=True).content.decode()
    assert "took the test" in said
    webhook.refresh_from_db()
    assert (webhook.state, webhook.error) == ("works", "")


def test_410_switches_it_off_and_a_new_secret_on_again(sales, hook, listening):
    webhook, old = hook
    listening.script.append(Answer(410))
    with pytest.raises(BadInput, match="switched off"):
        webhooks.test(sales.actor("olga"), webhook)
    webhook.refresh_from_db()
    assert webhook.state == "off"
    answer = sales.client("olga").post(f"{page(sales)}{webhook.pk}/secret/")
    new = SECRET.search(answer.content.decode())[0]
    webhook.refresh_from_db()
    assert new != old
    assert (webhook.state, webhook.delivery.secret) == ("new" if not webhook.tried_at else "works", new)
    assert webhook.delivery.url.endswith("very-secret")


def test_an_address_that_turned_inward_gets_nothing(sales, hook, listening, settings):
    settings.OUTGOING_HOSTS = []
    with pytest.raises(BadInput, match="inner network"):
        webhooks.test(sales.actor("olga"), hook[0])
    assert listening.asked == []


def test_removed_is_forgotten(sales, hook):
    sales.client("olga").post(f"{page(sales)}{hook[0].pk}/remove/")
    assert not Webhook.objects.exists()
    assert AuditEvent.objects.filter(verb="removed a webhook from").exists()
