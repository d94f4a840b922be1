"""Clients that know how to authenticate: kept warm, and fresh when the certificate changes."""

import threading

import pytest

from accounts.models import Authorization
from connections import clients
from connections.clients import dataverse_for
from connections.models import Certificate, Connection
from connections.models.certificate import PrivateKey
from core.problems import Unavailable
from microsoft.certificates import make_certificate
from microsoft.graph import Graph
from tests.connections import factories as make


def _token_requests(world):
    return len(world.journal.entries({"service": "login", "method": "POST", "path": "/token$"}))


def test_many_calls_take_one_token(world, connection):
    before = _token_requests(world)
    for _ in range(5):
        dataverse_for(Connection.objects.get(pk=connection.pk)).who_am_i()
    assert _token_requests(world) == before + 1


def test_threads_share_it(world, connection):
    before = _token_requests(world)
    who = []
    threads = [threading.Thread(target=lambda: who.append(_who(connection))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert who == [connection.identifiers.application_user_id] * 8
    assert _token_requests(world) == before + 1


def _who(connection):
    from django.db import connections as databases

    try:
        return dataverse_for(connection).who_am_i().user_id
    finally:
        databases.close_all()


def test_a_switched_certificate_is_picked_up_without_a_restart(world, ana, connection):
    dataverse_for(connection).who_am_i()
    old = connection.certificates.get()
    pair = make_certificate("next")
    new = make.certificate(connection, Certificate.State.PUBLISHED)
    new.public_pem, new.private_key = pair.certificate_pem, PrivateKey(pem=pair.private_key_pem)
    new.save()
    from accounts import vault
    from core.cloud import door

    graph = Graph(door(), vault.tokens(Authorization.objects.get(user=ana.user)))
    application = graph.application(connection.identifiers.application_id)
    graph.set_keys(application.id, keep=[], add=[pair.der_base64])
    Certificate.objects.filter(pk=old.pk).update(state=Certificate.State.RETIRING)
    Certificate.objects.filter(pk=new.pk).update(state=Certificate.State.ACTIVE)
    before = _token_requests(world)
    client = dataverse_for(connection)
    assert client.who_am_i()
    assert _token_requests(world) == before, "a good token was thrown away with the key"
    fresh = clients.certificate_tokens(connection, Certificate.objects.get(pk=new.pk))
    assert fresh.token(world_scope(connection))


def world_scope(connection):
    from core.cloud import cloud

    return cloud().environment_default_scope(connection.environment.url)


@pytest.mark.parametrize("state", ["disabled", "removing", "removed"])
def test_a_closed_connection_gives_no_client(connection, state):
    Connection.objects.filter(pk=connection.pk).update(state=state)
    with pytest.raises(Unavailable, match=state):
        connection.dataverse()


def test_a_draft_says_what_is_missing(db):
    from accounts.models import Team

    draft = make.connection(Team.objects.create(name="Sales"), state="draft")
    with pytest.raises(Unavailable, match="certificate"):
        draft.dataverse()


def test_no_more_identities_are_kept_than_that(connection, monkeypatch):
    monkeypatch.setattr(clients, "KEPT", 1)
    other = make.connection(
        connection.team, "Other", environment=connection.environment, state=Connection.State.READY
    )
    make.certificate(other)
    dataverse_for(connection)
    dataverse_for(other)
    assert list(clients._tokens) == [other.pk]
