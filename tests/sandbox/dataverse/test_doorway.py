"""Who gets in, and what every answer carries."""

import gzip
import json

import pytest

from tests.sandbox.dataverse.api import OID, Api


def test_who_am_i(api):
    found = api.get("WhoAmI")
    assert found["@odata.context"] == f"{api.root}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"
    assert found["OrganizationId"] == api.environment.id
    assert api.get("WhoAmI()")["UserId"] == found["UserId"]
    user = api.get(f"systemusers({found['UserId']})", select="azureactivedirectoryobjectid")
    assert user["azureactivedirectoryobjectid"] == OID["ana"]


def test_retrieve_version(api):
    assert api.get("RetrieveVersion()")["Version"] == api.environment.version


def test_usual_headers(api):
    response = api.send("GET", "WhoAmI")
    assert response.headers["OData-Version"] == "4.0"
    assert response.headers["Content-Type"] == "application/json; odata.metadata=minimal"
    assert len(response.headers["x-ms-service-request-id"].split(",")) == 2
    assert response.headers["REQ_ID"]
    assert int(response.headers["x-ms-dop-hint"]) > 0
    assert response.headers["x-ms-ratelimit-time-remaining-xrm-requests"] == "1,200.00"
    assert response.headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "6000"


def test_no_token_is_challenged_with_the_tenant(api):
    response = api.http.get(f"{api.root}/WhoAmI", timeout=30)
    assert response.status_code == 401
    challenge = response.headers["WWW-Authenticate"]
    authority = f"{api.world.places.login}/{api.environment.tenant_id}/oauth2/authorize"
    assert challenge.startswith(f"Bearer authorization_uri={authority}, ")
    assert f"resource_id={api.environment.origin}/" in challenge


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_a_bad_token_is_401(api, token):
    response = api.with_token(token).send("GET", "WhoAmI")
    assert response.status_code == 401
    assert "WWW-Authenticate" in response.headers


def test_a_token_for_another_environment_is_401(api):
    other = Api(api.world, "contoso-dev")
    assert api.with_token(other.token).send("GET", "WhoAmI").status_code == 401


def test_a_token_of_another_tenant_is_refused(api):
    foreign = api.person_token("dara", tenant_id=api.world.directory.people()[-1].tenant_id)
    assert api.with_token(foreign).send("GET", "WhoAmI").status_code == 401


def test_a_member_of_the_tenant_without_user_is_403(sandbox):
    api = Api(sandbox, "contoso-dev", "cleo")
    api.refused("WhoAmI", 403, "0x80072560")


def test_an_application_without_user_is_403(api):
    token = api.application_token(
        "9f4a6b2e-0000-4000-8000-000000000001", "9f4a6b2e-0000-4000-8000-000000000002"
    )
    api.with_token(token).refused("WhoAmI", 403, "0x80072560")


def test_gzip_only_when_accepted(api):
    path = "accounts?$top=50&$select=name"
    zipped = api.send("GET", path, headers={"Accept-Encoding": "gzip"}, stream=True)
    assert zipped.headers["Content-Encoding"] == "gzip"
    raw = zipped.raw.read(decode_content=False)
    plain = api.send("GET", path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert json.loads(gzip.decompress(raw)) == plain.json()


def test_unknown_headers_and_content_type_on_get_are_tolerated(api):
    headers = {"Content-Type": "application/json", "X-Whatever": "1", "If-None-Match": "null"}
    assert api.send("GET", "WhoAmI", headers=headers).status_code == 200


def test_unknown_sets_and_functions(api):
    assert "nix" in api.refused("nix", 404)
    api.refused("accounts/nix", 404)
    response = api.send("POST", "WhoAmI")
    message = api.error(response, 404, "")
    assert message.endswith(f"matches the request URI '{api.root}/WhoAmI'.")


def test_service_document(api):
    found = api.get("")
    assert found["@odata.context"] == f"{api.root}/$metadata"
    assert {"name": "accounts", "kind": "EntitySet", "url": "accounts"} in found["value"]


def test_total_record_count(api):
    found = api.get('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["account","contact"]')
    counts = found["EntityRecordCountCollection"]
    assert counts["Keys"] == ["account", "contact"]
    assert counts["Values"][0] >= 2000
    assert counts["Values"][1] >= 5000


def test_languages(api):
    assert api.get("RetrieveAvailableLanguages")["LocaleIds"] == [1033]
    assert api.get("RetrieveProvisionedLanguages()")["RetrieveProvisionedLanguages"] == [1033]


def test_what_is_bound_is_called_by_its_whole_name(api):
    me = api.get("WhoAmI")["UserId"]
    for method, path in (
        ("GET", f"systemusers({me})/RetrieveUserPrivileges"),
        ("POST", "accounts/CreateMultiple"),
    ):
        message = api.error(api.send(method, path), 400, "0x80060888")
        assert message == "Request message has unresolved parameters."


def test_the_named_key_of_users_is_that_of_principals(api):
    me = api.get("WhoAmI")["UserId"]
    found = api.get(f"systemusers(ownerid={me})", select="fullname")
    assert found["systemuserid"] == found["ownerid"] == me
    api.refused(f"systemusers(systemuserid={me})")


@pytest.mark.parametrize(
    ("header", "value", "privilege"),
    [
        ("MSCRM.BypassCustomPluginExecution", "true", "prvBypassCustomPlugins"),
        ("MSCRM.BypassBusinessLogicExecution", "CustomSync,CustomAsync", "prvBypassCustomBusinessLogic"),
    ],
)
def test_bypassing_custom_logic_needs_a_privilege(api, cleo, header, value, privilege):
    assert api.send("GET", "WhoAmI", headers={header: value}).status_code == 200
    message = cleo.error(cleo.send("GET", "WhoAmI", headers={header: value}), 403, "0x80040220")
    assert privilege in message


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("MSCRM.BypassBusinessLogicExecution", "Everything"),
        ("MSCRM.BypassBusinessLogicExecutionStepIds", "no-id"),
        ("MSCRM.BypassBusinessLogicExecutionStepIds", ",".join([OID["ana"]] * 4)),
    ],
)
def test_bypassing_nonsense(api, header, value):
    api.error(api.send("GET", "WhoAmI", headers={header: value}), 400, "0x80040203")
