"""No token leaves the vault: not into the database in plain, nor sessions, logs, pages or the trail."""

import json
import logging
from pathlib import Path

import msal
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from social_django.models import UserSocialAuth

from accounts import vault
from accounts.documents import TokenCacheDocument
from accounts.models import Authorization, User
from core.sealing import unseal
from sandbox.directory.cast import CONTOSO
from tests.people import authorise, sign_in, visitor

KINDS = (
    msal.TokenCache.CredentialType.REFRESH_TOKEN,
    msal.TokenCache.CredentialType.ACCESS_TOKEN,
    msal.TokenCache.CredentialType.ID_TOKEN,
)


def secrets_of(authorization):
    """Every token that the vault holds for this authorization."""
    cache = msal.SerializableTokenCache()
    cache.deserialize(unseal(authorization, authorization.token_cache, TokenCacheDocument).msal)
    return {entry["secret"] for kind in KINDS for entry in cache.search(kind)}


def database_bytes():
    """The database as a thief would find it: the file and what SQLite keeps beside it, or a dump of every row."""
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        return b"".join(file.read_bytes() for file in name.parent.glob(f"{name.name}*"))
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.extend(map(str, cursor.fetchall()))
    return "\n".join(rows).encode()


@pytest.fixture
def visit(world, transactional_db, caplog):
    """Ana signs in, authorises everything, is challenged, and looks at all her pages."""
    caplog.set_level(logging.DEBUG)
    client = visitor(world)
    sign_in(client, "ana")
    authorise(client, "ana", tenant=CONTOSO, reach="graph")
    authorization = Authorization.objects.get()
    for scope in authorization.scopes:
        vault.tokens(authorization).token(scope)
    User.objects.update(is_superuser=True, is_staff=True)
    addresses = ["/", "/authorizations/", "/teams/", "/audit/", "/profile/"]
    addresses += [
        f"/admin/accounts/authorization/{authorization.pk}/change/",
        f"/admin/social_django/usersocialauth/{UserSocialAuth.objects.get().pk}/change/",
        f"/admin/accounts/user/{User.objects.get().pk}/change/",
        "/admin/accounts/auditevent/",
    ]
    pages = {address: client.get(address) for address in addresses}
    assert {page.status_code for page in pages.values()} == {200}
    authorization.refresh_from_db()
    return client, authorization, pages, caplog


def test_no_token_is_anywhere_but_in_the_vault(visit):
    client, authorization, pages, log = visit
    secrets = secrets_of(authorization)
    assert len(secrets) >= 4  # the refresh token, two access tokens at least, the id token
    secrets |= {settings.ENTRA_CLIENT_SECRET}
    stored = database_bytes()
    assert authorization.account_name.encode() in stored  # the search would find what is there in plain
    shown = b"".join(page.content for page in pages.values())
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    logged = log.text + json.dumps([vars(record) for record in log.records], default=str)
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret.encode() not in shown
        assert secret not in sessions
        assert secret not in logged
    assert client.session.get_expiry_age() > 0


def test_social_auth_keeps_who_it_is_and_nothing_else(visit):
    kept = set(UserSocialAuth.objects.get().extra_data)
    assert kept == {"oid", "tid", "sub", "auth_time", "id_key"} & kept
    assert {"oid", "tid"} <= kept
