"""What the Dataverse client sends and how it reads what comes back."""

import json
from decimal import Decimal
from urllib.parse import unquote

import pytest

from microsoft import errors
from microsoft.dataverse import Dataverse, Field, RowReader, etag_of, formatted, lookup
from microsoft.http import Door
from microsoft.odata import eq
from tests.microsoft.tlsserver import Answer

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER = "1f8fad5b-d9cb-469f-a165-70867728950e"
API = "/api/data/v9.2"
RECORD = {
    "@odata.etag": 'W/"81052965"',
    "accountid": ID,
    "name": "Fabrikam",
    "_primarycontactid_value": OTHER,
    "_primarycontactid_value@OData.Community.Display.V1.FormattedValue": "Dara",
    "_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "contact",
    "statecode": 0,
    "statecode@OData.Community.Display.V1.FormattedValue": "Active",
    "_ownerid_value": None,
}


@pytest.fixture
def dataverse(tls, tokens):
    # The same listener under another name is the environment, so that its origin is not a service's.
    origin = tls.origin.replace("localhost", "127.0.0.1")
    door = Door(tls.cloud(origins=(origin,)), connect_timeout=3, read_timeout=3)
    yield Dataverse(door, f"{origin}/main.aspx", tokens)
    door.close()


def path(tls, index=-1):
    return unquote(tls.asked[index].path)


def test_the_scope_says_whose_tokens(dataverse, tls, tokens):
    assert dataverse.scope == f"{dataverse.origin}/user_impersonation"
    own = Dataverse(dataverse._door, dataverse.origin, tokens, default_scope=True)
    assert own.scope == f"{dataverse.origin}/.default"
    with pytest.raises(errors.OriginRefused):
        Dataverse(dataverse._door, "https://evil.example", tokens)
    assert tokens.asked == []


def test_a_list_says_what_it_wants(dataverse, tls, tokens):
    tls.script.append(
        Answer(
            body={
                "value": [RECORD],
                "@odata.nextLink": "https://x",
                "@odata.count": 5000,
                "@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded": True,
            }
        )
    )
    page = dataverse.list(
        "accounts",
        select=("name", "revenue"),
        filter=eq("name", "O'Neill & Co"),
        orderby=("name desc",),
        count=True,
        page_size=50,
    )
    assert path(tls) == (
        f"{API}/accounts?$select=name,revenue&$filter=name eq 'O''Neill & Co'&$orderby=name desc&$count=true"
    )
    sent = tls.asked[0].headers
    assert sent["prefer"] == 'odata.maxpagesize=50,odata.include-annotations="*"'
    assert sent["odata-version"] == sent["odata-maxversion"] == "4.0"
    assert sent["if-none-match"] == "null"
    assert (page.count, page.count_limited, page.next_link) == (5000, True, "https://x")
    assert tokens.asked == [(dataverse.scope, None)]


def test_top_rules_paging_out(dataverse, tls):
    tls.script.append(Answer(body={"value": []}))
    dataverse.list("accounts", top=3, page_size=50, formatted=False)
    assert path(tls) == f"{API}/accounts?$top=3"
    assert "prefer" not in tls.asked[0].headers


def test_pages_follow_the_links_with_the_same_preference(dataverse, tls):
    link = f"{dataverse.base}/accounts?$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E"
    tls.script += [Answer(body={"value": [1], "@odata.nextLink": link}), Answer(body={"value": [2]})]
    assert [page.records for page in dataverse.pages("accounts", page_size=1)] == [[1], [2]]
    assert tls.asked[1].path == link.removeprefix(dataverse.origin), "the link goes back untouched"
    assert tls.asked[0].headers["prefer"] == tls.asked[1].headers["prefer"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/data/v9.2/accounts?$skiptoken=1",
        "{origin}.evil.example/api/data/v9.2/accounts",
        "{origin}@evil.example/api/data/v9.2/accounts",
        "{login}/api/data/v9.2/accounts",
        "{origin}/elsewhere",
        "/api/data/v9.2/accounts",
    ],
)
def test_a_link_that_leads_elsewhere_gets_no_token(dataverse, tls, tokens, link):
    with pytest.raises(errors.OriginRefused):
        dataverse.next_page(link.format(origin=dataverse.origin, login=tls.origin))
    assert (tokens.asked, tls.asked) == ([], [])


def test_counts_may_begin_with_a_mark(dataverse, tls):
    tls.script.append(Answer(body="\ufeff4711".encode(), headers={"Content-Type": "text/plain"}))
    assert dataverse.count("accounts", "statecode eq 0") == 4711
    assert path(tls) == f"{API}/accounts/$count?$filter=statecode eq 0"


def test_a_record_is_created_and_named(dataverse, tls):
    tls.script.append(Answer(204, headers={"OData-EntityId": f"{dataverse.base}/accounts({ID.upper()})"}))
    assert dataverse.create("accounts", {"name": "Ærø", "revenue": Decimal("12.3400")}) == ID
    assert tls.asked[0].method == "POST"
    assert tls.asked[0].body == '{"name":"Ærø","revenue":12.3400}'.encode()


def test_a_creation_without_an_id_is_said(dataverse, tls):
    tls.script.append(Answer(204))
    with pytest.raises(errors.Refused, match="does not say under which id"):
        dataverse.create("accounts", {})


def test_updates_never_create(dataverse, tls):
    tls.script += [Answer(204)] * 2
    dataverse.update("accounts", ID, {"name": "x"})
    dataverse.update("accounts", ID, {"name": "x"}, etag='W/"7"')
    assert [asked.headers["if-match"] for asked in tls.asked] == ["*", 'W/"7"']


def test_a_stale_version_is_a_conflict(dataverse, tls):
    tls.script.append(Answer(412, {"error": {"code": "0x80060882", "message": "The version does not match"}}))
    with pytest.raises(errors.Conflict):
        dataverse.delete("accounts", ID, etag='W/"7"')
    assert tls.asked[0].headers["if-match"] == 'W/"7"'


def test_links(dataverse, tls):
    tls.script += [Answer(204)] * 3
    dataverse.associate("systemusers", ID, "systemuserroles_association", "roles", OTHER)
    dataverse.disassociate("systemusers", ID, "systemuserroles_association", OTHER)
    dataverse.disassociate("accounts", ID, "primarycontactid")
    assert [(asked.method, asked.path.removeprefix(API)) for asked in tls.asked] == [
        ("POST", f"/systemusers({ID})/systemuserroles_association/$ref"),
        ("DELETE", f"/systemusers({ID})/systemuserroles_association({OTHER})/$ref"),
        ("DELETE", f"/accounts({ID})/primarycontactid/$ref"),
    ]
    assert json.loads(tls.asked[0].body) == {"@odata.id": f"{dataverse.base}/roles({OTHER})"}


@pytest.mark.parametrize("set_name", ["accounts)", "accounts?x", "../x", "a b", ""])
def test_a_set_name_cannot_bend_the_address(dataverse, tls, set_name):
    with pytest.raises(errors.Invalid):
        dataverse.get(set_name, ID)
    assert tls.asked == []


def test_reading_annotations():
    assert etag_of(RECORD) == 'W/"81052965"'
    assert etag_of({}) == ""
    assert formatted(RECORD, "statecode") == "Active"
    assert formatted(RECORD, "primarycontactid") == "Dara"
    assert formatted(RECORD, "name") is None
    found = lookup(RECORD, "primarycontactid")
    assert (found.id, found.logical_name, found.name) == (OTHER, "contact", "Dara")
    assert lookup(RECORD, "ownerid") is None


def test_an_application_that_dataverse_does_not_see_yet(dataverse, tls):
    tls.script.append(Answer(400, {"error": {"code": "0x80041d49", "message": "The application is unknown"}}))
    with pytest.raises(errors.NotReplicated):
        dataverse.create_application_user(ID, OTHER)


def test_a_role_takes_privileges_by_name(dataverse, tls):
    listed = [{"name": "prvReadAccount", "privilegeid": ID}]
    tls.script += [Answer(body={"value": listed}), Answer(body={"_businessunitid_value": OTHER}), Answer(204)]
    dataverse.set_role_privileges(OTHER, {"prvReadAccount": "Global"})
    assert path(tls).endswith(f"/roles({OTHER})/Microsoft.Dynamics.CRM.ReplacePrivilegesRole")
    assert json.loads(tls.asked[-1].body) == {
        "Privileges": [{"PrivilegeId": ID, "Depth": "Global", "BusinessUnitId": OTHER}]
    }


def test_a_privilege_that_does_not_exist_is_named(dataverse, tls):
    tls.script.append(Answer(body={"value": []}))
    with pytest.raises(errors.Invalid, match="prvReadNothing"):
        dataverse.set_role_privileges(ID, {"prvReadNothing": "Basic"})
    with pytest.raises(errors.Invalid, match="Everywhere"):
        dataverse.set_role_privileges(ID, {"prvReadAccount": "Everywhere"})


def test_privileges_without_names_are_looked_up_and_the_widest_grant_counts(dataverse, tls):
    granted = [
        {"PrivilegeId": ID, "Depth": "Local"},
        {"PrivilegeId": ID, "Depth": "Deep"},
        {"PrivilegeId": OTHER, "PrivilegeName": "prvWriteAccount", "Depth": "Basic"},
    ]
    names = [{"name": "prvReadAccount", "privilegeid": ID}]
    tls.script += [Answer(body={"RolePrivileges": granted}), Answer(body={"value": names})]
    assert dataverse.user_privileges(ID) == {"prvReadAccount": "Deep", "prvWriteAccount": "Basic"}


def test_many_names_go_in_several_questions(dataverse, tls):
    tls.script += [Answer(body={"value": []})] * 3
    assert dataverse.privileges(f"prvRead{number}" for number in range(100)) == {}
    assert len(tls.asked) == 3


@pytest.mark.parametrize("refusal", [errors.CredentialRejected, errors.SignInExpired, errors.ConsentRequired])
def test_a_refused_sign_in_says_nothing_about_the_link(dataverse, refusal):
    """The sign-in service's 400 and 401 come through the same call as the environment's."""

    class Refused:
        def token(self, _scope, *, claims=None):
            raise refusal("Not with this key", status=400)

    dataverse._tokens = Refused()
    reader = RowReader([Field("accountid", str)])
    with pytest.raises(refusal):
        dataverse.more_rows(f"{dataverse.base}/accounts?$skiptoken=1", reader)
    with pytest.raises(refusal):
        dataverse.changed_rows(f"{dataverse.base}/accounts?$deltatoken=1", reader)
