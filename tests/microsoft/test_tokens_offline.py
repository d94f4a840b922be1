"""MSAL behind our errors, against an identity service that says what the test wants it to say."""

import base64
import json
import logging
import threading
from urllib.parse import parse_qs

import jwt
import msal
import pytest
from cryptography import x509

from microsoft import errors
from microsoft.certificates import make_certificate
from microsoft.identity import CertificateTokens, ClientSecret, UserTokens
from tests.microsoft.tlsserver import Answer

TENANT = "11111111-2222-3333-4444-555555555555"
SCOPE = "https://contoso.crm.dynamics.com/.default"
DELEGATED = "https://contoso.crm.dynamics.com/user_impersonation"
CONFIGURATION = f"/{TENANT}/v2.0/.well-known/openid-configuration"
TOKEN = f"/{TENANT}/oauth2/v2.0/token"


@pytest.fixture(scope="module")
def pair():
    return make_certificate("runtime")


@pytest.fixture
def entra(tls):
    base = f"{tls.origin}/{TENANT}"
    tls.routes[CONFIGURATION] = Answer(
        body={
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
        }
    )
    return tls


@pytest.fixture
def machine(door, pair):
    return CertificateTokens(door, TENANT, "client-1", pair.private_key_pem, pair.certificate_pem)


@pytest.fixture
def cache():
    return msal.SerializableTokenCache()


@pytest.fixture
def person(door, cache):
    return UserTokens(door, ClientSecret("front", "the-front-secret"), TENANT, cache)


def granted(token="at-1", seconds=3600, **more):
    return Answer(body={"token_type": "Bearer", "expires_in": seconds, "access_token": token, **more})


def granted_person(token="at-1", refresh="rt-2", scope=f"{DELEGATED} openid profile offline_access", **more):
    client_info = (
        base64.urlsafe_b64encode(json.dumps({"uid": "oid-1", "utid": TENANT}).encode()).decode().rstrip("=")
    )
    id_token = jwt.encode(
        {"oid": "oid-1", "tid": TENANT, "sub": "s", "preferred_username": "ana@x"}, "k" * 32
    )
    body = {
        "scope": scope,
        "refresh_token": refresh,
        "client_info": client_info,
        "id_token": id_token,
        **more,
    }
    return granted(token, **{name: value for name, value in body.items() if value is not None})


def refused(error, number=0, status=400, headers=None, **more):
    described = f"AADSTS{number}: refused. Trace ID: t Correlation ID: c"
    body = {"error": error, "error_description": described, "error_codes": [number], **more}
    return Answer(status, body, headers or {})


def posts(tls):
    return [
        {name: value[0] for name, value in parse_qs(asked.body.decode()).items()}
        for asked in tls.asked
        if asked.path == TOKEN
    ]


class TestMachine:
    def test_nothing_is_sent_before_a_token_is_wanted(self, entra, machine):
        assert entra.asked == []

    def test_the_assertion_is_ps256_and_names_the_key_by_sha256(self, entra, machine, pair):
        entra.routes[TOKEN] = granted()
        assert machine.token(SCOPE) == "at-1"
        (form,) = posts(entra)
        header = jwt.get_unverified_header(form["client_assertion"])
        assert header["alg"] == "PS256"
        assert base64.urlsafe_b64decode(header["x5t#S256"] + "==").hex().upper() == pair.thumbprint_sha256
        public = x509.load_pem_x509_certificate(pair.certificate_pem.encode()).public_key()
        audience = f"{entra.origin}{TOKEN}"
        claims = jwt.decode(form["client_assertion"], public, algorithms=["PS256"], audience=audience)
        assert claims["iss"] == claims["sub"] == "client-1"
        assert form["scope"] == SCOPE
        assert form["grant_type"] == "client_credentials"
        assert json.loads(form["claims"]) == {"access_token": {"xms_cc": {"values": ["CP1"]}}}

    def test_a_token_is_asked_for_once_and_configuration_once_per_door(self, entra, machine):
        entra.routes[TOKEN] = granted()
        assert [machine.token(SCOPE) for _ in range(3)] == ["at-1"] * 3
        machine.fresh().token(SCOPE)
        assert [asked.path for asked in entra.asked] == [CONFIGURATION, TOKEN, TOKEN]

    def test_many_cold_threads_ask_once(self, entra, machine):
        entra.routes[TOKEN] = granted()
        entra.routes[TOKEN].delay = 0.2
        got = []
        threads = [threading.Thread(target=lambda: got.append(machine.token(SCOPE))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == ["at-1"] * 8
        assert len(posts(entra)) == 1

    def test_a_good_token_outlives_the_sign_in_service(self, entra, machine):
        # Less than five minutes left: MSAL counts it as absent and asks again, in vain.
        entra.routes[TOKEN] = granted("at-1", seconds=200)
        assert machine.token(SCOPE) == "at-1"
        entra.routes[TOKEN] = Answer(503)
        assert machine.token(SCOPE) == "at-1"
        entra.routes[TOKEN] = refused("temporarily_unavailable", 50196, 429)
        assert machine.token(SCOPE) == "at-1"
        assert len(posts(entra)) >= 2

    def test_not_beyond_its_end(self, entra, machine):
        entra.routes[TOKEN] = granted(seconds=5)
        machine.token(SCOPE)
        entra.routes[TOKEN] = Answer(503, headers={"Retry-After": "9"})
        with pytest.raises(errors.Unreachable) as caught:
            machine.token(SCOPE)
        assert caught.value.status == 503
        assert 8 < caught.value.retry_after <= 9

    def test_a_refused_key_is_not_covered_up(self, entra, machine):
        entra.routes[TOKEN] = granted(seconds=200)
        machine.token(SCOPE)
        entra.routes[TOKEN] = refused("invalid_client", 700027, 401)
        with pytest.raises(errors.CredentialRejected) as caught:
            machine.token(SCOPE)
        assert "certificate is not registered" in caught.value.advice

    def test_throttling_says_how_long(self, entra, machine):
        entra.routes[TOKEN] = refused("invalid_request", 50196, 429, headers={"Retry-After": "33"})
        with pytest.raises(errors.Throttled) as caught:
            machine.token(SCOPE)
        assert 32 < caught.value.retry_after <= 33

    def test_a_fresh_object_is_not_held_up_by_an_old_refusal(self, entra, machine):
        entra.routes[TOKEN] = refused("unauthorized_client", 700016)
        proving = machine.fresh()
        with pytest.raises(errors.NotReplicated) as caught:
            proving.token(SCOPE)
        assert caught.value.code == "unauthorized_client"
        entra.routes[TOKEN] = granted()
        with pytest.raises(errors.NotReplicated):
            proving.token(SCOPE)  # MSAL repeats a 400 for a minute without asking
        assert len(posts(entra)) == 1
        assert proving.fresh().token(SCOPE) == "at-1"

    def test_a_new_key_takes_over_the_tokens(self, entra, machine):
        entra.routes[TOKEN] = granted()
        machine.token(SCOPE)
        other = make_certificate("next")
        successor = machine.with_key(other.private_key_pem, other.certificate_pem)
        assert successor.token(SCOPE) == "at-1"
        assert len(posts(entra)) == 1

    def test_claims_go_past_the_cache_verbatim(self, entra, machine):
        entra.routes[TOKEN] = granted()
        machine.token(SCOPE)
        entra.routes[TOKEN] = granted("at-2")
        claims = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
        assert machine.token(SCOPE, claims=json.dumps(claims)) == "at-2"
        sent = json.loads(posts(entra)[1]["claims"])
        assert sent["access_token"]["acrs"] == claims["access_token"]["acrs"]

    def test_an_unknown_tenant(self, tls, machine):
        tls.routes[CONFIGURATION] = refused("invalid_tenant", 90002)
        with pytest.raises(errors.NotFound, match="no such tenant"):
            machine.token(SCOPE)

    def test_a_limit_at_the_first_request_is_no_unknown_tenant(self, tls, machine):
        tls.routes[CONFIGURATION] = refused("throttled", 90055, status=429, headers={"Retry-After": "60"})
        with pytest.raises(errors.Throttled) as limited:
            machine.token(SCOPE)
        assert 50 < limited.value.retry_after <= 60

    @pytest.mark.parametrize(
        "endpoint", ["http://localhost:1/t/oauth2/v2.0/token", "https://evil.example/t/token"]
    )
    def test_a_token_endpoint_elsewhere_is_refused(self, entra, machine, endpoint):
        entra.routes[CONFIGURATION].body["token_endpoint"] = endpoint
        with pytest.raises(errors.Refused) as caught:
            machine.token(SCOPE)
        assert "chosen cloud" in caught.value.advice or isinstance(caught.value, errors.OriginRefused)
        assert len(entra.asked) == 1

    def test_the_service_may_be_down_at_first(self, entra, machine):
        configuration = entra.routes[CONFIGURATION]
        entra.routes[CONFIGURATION] = Answer(503)
        entra.routes[TOKEN] = granted()
        with pytest.raises(errors.Unreachable):
            machine.token(SCOPE)
        entra.routes[CONFIGURATION] = configuration
        assert machine.token(SCOPE) == "at-1"

    def test_a_page_in_place_of_an_answer(self, entra, machine):
        entra.routes[TOKEN] = Answer(body=b"<html>proxy</html>")
        with pytest.raises(errors.Unreachable, match="cannot be read"):
            machine.token(SCOPE)

    def test_a_key_that_is_none(self, entra, door, pair):
        broken = CertificateTokens(door, TENANT, "client-1", "not a key", pair.certificate_pem)
        with pytest.raises(errors.CredentialRejected):
            broken.token(SCOPE)

    def test_a_key_of_another_certificate(self, entra, door, pair):
        entra.routes[TOKEN] = refused("invalid_client", 700027, 401)
        other = make_certificate("other")
        mixed = CertificateTokens(door, TENANT, "client-1", other.private_key_pem, pair.certificate_pem)
        with pytest.raises(errors.CredentialRejected):
            mixed.token(SCOPE)


class TestPerson:
    def test_a_refresh_token_is_taken_over_once(self, entra, person, cache):
        entra.routes[TOKEN] = granted_person()
        taken = person.redeem("rt-1", DELEGATED)
        assert taken.claims["oid"] == "oid-1"
        assert DELEGATED in taken.scopes
        assert person.home_account_id == f"oid-1.{TENANT}"
        assert person.account["username"] == "ana@x"
        assert cache.has_state_changed
        assert person.token(DELEGATED) == "at-1"
        (form,) = posts(entra)
        assert form["refresh_token"] == "rt-1"
        assert form["client_secret"] == "the-front-secret"
        assert set(form["scope"].split()) == {DELEGATED, "openid", "profile", "offline_access"}

    @pytest.mark.parametrize(
        ("status", "kind"), [(429, errors.Throttled), (403, errors.Unreachable), (503, errors.Unreachable)]
    )
    def test_a_gateways_refusal_without_a_word_costs_no_refresh_token(self, entra, person, status, kind):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        entra.routes[TOKEN] = Answer(status, {}, {"Retry-After": "0"})
        with pytest.raises(kind):
            person.token("https://graph.microsoft.com/User.Read")
        entra.routes[TOKEN] = granted_person("at-2", scope="https://graph.microsoft.com/User.Read")
        assert person.token("https://graph.microsoft.com/User.Read") == "at-2"

    def test_one_refresh_token_serves_every_resource(self, entra, person, door, cache):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        stored = cache.serialize()
        again = msal.SerializableTokenCache()
        again.deserialize(stored)
        later = UserTokens(door, ClientSecret("front", "the-front-secret"), TENANT, again)
        graph = "https://graph.microsoft.com/User.Read"
        entra.routes[TOKEN] = granted_person(
            "at-graph", "rt-3", scope=f"{graph} openid profile offline_access"
        )
        assert later.token(graph) == "at-graph"
        assert later.token(DELEGATED) == "at-1"
        assert posts(entra)[-1]["refresh_token"] == "rt-2"
        assert again.has_state_changed
        assert "rt-3" in again.serialize()

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (refused("invalid_grant", 65001, suberror="consent_required"), errors.ConsentRequired),
            (refused("invalid_grant", 50173), errors.SignInExpired),
            (refused("invalid_client", 7000215, 401), errors.CredentialRejected),
            (Answer(503), errors.Unreachable),
            (Answer(body=b"not json"), errors.Unreachable),
            (granted_person(client_info=None), errors.Refused),
            (granted_person(id_token="rubbish"), errors.MicrosoftError),
        ],
    )
    def test_whatever_goes_wrong_the_cache_stays_as_it_was(self, entra, person, cache, answer, kind):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        before = cache.serialize()
        entra.routes[TOKEN] = answer
        with pytest.raises(kind):
            person.redeem("rt-other", "https://graph.microsoft.com/User.Read")
        assert not cache.has_state_changed
        assert cache.serialize() == before

    def test_a_sign_in_without_a_refresh_token_is_no_authorization(self, entra, person, cache):
        entra.routes[TOKEN] = granted_person(refresh=None)
        with pytest.raises(errors.InteractionRequired, match="offline_access"):
            person.redeem("rt-1", DELEGATED)
        assert person.account is None
        assert cache.serialize() == "{}"

    def test_missing_consent_costs_nothing(self, entra, person):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        entra.routes[TOKEN] = refused("invalid_grant", 65001, suberror="consent_required")
        with pytest.raises(errors.ConsentRequired):
            person.token("https://graph.microsoft.com/Application.ReadWrite.All")
        assert person.token(DELEGATED) == "at-1"

    def test_a_challenge_comes_back_with_its_claims(self, entra, person):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        claims = '{"access_token":{"capolids":{"essential":true,"values":["é"]}}}'
        entra.routes[TOKEN] = refused("invalid_grant", 50076, suberror="basic_action", claims=claims)
        with pytest.raises(errors.InteractionRequired) as caught:
            person.token(DELEGATED, claims='{"access_token":{}}')
        assert caught.value.claims == claims

    def test_a_challenge_that_is_not_repeated_is_still_there_for_the_browser(self, entra, person):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        entra.routes[TOKEN] = refused("interaction_required", 50076)
        with pytest.raises(errors.InteractionRequired) as caught:
            person.token(DELEGATED, claims='{"access_token":{"x":1}}')
        assert caught.value.claims == '{"access_token":{"x":1}}'

    def test_nobody_signed_in(self, entra, person):
        with pytest.raises(errors.SignInExpired):
            person.token(DELEGATED)
        assert entra.asked == []

    def test_forgetting_needs_no_network(self, entra, person, cache):
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        asked = len(entra.asked)
        person.forget()
        assert person.account is None
        assert not any(word in cache.serialize() for word in ("rt-", "at-1", "ana@x"))
        assert len(entra.asked) == asked

    def test_secrets_reach_neither_log_nor_message(self, entra, person, caplog):
        caplog.set_level(logging.DEBUG)
        entra.routes[TOKEN] = granted_person()
        person.redeem("rt-1", DELEGATED)
        entra.routes[TOKEN] = refused("invalid_client", 7000215, 401)
        with pytest.raises(errors.CredentialRejected) as caught:
            person.token("https://graph.microsoft.com/User.Read")
        everything = caplog.text + str(caught.value) + repr(caught.value) + repr(person)
        assert not any(secret in everything for secret in ("rt-1", "rt-2", "at-1", "the-front-secret"))
