"""Page by fault: whatever is wrong, whoever asks gets a page, a fragment or JSON that says how to go on."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from accounts.models import Authorization
from connections.governor import shared
from core import clock
from integrations.models import CatalogueEntry
from tests.sweep import state
from tests.sweep.answers import bare_of_ids, leads_to_sign_in, offers_authorisation, owes
from tests.sweep.conftest import front
from tests.sweep.expectations import (
    PORTAL,
    headers_of,
    names_an_object,
    patterns_of,
    portal_addresses,
    url_of,
)

ADDRESSES = portal_addresses()
each_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: one.name)
# What fails below every page fails in the same way: two of three wait for the long run.
a_third = pytest.mark.parametrize(
    "address",
    [
        pytest.param(one, marks=[pytest.mark.long] if at % 3 else [], id=one.name)
        for at, one in enumerate(ADDRESSES)
    ],
)
each_object = pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if names_an_object(one)], ids=lambda one: one.name
)
KINDS = {"UUIDConverter": "uuid", "IntConverter": "int", "StringConverter": "str", "SlugConverter": "slug"}
AS_JSON = {"Accept": "application/json"}
AS_FRAGMENT = {"HX-Request": "true"}


def ask(user, address, things, **headers):
    """Open it and send its form, as the row says they are meant to be; both answers."""
    row = PORTAL[address.name]
    browser = front(user, headers={**headers_of(row), **headers})
    form, url = row.form(things), url_of(address, things)
    answers = [] if row.get is None else [browser.get(url)]
    if row.post is not None:
        row.first(things)
        answers.append(browser.post(url, form))
    return answers


@each_address
def test_signed_out(ours, address):
    for answer in ask(None, address, ours):
        owes(answer)
        assert leads_to_sign_in(answer) or PORTAL[address.name].public, answer.content.decode()[:500]


@each_object
def test_not_there(ours, address):
    """Each parameter in turn names nothing, as a page, for htmx, and as JSON."""
    browser = front(state.user("ana"))
    for name in set(address.parameters) - {"backend"}:
        kind = KINDS[type(patterns_of(address.name)[name]).__name__]
        for unknown in [state.UNKNOWN[kind], *(["9" * 30] if kind == "int" else [])]:
            row = PORTAL[address.name]
            row.first(ours)
            given = {**state.parameters(address.name, ours), name: unknown}
            url = url_of(address, {**ours, **given, **_back(address, given)})
            for headers in ({}, AS_FRAGMENT, AS_JSON)[: 3 if name == address.parameters[0] else 1]:
                if row.get is not None:
                    owes(browser.get(url, headers=headers), 404)
                if row.post is not None:
                    owes(browser.post(url, row.form(ours), headers=headers), 404)


def _back(address, given):
    """`url_of` works with what things are called, not with the parameters of one address."""
    names = {"run_id": "run", "integration_id": "integration", "record_id": "record", "bulk_id": "bulk"}
    if "pk" in address.parameters:
        app = address.name.partition(":")[0]
        names["pk"] = "authorization" if address.name == "accounts:revoke" else PK_OF[app]
    return {known: given[name] for name, known in names.items() if name in address.parameters}


PK_OF = {"connections": "connection", "integrations": "integration", "accounts": "team", "sync": "sync"}


@each_object
def test_another_teams(ours, theirs, address):
    """The same answer as for what is not there at all: nothing tells that it exists."""
    row = PORTAL[address.name]
    form = row.form(ours)
    url = url_of(address, theirs)
    nowhere = url_of(
        address,
        {
            **theirs,
            **dict.fromkeys(("connection", "integration", "sync", "run", "bulk"), state.UNKNOWN["uuid"]),
            **dict.fromkeys(("team", "authorization", "row"), state.UNKNOWN["int"]),
        },
    )
    browser = front(state.user("ana"))
    if row.get is not None:
        seen = owes(browser.get(url), 404)
        assert bare_of_ids(seen) == bare_of_ids(browser.get(nowhere))
    if row.post is not None:
        refused = owes(browser.post(url, form), 404)
        assert bare_of_ids(refused) == bare_of_ids(browser.post(nowhere, form))
        assert "Hugo" not in refused.content.decode()


@a_third
def test_revoked_authorization(ours, address):
    """Taken back here; where it is asked for, also when only Microsoft has ended it and we do not know yet."""
    ana = state.user("ana")
    mine = Authorization.objects.filter(user=ana)
    mine.update(state=Authorization.State.REVOKED, token_cache="", scopes=[])
    _offered(ana, address, ours)


@pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if PORTAL[one.name].gated], ids=lambda one: one.name
)
def test_sign_in_ended_at_microsoft(ours, address):
    _aged()
    ana = state.user("ana")
    Authorization.objects.filter(user=ana).update(
        token_cache=""
    )  # no refresh token: Entra would say the same
    _offered(ana, address, ours)


def _offered(ana, address, ours):
    for answer in ask(ana, address, ours):
        owes(answer)
        if answer.request["REQUEST_METHOD"] == "POST" and PORTAL[address.name].gated:
            assert answer.status_code in {403, 422}, answer
            assert offers_authorisation(answer) or "authoris" in answer.content.decode().lower()


FAULTS = (
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "status", "status": 429, "retry_after": 60},
)


@a_third
def test_microsoft_down(ours, world, address, monkeypatch):
    """It refuses, it wants to be left alone, it hangs up; whatever does not ask it needs no second look."""
    monkeypatch.setattr(
        "microsoft.http.random.uniform", lambda *_: 0.0
    )  # pauses between tries prove nothing here
    row = PORTAL[address.name]
    form, url = row.form(ours), url_of(address, ours)
    row.first(ours)
    browser = front(state.user("ana"), headers=headers_of(row))
    for wish in FAULTS:
        _aged()
        rule = world.faults.add(wish)
        answers = [] if row.get is None else [browser.get(url)]
        if row.post is not None:
            answers.append(browser.post(url, form))
        for answer in answers:
            owes(answer)
            if answer.status_code == 503 and "retry_after" in wish:
                assert int(answer.headers["Retry-After"]) > 0
        world.faults.remove(rule.id)
        if not rule.hits:
            break
        shared.client().flushdb()
        Authorization.objects.update(failed_at=None, failure={})


def _aged():
    """Nothing is fresh enough to go without Microsoft: proofs, caches of what it said, tokens of connections."""
    Authorization.objects.update(proven_at=clock.now() - timedelta(minutes=10))
    CatalogueEntry.objects.all().delete()


@a_third
def test_database_away(ours, address):
    """The page that says so cannot need the database itself."""

    def refuse(*_):
        raise OperationalError("disk I/O error")

    row = PORTAL[address.name]
    browser = front(state.user("ana"), headers=headers_of(row))
    form, url = row.form(ours), url_of(address, ours)
    with connection.execute_wrapper(refuse):
        for answer in (browser.get(url), browser.post(url, form), browser.get(url, headers=AS_JSON)):
            owes(answer)
            if answer.status_code == 503:
                assert answer.headers["Retry-After"]
