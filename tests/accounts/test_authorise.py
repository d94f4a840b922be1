"""Giving Isthmus more than one's name: when it is asked, what goes wrong, and that it comes back to the same place."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import vault
from accounts.models import AuditEvent, Authorization
from accounts.reach import Reach
from microsoft.errors import ConsentRequired, InteractionRequired, SignInExpired
from sandbox.directory.cast import BEN, CONTOSO, FABRIKAM
from tests.people import authorise, depart, sign_in, step, travel, visitor

pytestmark = pytest.mark.django_db
State = Authorization.State


def signed_in(world, name):
    client = visitor(world)
    assert sign_in(client, name).status_code == 302
    return client


def authorization(name):
    return Authorization.objects.get(account_name=f"{name}@contoso.example")


def environment(world):
    return f"{world.places.environments['contoso-dev']}/user_impersonation"


def test_it_comes_back_to_the_same_place_with_what_was_asked(world):
    client = signed_in(world, "ana")
    answer = authorise(client, "ana", tenant=CONTOSO, reach="identity", next="/connections/?x=1")
    assert answer["Location"] == "/connections/?x=1"
    ana = authorization("ana")
    assert ana.scopes == [Reach.IDENTITY.scope]
    assert vault.tokens(ana).token(Reach.IDENTITY.scope).count(".") == 2


def test_one_refresh_token_serves_discovery_environments_and_graph(world):
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO, reach="graph")
    ana = authorization("ana")
    tokens = {vault.tokens(ana).token(scope) for scope in (*Reach.GRAPH.scopes, environment(world))}
    assert len(tokens) == 4
    ana.refresh_from_db()
    assert set(ana.scopes) == {*Reach.GRAPH.scopes, environment(world)}


def test_the_known_account_is_hinted_at_and_another_one_is_asked_for(world):
    client = signed_in(world, "ana")
    known = parse_qs(
        urlsplit(client.post("/authorizations/authorise/", {"tenant": CONTOSO})["Location"]).query
    )
    assert known["login_hint"] == ["ana@contoso.example"]
    assert "prompt" not in known
    other = client.post("/authorizations/authorise/", {"another": "1"})["Location"]
    assert parse_qs(urlsplit(other).query)["prompt"] == ["select_account"]


def test_what_an_administrator_must_allow_says_so_and_costs_nothing(world):
    signed_in(world, "ana")
    client = signed_in(world, "ben")
    authorise(client, "ben", tenant=CONTOSO)
    answer = authorise(client, "ben", tenant=CONTOSO, reach="graph", next="/connections/")
    page = unescape(answer.content.decode())
    assert answer.status_code == 403
    assert "An administrator has to agree first" in page
    ben = authorization("ben")
    assert (ben.state, ben.scopes) == (State.LIVE, [Reach.IDENTITY.scope])
    vault.prove(ben, Reach.IDENTITY.scope)
    ben.refresh_from_db()
    assert ben.awaited_scope == Reach.GRAPH.scope
    cards = client.get("/authorizations/").content.decode()
    assert "Waiting for an administrator" in cards
    assert "Needs authorization" not in cards, "it is not the person who is needed"
    state = f"/authorizations/admin-consent/state/?tenant={CONTOSO}&reach=graph"
    assert 'hx-trigger="every' in client.get(state).content.decode()

    there = re.search(r"/authorizations/admin-consent/[^\"]*", page)[0]
    address = re.search(
        r"http[^<\s\"]+/v2.0/adminconsent[^<\s\"]+", unescape(client.get(there).content.decode())
    )[0]
    administrator = visitor(world)
    consent = administrator.microsoft.open(address)
    while not consent.response.is_redirect:
        consent = step(administrator, consent, "ana")
    back = urlsplit(consent.response.headers["Location"])
    thanks = administrator.get(f"{back.path}?{back.query}", follow=True)
    assert "Thank you" in thanks.content.decode()

    Authorization.objects.update(failure={})  # it is asked for at most once in a while
    agreed = client.get(state).content.decode()
    assert "They have agreed" in agreed
    assert 'hx-trigger="every' not in agreed
    ben.refresh_from_db()
    assert (ben.awaited_scope, ben.awaited_since, ben.state) == ("", None, State.LIVE)
    assert (
        authorise(client, "ben", tenant=CONTOSO, reach="graph", next="/connections/")["Location"]
        == "/connections/"
    )
    ben.refresh_from_db()
    vault.prove(ben, Reach.GRAPH.scope)


def test_a_challenge_is_kept_and_repeated_word_for_word(world):
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    ana = authorization("ana")
    world.directory.settings.change({"require_mfa": ["discovery"]})
    with pytest.raises(InteractionRequired) as caught:
        vault.prove(ana, Reach.IDENTITY.scope)
    ana.refresh_from_db()
    assert ana.state == State.NEEDS_INTERACTION
    assert ana.claims == caught.value.claims
    assert json.loads(ana.claims)
    assert "Needs you" in client.get("/authorizations/").content.decode()
    assert "Needs authorization" in client.get("/teams/").content.decode(), "every page says so"

    departure = client.post("/authorizations/authorise/", {"tenant": CONTOSO, "next": "/teams/"})
    assert parse_qs(urlsplit(departure["Location"]).query)["claims"] == [ana.claims]
    assert travel(client, departure, "ana")["Location"] == "/teams/"
    ana.refresh_from_db()
    assert (ana.state, ana.claims, ana.reason) == (State.LIVE, "", "")
    vault.prove(ana, Reach.IDENTITY.scope)


def test_refusing_the_second_proof_is_a_page_with_a_way_back(world):
    client = signed_in(world, "ana")
    world.directory.settings.change({"require_mfa": ["discovery"]})
    departure = client.post("/authorizations/authorise/", {"tenant": CONTOSO, "next": "/teams/"})
    answer = travel(client, departure, "ana", approve=False)
    assert answer.status_code == 403
    assert "next=%2Fteams%2F" in answer.content.decode()


def test_consent_that_was_taken_back_keeps_the_refresh_token(world):
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    ana = authorization("ana")
    world.directory.consents.revoke()
    with pytest.raises(ConsentRequired):
        vault.prove(ana, Reach.IDENTITY.scope)
    ana.refresh_from_db()
    assert (ana.state, ana.scopes) == (State.NEEDS_CONSENT, [])
    assert ana.token_cache
    authorise(client, "ana", tenant=CONTOSO)
    ana.refresh_from_db()
    assert ana.state == State.LIVE
    vault.prove(ana, Reach.IDENTITY.scope)


def test_taking_it_back_destroys_the_tokens_and_is_in_the_trail(world):
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    ana = authorization("ana")
    provider = vault.tokens(ana)
    assert client.post(f"/authorizations/{ana.pk}/revoke/")["Location"] == "/authorizations/"
    ana.refresh_from_db()
    assert (ana.state, ana.token_cache, ana.scopes) == (State.REVOKED, "", [])
    with pytest.raises(SignInExpired):
        provider.token(Reach.IDENTITY.scope)
    assert AuditEvent.objects.filter(verb="revoked", subject_id=str(ana.pk)).exists()
    assert "Needs authorization" not in client.get("/teams/").content.decode(), "that was meant"
    authorise(client, "ana", tenant=CONTOSO)
    assert provider.token(Reach.IDENTITY.scope)


def test_nobody_takes_back_anothers(world):
    signed_in(world, "ana")
    ben = signed_in(world, "ben")
    assert ben.post(f"/authorizations/{authorization('ana').pk}/revoke/").status_code == 404
    assert authorization("ana").state == State.LIVE


def test_a_sign_in_that_microsoft_ended_shows(world):
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    ana = authorization("ana")
    world.directory.sign_ins.revoke_refresh_tokens()
    with pytest.raises(SignInExpired):
        vault.prove(ana, Reach.IDENTITY.scope)
    ana.refresh_from_db()
    assert (ana.state, ana.token_cache) == (State.REVOKED, "")
    assert "Authorise again" in client.get("/authorizations/").content.decode()
    assert "Needs authorization" in client.get("/teams/").content.decode()


def test_somebody_who_left_the_company_can_do_nothing_more(world):
    """Removed from Entra, or blocked there: the tokens go, the gate closes, and what they asked for stops."""
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    ana = authorization("ana")
    world.directory.people_table.change(str(ana.object_id), enabled=False)
    try:
        with pytest.raises(SignInExpired):
            vault.prove(ana, Reach.IDENTITY.scope)
    finally:
        world.directory.people_table.change(str(ana.object_id), enabled=True)
    ana.refresh_from_db()
    assert (ana.state, ana.token_cache) == (State.REVOKED, "")
    assert ana.reason
    assert "Needs authorization" in client.get("/teams/").content.decode()


def test_a_further_tenant_has_tokens_of_its_own(world, settings):
    settings.ENTRA_ALLOWED_TENANTS = [CONTOSO, FABRIKAM]
    client = signed_in(world, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    authorise(client, "dara", another="1")
    dara = Authorization.objects.get(account_name="dara@fabrikam.example")
    assert dara.user == authorization("ana").user
    tokens = {vault.tokens(one).token(Reach.IDENTITY.scope) for one in (authorization("ana"), dara)}
    assert len(tokens) == 2
    client.post(f"/authorizations/{dara.pk}/revoke/")
    assert authorization("ana").state == State.LIVE
    assert vault.tokens(authorization("ana")).token(Reach.IDENTITY.scope)


@pytest.mark.parametrize(
    "form", [{"tenant": "contoso"}, {"reach": "everything"}, {"claims": "not json"}, {"claims": "[1]"}]
)
def test_what_cannot_be_meant_is_refused(world, form):
    assert signed_in(world, "ana").post("/authorizations/authorise/", form).status_code == 400


def test_it_takes_somebody_who_is_signed_in(world):
    answer = visitor(world).post("/authorizations/authorise/")
    assert answer["Location"].startswith("/sign-in/")


def test_it_does_not_return_to_other_sites(world):
    client = signed_in(world, "ana")
    assert authorise(client, "ana", tenant=CONTOSO, next="https://evil.example/")["Location"] == "/"
    assert BEN not in client.get("/authorizations/").content.decode()
    depart(client, client.post("/authorizations/authorise/", {"tenant": CONTOSO, "next": "/teams/"}))
    assert (
        authorise(client, "ana", tenant=CONTOSO)["Location"] == "/"
    )  # not where the one given up would have led
