"""Microsoft's own libraries, unmodified, over TLS."""

import warnings

import msal
import pytest
from azure.identity import CertificateCredential

from sandbox.directory.cast import CONTOSO
from tests.sandbox_browser import REDIRECT_URI, Browser
from tests.sandbox_client import make_key_pair
from tests.sandbox_fixtures import http_for

ANA = "ana@contoso.example"


@pytest.fixture(scope="module")
def pair():
    return make_key_pair()


@pytest.fixture(scope="module")
def app(entra_client, ana_graph, pair):
    return entra_client.register(ana_graph, pair)


@pytest.fixture
def default_scope(sandbox):
    return f"{sandbox.places.environments['contoso']}/.default"


def confidential(sandbox, http, client_id, credential, **options):
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=f"{sandbox.places.login}/{options.pop('tenant', CONTOSO)}",
        instance_discovery=False,
        http_client=http,
        **options,
    )


@pytest.mark.parametrize("shape", ["certificate", "thumbprint", "both"])
def test_msal_with_a_certificate(sandbox, app, pair, default_scope, shape):
    credential = {"private_key": pair.key_pem.decode()}
    if shape != "thumbprint":
        credential["public_certificate"] = pair.certificate_pem.decode()
    if shape != "certificate":
        credential["thumbprint"] = pair.thumbprint
    client = confidential(sandbox, http_for(sandbox), app["appId"], credential)

    answer = client.acquire_token_for_client([default_scope])
    again = client.acquire_token_for_client([default_scope])

    assert answer["token_source"] == "identity_provider"
    assert again["token_source"] == "cache"
    assert (
        sandbox.tokens.verify(answer["access_token"], sandbox.places.environments["contoso"]).appid
        == app["appId"]
    )


def test_msal_reports_a_key_that_is_not_registered(sandbox, sandbox_http, app, default_scope):
    other = make_key_pair()
    credential = {"private_key": other.key_pem.decode(), "public_certificate": other.certificate_pem.decode()}
    answer = confidential(sandbox, sandbox_http, app["appId"], credential).acquire_token_for_client(
        [default_scope]
    )

    assert answer["error"] == "invalid_client"
    assert answer["error_codes"] == [700027]


def test_azure_identity(sandbox, app, pair, default_scope):
    credential = CertificateCredential(
        CONTOSO,
        app["appId"],
        certificate_data=pair.key_pem + pair.certificate_pem,
        authority=sandbox.places.login,
        disable_instance_discovery=True,
        connection_verify=str(sandbox.ca_file),
    )
    with credential:
        token = credential.get_token(default_scope)

    assert sandbox.tokens.verify(token.token, sandbox.places.environments["contoso"]).is_application


def test_msal_signs_a_person_in_and_reaches_every_resource(sandbox, sandbox_http):
    front = sandbox.front_app
    client = confidential(sandbox, sandbox_http, front.client_id, front.client_secret, tenant="organizations")
    contoso = f"{sandbox.places.environments['contoso']}/user_impersonation"
    discovery = f"{sandbox.places.discovery}/user_impersonation"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MSAL would rather have form_post
        flow = client.initiate_auth_code_flow([contoso], redirect_uri=REDIRECT_URI)
    browser = Browser(sandbox)
    page = browser.pick(browser.open(flow["auth_uri"]), ANA)
    if "Permissions requested" in page.text:
        page = browser.submit(page, decision="accept")

    answer = client.acquire_token_by_auth_code_flow(flow, page.answer)

    assert answer["id_token_claims"]["preferred_username"] == ANA
    (account,) = client.get_accounts()
    person = sandbox.directory.people_table.by_upn(ANA)
    assert account["home_account_id"] == f"{person.oid}.{person.tenant_id}"
    assert client.acquire_token_silent([contoso], account)["token_source"] == "cache"
    assert client.acquire_token_silent([discovery], account)["token_source"] == "identity_provider"
    assert client.acquire_token_silent([discovery], account)["token_source"] == "cache"


def test_msal_takes_over_a_refresh_token(sandbox, sandbox_http, entra_client):
    contoso = f"{sandbox.places.environments['contoso']}/user_impersonation"
    tokens = entra_client.sign_in(ANA, f"{contoso} openid profile offline_access")
    front = sandbox.front_app
    client = confidential(sandbox, sandbox_http, front.client_id, front.client_secret, tenant=CONTOSO)

    answer = client.acquire_token_by_refresh_token(tokens["refresh_token"], [contoso])

    assert "access_token" in answer
    assert client.acquire_token_silent([contoso], client.get_accounts()[0])["token_source"] == "cache"
