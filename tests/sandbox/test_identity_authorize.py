"""The pages and what they answer (contract G3, G7, B3)."""

import base64
import hashlib
import json

import pytest

from sandbox.directory.cast import CONTOSO, FABRIKAM
from tests.sandbox_browser import REDIRECT_URI, Browser
from tests.sandbox_client import Client

ANA, BEN, CLEO, DARA = (
    "ana@contoso.example",
    "ben@contoso.example",
    "cleo@contoso.example",
    "dara@fabrikam.example",
)


@pytest.fixture(scope="module")
def world(sandbox_template, tmp_path_factory):
    """Consents given here concern no other test."""
    from tests.sandbox_fixtures import _copy

    world = _copy(sandbox_template, tmp_path_factory.mktemp("authorize"))
    world.start()
    yield world
    world.stop()


@pytest.fixture
def browser(world):
    world.directory.consents.revoke()
    return Browser(world)


@pytest.fixture
def scope(world):
    return f"{world.places.environments['contoso']}/user_impersonation openid profile offline_access"


def admin_scope(world):
    return f"{world.places.graph}/Application.ReadWrite.All"


class TestWhoMayAsk:
    def test_unknown_application_is_told_on_a_page(self, browser):
        page = browser.authorize(client_id="0b2ad7fa-5d5c-4cf0-9d5e-1f3f0f2f5c11")

        assert page.status == 400
        assert "AADSTS700016" in page.text

    @pytest.mark.parametrize(
        "uri",
        [
            "http://localhost/complete/entra",
            "http://localhost/complete/Entra/",
            "https://localhost/complete/entra/",
            "http://localhost.evil.example/complete/entra/",
            "http://localhost@evil.example/complete/entra/",
            "http://localhost:1@evil.example/complete/entra/",
            "http://evil.example/complete/entra/",
            "http://localhost/complete/entra/?next=1",
            "http://[::1/complete",
        ],
    )
    def test_redirect_uri_must_match_exactly(self, browser, uri):
        page = browser.authorize(redirect_uri=uri)

        assert page.status == 400
        assert "AADSTS50011" in page.text
        assert "Location" not in page.response.headers

    @pytest.mark.parametrize("port", ["80", "5555"])
    def test_port_of_localhost_is_free(self, browser, port):
        page = browser.authorize(redirect_uri=f"http://localhost:{port}/complete/entra/")

        assert page.status == 200

    @pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
    def test_missing_essentials_are_told_on_a_page(self, browser, name):
        page = browser.authorize(**{name: None})

        assert page.status == 400
        assert "AADSTS900144" in page.text

    @pytest.mark.parametrize(
        ("parameters", "error", "number"),
        [
            ({"response_type": None}, "invalid_request", 900144),
            ({"response_type": "id_token"}, "unsupported_response_type", 700054),
            ({"response_type": "nonsense"}, "unsupported_response_type", 70005),
            ({"scope": " "}, "invalid_request", 900144),
            ({"scope": "https://elsewhere.example/user_impersonation"}, "invalid_resource", 500011),
            ({"scope": "No.Such.Scope"}, "invalid_client", 650053),
            ({"prompt": "maybe"}, "invalid_request", 90023),
            ({"response_mode": "pigeon"}, "invalid_request", 90023),
            ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request", 501491),
            ({"code_challenge": "a" * 43, "code_challenge_method": "S512"}, "invalid_request", 50149),
            ({"claims": "{not json"}, "invalid_request", 9002313),
        ],
    )
    def test_other_mistakes_go_back_to_the_application(self, browser, parameters, error, number):
        page = browser.authorize(**parameters)
        if "claims" in parameters:
            page = browser.pick(page, ANA)

        assert page.status == 302
        assert page.answer["error"] == error
        assert f"AADSTS{number}:" in page.answer["error_description"]
        assert page.answer["state"] == "st4te"

    def test_unknown_tenant(self, browser):
        assert "AADSTS90002" in browser.authorize("nowhere.example").text


class TestAccounts:
    def test_picker_lists_everybody_for_organizations(self, browser):
        text = browser.authorize().text

        assert all(upn in text for upn in (ANA, BEN, CLEO, DARA))

    def test_picker_lists_only_the_people_of_a_named_tenant(self, browser):
        text = browser.authorize(FABRIKAM).text

        assert DARA in text
        assert ANA not in text

    def test_typed_address(self, browser):
        page = browser.submit(browser.authorize(), username=" Ben@Contoso.example ")

        assert "Permissions requested" in page.text

    def test_unknown_address(self, browser):
        page = browser.submit(browser.authorize(), username="nobody@contoso.example")

        assert "AADSTS50034" in page.text

    def test_person_of_another_tenant_is_refused(self, browser):
        page = browser.submit(browser.authorize(CONTOSO), username=DARA)

        assert "AADSTS50020" in page.text

    def test_disabled_person_is_refused(self, new_sandbox):
        world = new_sandbox()
        ben = world.directory.people_table.by_upn(BEN)
        world.directory.people_table.change(ben.oid, enabled=False)
        browser = Browser(world)

        assert "AADSTS50057" in browser.pick(browser.authorize(), BEN).text

    def test_second_sign_in_needs_no_picking(self, browser):
        browser.sign_in(ANA, "openid")

        assert "code" in browser.authorize(scope="openid").answer

    @pytest.mark.parametrize("prompt", ["login", "select_account"])
    def test_prompt_brings_the_picker_back(self, browser, prompt):
        browser.sign_in(ANA, "openid")
        page = browser.authorize(scope="openid", prompt=prompt)

        assert "Pick an account" in page.text
        assert "Signed in" in page.text

    def test_two_signed_in_accounts_ask_which(self, browser):
        browser.sign_in(ANA, "openid")
        browser.sign_in(BEN, "openid", prompt="select_account")

        assert "Pick an account" in browser.authorize(scope="openid").text
        assert "code" in browser.authorize(scope="openid", login_hint=BEN).answer

    def test_login_hint_offers_one_account(self, browser):
        text = browser.authorize(login_hint=CLEO).text

        assert CLEO in text
        assert ANA not in text

    def test_domain_hint_narrows_the_list(self, browser):
        text = browser.authorize(domain_hint="fabrikam.example").text

        assert DARA in text
        assert ANA not in text

    def test_another_browser_cannot_continue_a_visit(self, world, browser):
        page = browser.authorize()
        stranger = Browser(world)
        stranger.authorize()

        answer = stranger.pick(page, ANA)

        assert answer.status == 400
        assert "AADSTS50089" in answer.text


class TestPromptNone:
    def test_nobody_signed_in(self, browser):
        assert browser.authorize(prompt="none").answer["error"] == "login_required"

    def test_without_consent(self, browser, scope):
        browser.sign_in(BEN, "openid")

        answer = browser.authorize(scope=scope, prompt="none").answer

        assert answer["error"] == "consent_required"
        assert "AADSTS65001" in answer["error_description"]

    def test_with_consent(self, browser, scope):
        browser.sign_in(BEN, scope)

        assert "code" in browser.authorize(scope=scope, prompt="none").answer

    def test_second_factor_needed(self, world, browser, scope):
        browser.sign_in(BEN, scope)
        world.directory.settings.change({"require_mfa": ["contoso"]})
        try:
            answer = browser.authorize(scope=scope, prompt="none").answer
        finally:
            world.directory.settings.change({"require_mfa": []})

        assert answer["error"] == "interaction_required"
        assert "AADSTS50076" in answer["error_description"]


class TestConsent:
    def test_scopes_are_told_in_words(self, browser, scope):
        page = browser.pick(browser.authorize(scope=scope), BEN)

        assert "Permissions requested" in page.text
        assert "Access Dynamics 365 and Dataverse as you" in page.text
        assert "Portal sign-in" in page.text
        assert "behalf of your organization" not in page.text

    def test_cancel(self, browser, scope):
        page = browser.submit(browser.pick(browser.authorize(scope=scope), BEN), decision="cancel")

        assert page.answer["error"] == "access_denied"
        assert page.answer["error_subcode"] == "cancel"
        assert "AADSTS65004" in page.answer["error_description"]

    def test_is_asked_once_and_incrementally(self, world, browser, scope):
        browser.sign_in(BEN, scope)
        page = browser.authorize(scope=f"{scope} {world.places.graph}/User.Read")

        assert "Sign in and read your profile" in page.text
        assert "Access Dynamics 365" not in page.text
        assert "code" in browser.submit(page, decision="accept").answer

    def test_one_consent_covers_every_environment_and_discovery(self, world, browser, scope):
        browser.sign_in(BEN, scope)
        discovery = f"{world.places.discovery}/user_impersonation openid profile offline_access"

        assert "code" in browser.authorize(scope=discovery).answer

    def test_prompt_consent_asks_again(self, browser, scope):
        browser.sign_in(BEN, scope)

        assert "Permissions requested" in browser.authorize(scope=scope, prompt="consent").text

    def test_several_resources_are_agreed_to_at_once(self, world, browser, scope):
        both = f"{scope} {world.places.graph}/User.Read"
        page = browser.pick(browser.authorize(scope=both), BEN)

        assert "Access Dynamics 365" in page.text
        assert "Sign in and read your profile" in page.text

    def test_environment_of_another_tenant(self, browser, scope):
        page = browser.pick(browser.authorize(scope=scope), DARA)

        assert page.answer["error"] == "invalid_resource"
        assert "AADSTS500011" in page.answer["error_description"]

    def test_member_needs_an_administrator(self, world, browser):
        page = browser.pick(browser.authorize(scope=admin_scope(world)), BEN)

        assert "Need admin approval" in page.text
        answer = browser.submit(page, decision="cancel").answer
        assert answer["error"] == "access_denied"
        assert "AADSTS90094" in answer["error_description"]

    def test_member_cannot_accept_by_hand(self, world, browser):
        page = browser.pick(browser.authorize(scope=admin_scope(world)), BEN)

        assert "AADSTS90094" in browser.submit(page, decision="accept").answer["error_description"]

    def test_administrator_may_be_called_from_the_approval_page(self, world, browser):
        page = browser.pick(browser.authorize(scope=admin_scope(world)), BEN)
        page = browser.pick(browser.submit(page, decision="other"), ANA)

        assert "code" in browser.submit(page, decision="accept").answer

    def test_administrator_may_agree_for_everybody(self, world, browser):
        page = browser.pick(browser.authorize(scope=admin_scope(world)), ANA)
        browser.submit(page, decision="accept", for_everybody="1")
        member = Browser(world)

        assert "code" in member.pick(member.authorize(scope=admin_scope(world)), BEN).answer

    def test_member_cannot_agree_for_everybody(self, world, browser, scope):
        page = browser.pick(browser.authorize(scope=scope), BEN)
        browser.submit(page, decision="accept", for_everybody="1")
        other = Browser(world)

        assert "Permissions requested" in other.pick(other.authorize(scope=scope), CLEO).text

    def test_application_enters_a_tenant_with_the_first_consent(self, new_sandbox):
        world = new_sandbox()
        front = world.front_app.client_id
        assert world.directory.service_principal(FABRIKAM, front) is None

        Browser(world).sign_in(DARA, "openid")

        assert world.directory.service_principal(FABRIKAM, front) is not None


class TestAdminConsent:
    def start(self, world, browser, **more):
        values = {
            "client_id": world.front_app.client_id,
            "redirect_uri": REDIRECT_URI,
            "state": "st4te",
            "scope": admin_scope(world),
            **more,
        }
        return browser.open(f"{world.places.pages}/organizations/v2.0/adminconsent", params=values)

    def test_administrator_agrees_for_the_tenant(self, world, browser):
        page = browser.pick(self.start(world, browser), ANA)
        assert "everybody in Contoso" in page.text

        answer = browser.submit(page, decision="accept").answer

        assert answer == {
            "admin_consent": "True",
            "tenant": CONTOSO,
            "scope": admin_scope(world),
            "state": "st4te",
        }
        member = Browser(world)
        assert "code" in member.pick(member.authorize(scope=admin_scope(world)), BEN).answer

    def test_member_is_refused(self, world, browser):
        page = browser.pick(self.start(world, browser), BEN)

        assert "Need admin approval" in page.text

    def test_default_means_what_the_registration_declares(self, world, browser):
        page = browser.pick(self.start(world, browser, scope=f"{world.places.graph}/.default"), ANA)

        assert "Read and write applications" in page.text
        assert "Access Dynamics 365" in page.text

    def test_cancel(self, world, browser):
        page = browser.submit(browser.pick(self.start(world, browser), ANA), decision="cancel")

        assert page.answer["error"] == "access_denied"


class TestAnswer:
    def test_query_is_the_default(self, browser):
        location = browser.submit(browser.pick(browser.authorize(), BEN), decision="accept").response.headers[
            "Location"
        ]

        assert location.startswith(f"{REDIRECT_URI}?code=")

    def test_fragment(self, browser):
        page = browser.pick(browser.authorize(response_mode="fragment"), BEN)

        assert (
            browser.submit(page, decision="accept")
            .response.headers["Location"]
            .startswith(f"{REDIRECT_URI}#code=")
        )

    def test_form_post(self, browser):
        page = browser.pick(browser.authorize(response_mode="form_post"), BEN)
        page = browser.submit(page, decision="accept")

        assert page.forms[0].action == REDIRECT_URI
        assert page.forms[0].fields["code"]
        assert page.forms[0].fields["state"] == "st4te"

    def test_client_info_when_asked(self, world, browser):
        answer = browser.sign_in(BEN, "openid", client_info="1")
        padded = answer["client_info"] + "=" * (-len(answer["client_info"]) % 4)

        assert json.loads(base64.urlsafe_b64decode(padded)) == {
            "uid": world.directory.people_table.by_upn(BEN).oid,
            "utid": CONTOSO,
        }
        assert "client_info" not in browser.authorize(scope="openid").answer

    def test_markup_in_parameters_stays_text(self, browser):
        page = browser.authorize(client_id="<script>alert(1)</script>")

        assert "<script>alert(1)" not in page.response.text

    def test_tls_origin_sends_browsers_to_the_pages(self, world):
        response = Client(world).http.get(
            f"{world.places.login}/common/oauth2/v2.0/authorize?client_id=x", allow_redirects=False
        )

        assert (
            response.headers["Location"] == f"{world.places.pages}/common/oauth2/v2.0/authorize?client_id=x"
        )


class TestSecondFactor:
    def test_claims_of_a_challenge_bring_the_second_proof(self, browser, scope):
        claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}'
        page = browser.pick(browser.authorize(scope=scope, claims=claims), BEN)
        assert "Approve the sign-in" in page.text

        page = browser.submit(page, decision="approve")

        assert "Permissions requested" in page.text

    def test_refusing_it_ends_the_sign_in(self, browser):
        page = browser.pick(browser.authorize(claims='{"access_token":{"acrs":{"value":"c1"}}}'), BEN)

        assert browser.submit(page, decision="deny").answer["error"] == "access_denied"


class TestLogout:
    def test_signs_out_and_returns_to_a_registered_address(self, world, browser):
        browser.sign_in(ANA, "openid")
        logout = f"{world.places.pages}/organizations/oauth2/v2.0/logout"
        page = browser.open(f"{logout}?post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8000%2F&state=x")

        assert page.response.headers["Location"] == "http://localhost:8000/?state=x"
        assert "Pick an account" in browser.authorize(scope="openid").text

    def test_does_not_follow_unknown_addresses(self, world, browser):
        browser.sign_in(ANA, "openid")
        logout = f"{world.places.pages}/organizations/oauth2/v2.0/logout"
        page = browser.open(f"{logout}?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F")

        assert "You signed out" in page.text

    def test_asks_which_of_two(self, world, browser):
        browser.sign_in(ANA, "openid")
        browser.sign_in(BEN, "openid", prompt="select_account")
        page = browser.open(f"{world.places.pages}/organizations/oauth2/v2.0/logout")
        assert "Which account" in page.text

        browser.submit(page, account=world.directory.people_table.by_upn(ANA).oid)

        assert "Pick an account" in browser.authorize(scope="openid", login_hint=ANA).text
        assert "code" in browser.authorize(scope="openid", login_hint=BEN).answer


class TestProofKey:
    verifier = "v" * 64
    s256 = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

    @pytest.mark.parametrize(("method", "challenge"), [("S256", s256), ("plain", verifier), (None, verifier)])
    def test_right_verifier(self, world, browser, method, challenge):
        answer = browser.sign_in(BEN, "openid", code_challenge=challenge, code_challenge_method=method)

        assert Client(world).redeem(answer["code"], code_verifier=self.verifier).status_code == 200

    @pytest.mark.parametrize("verifier", [None, "w" * 64, s256])
    def test_wrong_verifier(self, world, browser, verifier):
        answer = browser.sign_in(BEN, "openid", code_challenge=self.s256, code_challenge_method="S256")

        refused = Client(world).redeem(answer["code"], code_verifier=verifier)

        assert refused.json()["error_codes"] == [501481]
        assert Client(world).redeem(answer["code"], code_verifier=self.verifier).status_code == 200

    def test_verifier_without_challenge(self, world, browser):
        answer = browser.sign_in(BEN, "openid")

        assert (
            Client(world).redeem(answer["code"], code_verifier=self.verifier).json()["error"]
            == "invalid_grant"
        )
