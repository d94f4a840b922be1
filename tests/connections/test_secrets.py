"""Planted secrets are looked for where they must not be."""

import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from django.urls import reverse

from accounts.documents import TokenCacheDocument
from accounts.models import Authorization
from connections.models import Certificate
from connections.services import proof
from core.sealing import unseal
from jobs.models import JobRun


@pytest.fixture
def secrets(ana, connection):
    """Everything that must never be seen, as text."""
    key = Certificate.objects.get(connection=connection).private_key.pem
    lines = [line for line in key.splitlines() if "-----" not in line]
    authorization = Authorization.objects.get(user=ana.user)
    cache = unseal(authorization, authorization.token_cache, TokenCacheDocument).msal
    tokens = [word for word in cache.replace("\\\\", "").split('"') if len(word) > 200]
    application = connection.dataverse()._tokens.token(
        django_settings.CLOUD.environment_default_scope(connection.environment.url)
    )
    assert len(lines) > 5
    assert len(tokens) >= 2
    return [lines[3], lines[-3], *tokens, application, django_settings.ENTRA_CLIENT_SECRET]


def _files():
    name = Path(database.settings_dict["NAME"])
    return [path for path in name.parent.glob(f"{name.name}*") if path.is_file()]


@pytest.mark.database("sqlite")  # it looks into the database's file
def test_not_in_the_database_file(secrets, connection):
    content = b"".join(path.read_bytes() for path in _files())
    assert connection.environment.url.encode() in content, "this is not the file with our rows"
    for secret in secrets:
        assert secret.encode() not in content
    # Identifiers are encrypted as well.
    for value in connection.identifiers.model_dump().values():
        if len(value) == 36:
            assert value.encode() not in content


@pytest.fixture
def written(caplog, capfd):
    """What has been logged or printed so far."""
    caplog.set_level(logging.DEBUG)
    return lambda: [caplog.text, *capfd.readouterr()]


def test_not_in_logs_payloads_or_pages(written, secrets, ana, connection, client):
    proof.test(ana, connection)
    client.force_login(ana.user)
    ana.user.is_staff = ana.user.is_superuser = True
    ana.user.save()
    shown = [
        client.get(reverse("connections:detail", args=[connection.pk])).content.decode(),
        client.get(reverse("connections:list")).content.decode(),
        client.get(reverse("admin:connections_connection_change", args=[connection.pk])).content.decode(),
        client.get(
            reverse("admin:connections_certificate_change", args=[connection.certificates.get().pk])
        ).content.decode(),
        str(list(JobRun.objects.values())),
        *written(),
    ]
    for secret in secrets:
        for place in shown:
            assert secret not in place
    assert "BEGIN PRIVATE KEY" not in "".join(shown)


def test_not_in_reprs(connection):
    certificate = connection.certificates.get()
    body = certificate.private_key.pem.splitlines()[3]
    client = connection.dataverse()
    for thing in (certificate, certificate.private_key, client, client._tokens, connection):
        assert body not in repr(thing)
        assert body not in str(thing)
