"""Sign-in and tokens against the sandbox, over TLS and through its own pages."""

import uuid

import msal
import pytest

from microsoft import discovery, errors
from microsoft.graph import Graph
from microsoft.identity import ClientSecret, UserTokens
from microsoft.token_verdicts import authorize_error
from tests.microsoft.signing_in import sign_in
from tests.sandbox_browser import Browser

CONTOSO = "contoso.example"


def test_one_sign_in_serves_graph_discovery_and_environments(ana, sandbox_door, sandbox_cloud):
    assert Graph(sandbox_door, ana).me().upn == "ana@contoso.example"
    found = discovery.instances(sandbox_door, ana)
    assert [instance.unique_name for instance in found] == ["contoso", "contoso-dev"]
    assert all(instance.is_administrator and instance.is_enabled for instance in found)
    assert all(sandbox_cloud.require_environment(instance.url) == instance.url for instance in found)
    for instance in found:
        assert ana.token(sandbox_cloud.environment_scope(instance.url))


def test_a_token_is_cached_across_processes(ana, sandbox_door, front, world):
    cache = msal.SerializableTokenCache()
    cache.deserialize(ana._cache.serialize())
    later = UserTokens(sandbox_door, front, CONTOSO, cache, ana.home_account_id)
    scope = sandbox_door.cloud.discovery_scope
    world.faults.add({"kind": "status", "service": "login", "path": "/token", "status": 503})
    assert later.token(scope) == ana.token(scope)


def test_who_it_is_comes_with_the_tokens(nobody, sandbox_cloud, refresh_tokens):
    scope = sandbox_cloud.discovery_scope
    granted = nobody.redeem(refresh_tokens("ben@contoso.example", scope, tenant=CONTOSO), scope)
    assert scope in granted.scopes
    assert granted.claims["preferred_username"] == "ben@contoso.example"
    assert nobody.home_account_id == f"{granted.claims['oid']}.{granted.claims['tid']}"
    assert nobody.account["local_account_id"] == granted.claims["oid"]


def test_what_was_not_consented_to_is_said_and_costs_nothing(nobody, sandbox_cloud, refresh_tokens):
    scope = sandbox_cloud.discovery_scope
    nobody.redeem(refresh_tokens("cleo@contoso.example", scope, tenant=CONTOSO), scope)
    with pytest.raises(errors.ConsentRequired) as caught:
        nobody.token(sandbox_cloud.graph_scope("Application.ReadWrite.All"))
    assert caught.value.ids().keys() >= {"code", "request_id", "correlation_id"}
    with pytest.raises(errors.Invalid):
        nobody.token(sandbox_cloud.graph_scope("No.Such.Permission"))
    assert nobody.token(scope)


def test_a_wrong_secret_is_our_own_fault(sandbox_door, sandbox_cloud, front, refresh_tokens):
    scope = sandbox_cloud.discovery_scope
    cache = msal.SerializableTokenCache()
    tokens = UserTokens(sandbox_door, ClientSecret(front.client_id, "not-the-secret"), CONTOSO, cache)
    with pytest.raises(errors.CredentialRejected) as caught:
        tokens.redeem(refresh_tokens("ben@contoso.example", scope, tenant=CONTOSO), scope)
    assert "not-the-secret" not in str(caught.value)
    assert cache.serialize() == "{}"


def test_rubbish_for_a_refresh_token(nobody, sandbox_cloud):
    with pytest.raises(errors.SignInExpired):
        nobody.redeem("rubbish", sandbox_cloud.discovery_scope)


def test_an_unknown_tenant(sandbox_door, sandbox_cloud, front):
    tokens = UserTokens(sandbox_door, front, str(uuid.uuid4()), msal.SerializableTokenCache())
    with pytest.raises(errors.NotFound):
        tokens.redeem("rubbish", sandbox_cloud.discovery_scope)


def test_an_environment_of_another_tenant(ana, sandbox_cloud, world):
    url = world.places.environments["fabrikam"]
    with pytest.raises(errors.Refused):
        ana.token(sandbox_cloud.environment_scope(url))


def test_the_service_is_down(ana, sandbox_cloud, world):
    world.faults.add(
        {"kind": "status", "service": "login", "path": "/token", "status": 503, "retry_after": 7}
    )
    with pytest.raises(errors.Unreachable) as caught:
        ana.token(sandbox_cloud.graph_scope("User.Read"))
    assert 6 < caught.value.retry_after <= 7


def test_a_person_declines(world, sandbox_cloud):
    browser = Browser(world)
    with browser.session:
        scope = f"openid {sandbox_cloud.graph_scope('User.Read')}"
        page = browser.pick(browser.authorize(scope=scope, prompt="consent"), "cleo@contoso.example")
        back = browser.submit(page, decision="cancel").answer
    error = authorize_error(back)
    assert isinstance(error, (errors.ConsentRequired, errors.Forbidden))
    assert error.advice


def test_a_permission_for_administrators_only(world, sandbox_cloud):
    browser = Browser(world)
    with browser.session:
        scope = f"openid {sandbox_cloud.graph_scope('Application.ReadWrite.All')}"
        page = browser.pick(browser.authorize(scope=scope), "cleo@contoso.example")
        assert "Need admin approval" in page.text
        back = browser.submit(page, decision="cancel").answer
    assert isinstance(authorize_error(back), (errors.ConsentRequired, errors.Forbidden))


def test_a_second_factor_is_a_round_trip_and_then_it_is_over(nobody, world, sandbox_cloud, refresh_tokens):
    scope, graph = sandbox_cloud.discovery_scope, sandbox_cloud.graph_scope("User.Read")
    nobody.redeem(refresh_tokens("ben@contoso.example", scope, graph, tenant=CONTOSO), scope)
    world.directory.settings.change({"require_mfa": ["graph"]})
    try:
        with pytest.raises(errors.InteractionRequired) as caught:
            nobody.token(graph)
        assert caught.value.claims
        assert nobody.token(scope), "the refresh token is as good as before for everything else"
        refreshed = sign_in(world, "ben@contoso.example", (graph,), CONTOSO, claims=caught.value.claims)
        nobody.redeem(refreshed, graph)
        assert nobody.token(graph)
    finally:
        world.directory.settings.change({"require_mfa": []})


def test_a_revoked_sign_in_has_to_be_repeated(person, world, sandbox_door, sandbox_cloud):
    dara = person("dara@fabrikam.example", permissions=("User.Read",))
    world.directory.sign_ins.revoke_refresh_tokens(dara.account["local_account_id"])
    with pytest.raises(errors.SignInExpired):
        dara.token(sandbox_cloud.graph_scope("User.Read"))


def test_a_token_that_ran_out_is_renewed(nobody, world, sandbox_cloud, refresh_tokens):
    scope = sandbox_cloud.discovery_scope
    world.directory.settings.change({"access_token_seconds": 60})  # MSAL counts that as over at once
    try:
        nobody.redeem(refresh_tokens("ana@contoso.example", scope, tenant=CONTOSO), scope)
        assert nobody.token(scope) != nobody.token(scope)
    finally:
        world.directory.settings.change({"access_token_seconds": 3599})
