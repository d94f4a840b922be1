"""What the Graph client sends, and how it tells "not yet" from "no"."""

import base64
import json

import pytest

from microsoft import errors
from microsoft.certificates import make_certificate
from microsoft.graph import Graph, Key
from tests.microsoft.tlsserver import Answer

OBJECT = "0f8fad5b-d9cb-469f-a165-70867728950e"
APP = "1f8fad5b-d9cb-469f-a165-70867728950e"
PERSON = "2f8fad5b-d9cb-469f-a165-70867728950e"
FOUND = {
    "id": OBJECT,
    "appId": APP,
    "displayName": "Isthmus",
    "uniqueName": "isthmus-1",
    "keyCredentials": [],
}
MISSING = Answer(404, {"error": {"code": "Request_ResourceNotFound", "message": "Resource does not exist"}})


@pytest.fixture(scope="module")
def pair():
    return make_certificate("isthmus-1")


@pytest.fixture
def graph(door, tokens):
    return Graph(door, tokens)


def test_an_application_is_made_with_its_certificate_inside(graph, tls, pair, tokens):
    tls.script += [MISSING, Answer(201, FOUND)]
    application, created = graph.ensure_application("isthmus-1", "Isthmus", pair.der_base64)
    assert created
    assert (application.id, application.app_id) == (OBJECT, APP)
    look, make = tls.asked
    assert look.path.startswith("/v1.0/applications(uniqueName='isthmus-1')?")
    assert (make.method, make.path) == ("PATCH", "/v1.0/applications(uniqueName='isthmus-1')")
    assert make.headers["prefer"] == "create-if-missing"
    sent = json.loads(make.body)
    assert sent["signInAudience"] == "AzureADMyOrg"
    assert base64.b64decode(sent["keyCredentials"][0]["key"], validate=True)
    assert {scope for scope, _ in tokens.asked} == {f"{tls.origin}/Application.ReadWrite.All"}


def test_an_existing_application_is_not_written_to(graph, tls, pair):
    tls.script.append(Answer(body=FOUND))
    application, created = graph.ensure_application("isthmus-1", "Another name", pair.der_base64)
    assert (application.display_name, created) == ("Isthmus", False)
    assert [asked.method for asked in tls.asked] == ["GET"]


def test_an_application_that_does_not_show_yet(graph, tls, pair):
    tls.script += [MISSING, Answer(204), MISSING]
    with pytest.raises(errors.NotReplicated):
        graph.ensure_application("isthmus-1", "Isthmus", pair.der_base64)


def test_a_quote_in_a_name_stays_a_name(graph, tls):
    tls.script.append(MISSING)
    assert graph.find_application("it's/../me") is None
    assert tls.asked[0].path.startswith("/v1.0/applications(uniqueName='it''s%2F..%2Fme')?")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "The appId 'x' of the service principal does not reference a valid application object."),
        (
            403,
            "When using this permission, the backing application of the service principal being created must in",
        ),
        (
            404,
            "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
        ),
    ],
)
def test_a_principal_that_cannot_be_made_yet(graph, tls, status, message):
    tls.script += [MISSING, Answer(status, {"error": {"code": "some", "message": message}})]
    with pytest.raises(errors.NotReplicated):
        graph.ensure_service_principal(APP)


def test_a_principal_that_may_not_be_made(graph, tls):
    denied = {
        "error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete."}
    }
    tls.script += [MISSING, Answer(403, denied), MISSING]
    with pytest.raises(errors.Forbidden):
        graph.ensure_service_principal(APP)


def test_a_principal_made_by_somebody_else_meanwhile(graph, tls):
    taken = {"error": {"code": "Request_MultipleObjectsWithSameKeyValue", "message": "already in use"}}
    principal = {"id": OBJECT, "appId": APP, "accountEnabled": False}
    tls.script += [MISSING, Answer(409, taken), Answer(body=principal)]
    found, created = graph.ensure_service_principal(APP)
    assert (found.id, found.enabled, created) == (OBJECT, False, False)


def test_setting_keys_keeps_the_others_and_drops_the_expired(graph, tls, pair):
    live = {
        "keyId": "live",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "endDateTime": "2999-01-01T00:00:00Z",
    }
    dead = {
        "keyId": "dead",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "endDateTime": "2020-01-01T00:00:00Z",
    }
    tls.script += [Answer(204), Answer(body=FOUND)]
    graph.set_keys(OBJECT, keep=[Key.read(live), Key.read(dead)], add=[pair.der_base64])
    kept, added = json.loads(tls.asked[0].body)["keyCredentials"]
    assert kept == {**live, "key": None}
    assert added["key"] == pair.der_base64


def test_owners(graph, tls):
    exists = {
        "error": {
            "code": "Request_BadRequest",
            "message": "One or more added object references already exist",
        }
    }
    tls.script += [Answer(204), Answer(400, exists), MISSING]
    graph.add_owner(OBJECT, PERSON)
    assert json.loads(tls.asked[0].body) == {"@odata.id": f"{tls.origin}/v1.0/directoryObjects/{PERSON}"}
    graph.add_owner(OBJECT, PERSON)
    with pytest.raises(errors.NotReplicated):
        graph.add_owner(OBJECT, PERSON)


def test_who_and_what_need_little_permission(graph, tls, tokens):
    tls.script += [
        Answer(body={"id": PERSON, "displayName": "Ana", "userPrincipalName": "ana@contoso.example"}),
        Answer(body={"value": [{"roleTemplateId": "62e90394-69f5-4237-9190-012177145e10"}, {}]}),
    ]
    assert graph.me().upn == "ana@contoso.example"
    assert graph.directory_roles() == ["62e90394-69f5-4237-9190-012177145e10"]
    assert {scope for scope, _ in tokens.asked} == {f"{tls.origin}/User.Read"}


def test_an_application_rolls_its_own_keys(door, tls, tokens, pair):
    graph = Graph(door, tokens, default_scope=True)
    tls.script += [Answer(body={"keyId": PERSON, "customKeyIdentifier": "AAAA"}), Answer(204)]
    assert graph.add_key(OBJECT, pair.der_base64, "proof").key_id == PERSON
    graph.remove_key(OBJECT, PERSON, "proof")
    assert [asked.path for asked in tls.asked] == [
        f"/v1.0/applications/{OBJECT}/addKey",
        f"/v1.0/applications/{OBJECT}/removeKey",
    ]
    assert {scope for scope, _ in tokens.asked} == {f"{tls.origin}/.default"}


def test_a_key_that_is_gone_is_removed(graph, tls):
    gone = {"error": {"code": "Request_BadRequest", "message": "No credentials found to be removed."}}
    wrong = {"error": {"code": "Request_BadRequest", "message": "Something else"}}
    tls.script += [Answer(400, gone), MISSING, Answer(400, wrong)]
    graph.remove_key(OBJECT, PERSON, "proof")
    graph.remove_key(OBJECT, PERSON, "proof")
    with pytest.raises(errors.Invalid):
        graph.remove_key(OBJECT, PERSON, "proof")


def test_deleting_twice_is_deleting(graph, tls):
    tls.script += [Answer(204), MISSING]
    graph.delete_application(OBJECT)
    graph.delete_application(OBJECT)
    assert [asked.method for asked in tls.asked] == ["DELETE", "DELETE"]
