"""Plant and grep: the whole way once, with a real broker, and then a search for every secret in every place."""

import json
import logging
from io import StringIO

import msal
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.documents import TokenCacheDocument
from accounts.models import AuditEvent, AuditValues, Authorization
from connections.models import Certificate, Connection
from core.sealing import unseal
from jobs import wakeup
from jobs.models import JobRun
from jobs.testing import run_due
from tests.accounts.test_secrets import KINDS, database_bytes
from tests.sweep import state
from tests.sweep.admin_table import MODELS, Desk, pages_of
from tests.sweep.conftest import _forget, front
from tests.sweep.expectations import PORTAL, headers_of, portal_addresses, url_of


def tokens_of(authorization):
    cache = msal.SerializableTokenCache()
    cache.deserialize(unseal(authorization, authorization.token_cache, TokenCacheDocument).msal)
    return {f"token {kind}": entry["secret"] for kind in KINDS for entry in cache.search(kind)}


def all_secrets():
    """name → text that may stand nowhere in plain."""
    found = {"client secret": settings.ENTRA_CLIENT_SECRET, "SECRET_KEY": settings.SECRET_KEY}
    found |= {
        f"FIELD_ENCRYPTION_KEY {number}": key for number, key in enumerate(settings.FIELD_ENCRYPTION_KEY)
    }
    for authorization in filter(lambda one: one.token_cache, Authorization.objects.all()):
        found |= {f"{authorization} {name}": secret for name, secret in tokens_of(authorization).items()}
    for certificate in Certificate.objects.filter(connection__team__name="Sales"):
        lines = certificate.private_key.pem.splitlines()
        found |= {f"private key line {number}": line for number, line in enumerate(lines) if len(line) > 60}
    connection = Connection.objects.get(team__name="Sales")
    scope = settings.CLOUD.environment_default_scope(connection.environment.url)
    found["the application's token"] = connection.dataverse()._tokens.token(scope)
    return found


@pytest.fixture
def planted(transactional_db, settled_rows, portal_settings, own_sandbox, broker, caplog, capfd):
    """A settled portal that has been used all over: everything that was written or shown, by place."""
    caplog.set_level(logging.DEBUG)
    with override_settings(**portal_settings):
        _forget()
        state.restore(settled_rows[0])
        shown, said = use(settled_rows[1], broker)
        places = {
            "the database file": database_bytes().decode(errors="replace"),
            "the log": caplog.text + json.dumps([vars(one) for one in caplog.records], default=str),
            "printed": "".join(capfd.readouterr()),
            "the broker": said,
            "job rows": str(list(JobRun.objects.values())),
            "the trail": str(list(AuditEvent.objects.values())) + str(list(AuditValues.objects.values())),
            "sessions": str([one.get_decoded() for one in Session.objects.all()]),
            "pages": "".join(shown),
        }
        yield places, all_secrets()
    _forget()


def use(record, broker):
    """Open every page, press the buttons that reach Microsoft, let a run be sent; what was shown, what was sent."""
    ours = state.things("Sales", record)
    ana, root = front(state.user("ana")), front(state.user("root"))
    shown = []
    for address in portal_addresses():
        row = PORTAL[address.name]
        if row.get == 200 and address.name != "accounts:sign_in":
            shown.append(_whole(ana.get(url_of(address, ours), headers=headers_of(row))))
    pressed = [f"/connections/{ours['connection']}/{name}/" for name in ("test", "provision", "apply_role")]
    shown += [_whole(ana.post(url, follow=True)) for url in pressed]
    run_due(early=True)
    shown += [_whole(root.get(url)) for label in MODELS for url in pages_of(Desk(label))]
    wakeup.wake(ours["run"])
    out = StringIO()
    call_command("audit", "verify", stdout=out, stderr=out)
    try:
        call_command("doctor", stdout=out, stderr=out)
    except CommandError as ailing:  # there is no worker
        out.write(str(ailing))
    shown.append(out.getvalue())
    assert "discovery" in out.getvalue()
    said = [(key, broker.dump(key)) for key in broker.scan_iter()]
    queued = broker.lrange("isthmus", 0, -1)
    assert queued, "nothing was sent, so nothing was looked at"
    return shown, str(said) + "".join(one.decode() for one in queued)


def _whole(answer):
    return str(sorted(answer.headers.items())) + answer.content.decode(errors="replace")


def test_no_secret_is_anywhere_in_plain(planted):
    places, secrets = planted
    assert len(secrets) > 20
    # The search would find what is there in plain.
    assert "ana@contoso.example" in places["the database file"]
    assert all(len(text) > 100 for name, text in places.items() if name != "printed")
    found = [
        (name, place) for name, secret in secrets.items() for place, text in places.items() if secret in text
    ]
    assert found == []
    assert not [place for place, text in places.items() if "PRIVATE KEY-----" in text]
