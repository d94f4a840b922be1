"""Create, update, upsert, delete: preconditions, links, values, and what the server fills in."""

import uuid

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, FORMATTED

REPRESENTATION = {"Prefer": "return=representation"}


@pytest.fixture
def account(api):
    return api.create("accounts", {"name": "Fresh"})


def test_create_answers_with_the_address(api):
    response = api.send("POST", "accounts", json={"name": "New"})
    assert response.status_code == 204
    assert response.content == b""
    address = response.headers["OData-EntityId"]
    assert address.startswith(f"{api.root}/accounts(")
    assert api.send("GET", address).json()["name"] == "New"


def test_create_with_representation(api):
    response = api.send(
        "POST",
        "accounts?$select=name,statecode&$expand=owninguser($select=fullname)",
        json={"name": "Shown"},
        headers=REPRESENTATION,
    )
    assert response.status_code == 201
    assert "OData-EntityId" not in response.headers
    assert response.headers["Preference-Applied"] == "return=representation"
    body = response.json()
    assert body["name"] == "Shown"
    assert body["owninguser"]["fullname"] == "Ana Alvarez"
    assert body["@odata.context"].endswith("#accounts(name,statecode,owninguser(fullname))/$entity")


def test_the_server_fills_in(api, account):
    me = api.get("WhoAmI")
    row = api.get(f"accounts({account})")
    for name in ("createdby", "modifiedby", "ownerid", "owninguser"):
        assert row[f"_{name}_value"] == me["UserId"]
    assert row["_owningteam_value"] is None
    assert row["_owningbusinessunit_value"] == me["BusinessUnitId"]
    assert row["createdon"] == row["modifiedon"]
    assert (row["statecode"], row["statuscode"]) == (0, 1)
    assert row["versionnumber"] == int(row["@odata.etag"][3:-1])
    assert row["_transactioncurrencyid_value"]
    assert row["exchangerate"] == 1
    assert row["customersizecode"] == 1
    assert row["followemail"] is True
    assert row["donotphone"] is False


def test_a_client_may_choose_the_id(api):
    key = str(uuid.uuid4())
    assert api.create("accounts", {"accountid": key, "name": "Mine"}) == key
    api.error(api.send("POST", "accounts", json={"accountid": key, "name": "Again"}), 412, "0x80040237")


def test_names_and_addresses_are_composed(api):
    contact = api.create(
        "contacts",
        {
            "firstname": "Ada",
            "lastname": "Lovelace",
            "address1_line1": "1 Mill Lane",
            "address1_city": "Brno",
            "address1_postalcode": "602 00",
        },
    )
    row = api.get(f"contacts({contact})")
    assert row["fullname"] == "Ada Lovelace"
    assert row["address1_composite"] == "1 Mill Lane\r\nBrno, 602 00"
    api.send("PATCH", f"contacts({contact})", json={"lastname": "King"})
    assert api.get(f"contacts({contact})")["fullname"] == "Ada King"


def test_money_is_exact_and_has_a_base(api):
    euro = api.rows("transactioncurrencies", filter="isocurrencycode eq 'EUR'")[0]["transactioncurrencyid"]
    text = '{"name":"Rich","revenue":922337203685477.0000,"creditlimit":92.15,"transactioncurrencyid@odata.bind":"/transactioncurrencies(%s)"}'
    headers = {"Content-Type": "application/json"}
    rich = api.send(
        "POST", "accounts", data='{"name":"Rich","revenue":922337203685477.0000}', headers=headers
    )
    raw = api.send("GET", rich.headers["OData-EntityId"] + "?$select=revenue").text
    assert '"revenue":922337203685477.0000' in raw
    poor = api.send(
        "POST", "accounts", data=text.replace("922337203685477.0000", "1") % euro, headers=headers
    )
    row = api.send("GET", poor.headers["OData-EntityId"], headers=EVERYTHING).json()
    assert row["creditlimit_base"] == 100
    assert row[f"creditlimit{FORMATTED}"] == "€92.15"
    assert row[f"creditlimit_base{FORMATTED}"] == "$100.00"


def test_decimals_are_exact(api):
    body = b'{"smp_name":"D","smp_code":"%s","smp_effort":-1234567890.0123456789}' % uuid.uuid4().hex.encode()
    made = api.send("POST", "smp_projects", data=body, headers={"Content-Type": "application/json"})
    raw = api.send("GET", made.headers["OData-EntityId"] + "?$select=smp_effort").text
    assert '"smp_effort":-1234567890.0123456789' in raw


@pytest.mark.parametrize(
    "form", ["/contacts({})", "contacts({})", "{root}/contacts({})", "{one_slash}/contacts({})"]
)
def test_bind_in_all_forms(api, form):
    contact = api.create("contacts", {"lastname": "Bound"})
    one_slash = api.root.replace("//", "/", 1)
    address = form.replace("{root}", api.root).replace("{one_slash}", one_slash).replace("{}", contact)
    account = api.create("accounts", {"name": "Binder", "primarycontactid@odata.bind": address})
    assert api.get(f"accounts({account})")["_primarycontactid_value"] == contact


def test_bind_by_alternate_key(api):
    project = api.create(
        "smp_projects",
        {
            "smp_name": "Sub",
            "smp_code": uuid.uuid4().hex,
            "smp_ParentProjectId@odata.bind": "/smp_projects(smp_code='PRJ-0001')",
        },
    )
    row = api.get(f"smp_projects({project})", expand="smp_ParentProjectId($select=smp_code)")
    assert row["smp_ParentProjectId"]["smp_code"] == "PRJ-0001"


def test_clearing_a_lookup(api):
    contact = api.create("contacts", {"lastname": "Bound"})
    for clearing in ({"primarycontactid@odata.bind": None}, {"primarycontactid": None}):
        account = api.create(
            "accounts", {"name": "B", "primarycontactid@odata.bind": f"/contacts({contact})"}
        )
        assert api.send("PATCH", f"accounts({account})", json=clearing).status_code == 204
        assert api.get(f"accounts({account})")["_primarycontactid_value"] is None


def test_a_polymorphic_lookup_has_one_target(api, account):
    other = api.create("contacts", {"lastname": "Boss"})
    contact = api.create(
        "contacts", {"lastname": "Poly", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    )
    row = api.get(f"contacts({contact})", headers=EVERYTHING)
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert (
        row["_parentcustomerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"]
        == "parentcustomerid_account"
    )
    api.send(
        "PATCH", f"contacts({contact})", json={"parentcustomerid_contact@odata.bind": f"/contacts({other})"}
    )
    row = api.get(
        f"contacts({contact})",
        headers=EVERYTHING,
        expand="parentcustomerid_account,parentcustomerid_contact($select=lastname)",
    )
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"
    assert row["parentcustomerid_account"] is None
    assert row["parentcustomerid_contact"]["lastname"] == "Boss"


def test_owner_may_be_a_team(api, account):
    team = api.rows("teams", filter="name eq 'Service'")[0]
    api.send("PATCH", f"accounts({account})", json={"ownerid@odata.bind": f"/teams({team['teamid']})"})
    row = api.get(f"accounts({account})", headers=EVERYTHING)
    assert row["_ownerid_value"] == row["_owningteam_value"] == team["teamid"]
    assert row["_owninguser_value"] is None
    assert row["_owningbusinessunit_value"] == team["_businessunitid_value"]
    assert row[f"_ownerid_value{FORMATTED}"] == "Service"


def test_deep_insert(api):
    account = api.create(
        "accounts",
        {
            "name": "Deep",
            "primarycontactid": {"lastname": "Prime"},
            "contact_customer_accounts": [{"lastname": "One"}, {"lastname": "Two"}],
            "opportunity_customer_accounts": [
                {"name": "Chance", "Opportunity_Tasks": [{"subject": "Do it"}]}
            ],
        },
    )
    row = api.get(
        f"accounts({account})",
        expand="primarycontactid($select=fullname),contact_customer_accounts($select=lastname;$orderby=lastname)",
    )
    assert row["primarycontactid"]["fullname"] == "Prime"
    assert [c["lastname"] for c in row["contact_customer_accounts"]] == ["One", "Two"]
    chance = api.rows(f"accounts({account})/opportunity_customer_accounts")[0]
    assert api.rows(f"opportunities({chance['opportunityid']})/Opportunity_Tasks")[0]["subject"] == "Do it"


def test_binding_collections_on_create(api):
    people = [api.create("contacts", {"lastname": f"C{n}"}) for n in range(2)]
    lead = api.create(
        "leads",
        {
            "subject": "L",
            "lastname": "L",
            "contactleads_association@odata.bind": [f"/contacts({p})" for p in people],
        },
    )
    assert {r["contactid"] for r in api.rows(f"leads({lead})/contactleads_association")} == set(people)


REFUSED = [
    ({"nix": 1}, "0x80048D19", "not defined in the type was found"),
    (
        {"PrimaryContactId@odata.bind": "/contacts(11111111-1111-1111-1111-111111111111)"},
        "0x80048D19",
        "An undeclared property 'PrimaryContactId' which only has property annotations",
    ),
    (
        {"industrycode@odata.bind": "/contacts(11111111-1111-1111-1111-111111111111)"},
        "0x80048D19",
        "undeclared property",
    ),
    (
        {"_primarycontactid_value": "11111111-1111-1111-1111-111111111111"},
        "0x80060888",
        "Navigation properties",
    ),
    ({"name": 1}, "0x80048D19", "Edm.String"),
    ({"name": "x" * 161}, "0x80044331", "'160'"),
    ({"name": "a\x00b"}, "0x80040278", "invalid characters"),
    ({"numberofemployees": "5"}, "0x80048D19", "Edm.Int32"),
    ({"numberofemployees": 1.5}, "0x80048D19", "Edm.Int32"),
    ({"numberofemployees": -1}, "0x8004432F", "outside the valid range"),
    ({"revenue": "5"}, "0x80048D19", "Edm.Decimal"),
    ({"revenue": True}, "0x80048D19", "Edm.Decimal"),
    ({"creditonhold": 1}, "0x80048D19", "Edm.Boolean"),
    ({"industrycode": 99}, "0x8004431A", "Accepted Values"),
    ({"industrycode": "7"}, "0x80048D19", "Edm.Int32"),
    ({"lastonholdtime": "1700-01-01T00:00:00Z"}, "0x80040239", "date-time"),
    ({"lastonholdtime": "2023-02-30"}, "0x80040239", "date-time"),
    ({"lastonholdtime": "soon"}, "0x80048D19", "Edm.DateTimeOffset"),
    ({"primarycontactid": {"birthdate": "2000-02-28T00:00:00Z"}}, "0x80048D19", "Edm.Date'"),
    ({"@odata.type": "#Microsoft.Dynamics.CRM.contact"}, "0x80048D19", "not assignable"),
    ({"primarycontactid": {"@odata.type": "Microsoft.Dynamics.CRM.account"}}, "0x80048D19", "not assignable"),
    ({"statecode": 0, "statuscode": 2}, "0x80048408", "not a valid status code"),
    ({"primarycontactid": {"nix": 1}}, "0x80048D19", "nix"),
    ({"primarycontactid": [1]}, "0x80048D19", "wrong shape"),
    ({"contact_customer_accounts": {"lastname": "x"}}, "0x80048D19", "wrong shape"),
    ({"accountid": "nix"}, "0x80048D19", "Edm.Guid"),
]


@pytest.mark.parametrize(("body", "code", "part"), REFUSED, ids=lambda value: str(value)[:40])
def test_refused_payloads(api, body, code, part):
    response = api.send("POST", "accounts", json={"name": "Refused", **body})
    assert part in api.error(response, 400, code)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff\xfe", b"{" * 3000, b'{"name":"\\ud800"}']
)
def test_malformed_json(api, data):
    response = api.send("POST", "accounts", data=data, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert "error" in response.json()


def test_binding_to_what_is_not_there(api):
    body = {"name": "x", "primarycontactid@odata.bind": "/contacts(11111111-1111-1111-1111-111111111111)"}
    api.error(api.send("POST", "accounts", json=body), 404, "0x80040217")
    body = {"name": "x", "primarycontactid@odata.bind": f"/accounts({api.create('accounts', {'name': 'y'})})"}
    api.error(api.send("POST", "accounts", json=body), 400, "0x80048D19")


def test_nothing_is_half_written(api):
    name = str(uuid.uuid4())
    body = {"name": name, "contact_customer_accounts": [{"lastname": "ok"}, {"lastname": "x" * 99}]}
    assert api.send("POST", "accounts", json=body).status_code == 400
    assert api.rows("accounts", filter=f"name eq '{name}'") == []


def test_empty_text_is_null(api):
    account = api.create("accounts", {"name": "E", "fax": ""})
    assert api.get(f"accounts({account})")["fax"] is None


def test_unknown_annotations_and_read_only_columns_are_ignored(api):
    body = {
        "name": "A",
        "@odata.type": "Microsoft.Dynamics.CRM.account",
        f"industrycode{FORMATTED}": "x",
        "industrycode": 7,
        "createdon": "2001-01-01",
        "versionnumber": 1,
    }
    row = api.get(f"accounts({api.create('accounts', body)})")
    assert row["industrycode"] == 7
    assert row["createdon"] > "2020"


def patch(api, path, body, **headers):
    return api.send("PATCH", path, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_update(api, account):
    before = api.get(f"accounts({account})")
    response = patch(api, f"accounts({account})", {"name": "Changed", "industrycode": 3})
    assert response.status_code == 204
    assert response.headers["OData-EntityId"].endswith(f"accounts({account})")
    after = api.get(f"accounts({account})")
    assert (after["name"], after["industrycode"]) == ("Changed", 3)
    assert after["versionnumber"] > before["versionnumber"]
    shown = patch(api, f"accounts({account})?$select=name", {"name": "Again"}, Prefer="return=representation")
    assert shown.status_code == 200
    assert shown.json()["name"] == "Again"


def test_state_and_reason(api, account):
    path = f"accounts({account})"
    assert patch(api, path, {"statecode": 1}).status_code == 204
    assert api.get(path)["statuscode"] == 2
    api.error(patch(api, path, {"statuscode": 1}), 400, "0x80048408")
    assert patch(api, path, {"statecode": 0, "statuscode": 1}).status_code == 204


def test_preconditions_on_an_existing_row(api, account):
    path = f"accounts({account})"
    etag = api.read(path).headers["ETag"]
    assert patch(api, path, {"name": "1"}, If_Match="*").status_code == 204
    api.error(patch(api, path, {"name": "2"}, If_None_Match="*"), 412, "0x80040237")
    assert patch(api, path, {"name": "3"}, If_None_Match="null").status_code == 204
    api.error(patch(api, path, {"name": "4"}, If_Match=etag), 412, "0x80060882")
    api.error(patch(api, path, {"name": "4"}, If_Match="nonsense"), 400, "0x80060883")
    assert patch(api, path, {"name": "5"}, If_Match=api.read(path).headers["ETag"]).status_code == 204
    assert api.get(path)["name"] == "5"


def test_preconditions_on_a_missing_row(api):
    def path():
        return f"accounts({uuid.uuid4()})"

    api.error(patch(api, path(), {"name": "1"}, If_Match="*"), 404, "0x80040217")
    api.error(patch(api, path(), {"name": "1"}, If_Match='W/"1"'), 404, "0x80040217")
    for headers in ({}, {"If_None_Match": "*"}, {"If_None_Match": "null"}):
        fresh = path()
        response = patch(api, fresh, {"name": "Upserted"}, **headers)
        assert response.status_code == 204
        assert response.headers["OData-EntityId"].endswith(fresh)
        assert api.get(fresh)["name"] == "Upserted"
    shown = patch(api, path(), {"name": "Shown"}, Prefer="return=representation")
    assert shown.status_code == 201


def test_upsert_by_alternate_key(api):
    code = uuid.uuid4().hex
    path = f"smp_projects(smp_code='{code}')"
    made = patch(api, path, {"smp_name": "First"})
    assert made.status_code == 204
    assert made.headers["OData-EntityId"] == f"{api.root}/{path}"
    assert api.get(path)["smp_code"] == code
    again = patch(api, path, {"smp_name": "Second", "smp_code": "ignored"})
    assert again.status_code == 204
    assert api.get(path)["smp_name"] == "Second"
    other = uuid.uuid4().hex
    patch(api, f"smp_projects(smp_code='{other}')", {"smp_name": "Wins", "smp_code": f"{other}-body"})
    assert api.get(f"smp_projects(smp_code='{other}-body')")["smp_name"] == "Wins"
    api.error(api.send("POST", "smp_projects", json={"smp_name": "x", "smp_code": code}), 412, "0x80060892")
    api.error(patch(api, f"smp_projects(smp_code='{uuid.uuid4()}')", {}, If_Match="*"), 404, "0x80060891")


def test_single_values(api, account):
    path = f"accounts({account})"
    assert api.send("PUT", f"{path}/name", json={"value": "Put"}).status_code == 204
    assert api.get(f"{path}/name")["value"] == "Put"
    assert api.send("DELETE", f"{path}/name").status_code == 204
    assert api.get(path)["name"] is None
    api.error(api.send("PUT", f"{path}/name", json={}), 400, "0x80048D19")
    assert api.send("PUT", f"{path}/nix", json={"value": 1}).status_code == 404


def test_delete(api, account):
    path = f"accounts({account})"
    api.error(api.send("DELETE", path, headers={"If-Match": 'W/"1"'}), 412, "0x80060882")
    assert api.send("DELETE", path, headers={"If-Match": api.read(path).headers["ETag"]}).status_code == 204
    api.error(api.send("DELETE", path), 404, "0x80040217")


def test_cascades(api, account):
    case = api.create("incidents", {"title": "C", "customerid_account@odata.bind": f"/accounts({account})"})
    task = api.create(
        "tasks", {"subject": "T", "regardingobjectid_incident_task@odata.bind": f"/incidents({case})"}
    )
    contact = api.create(
        "contacts", {"lastname": "Left", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    )
    before = api.get(f"contacts({contact})")["versionnumber"]
    assert api.send("DELETE", f"accounts({account})").status_code == 204
    api.refused(f"incidents({case})", 404, "0x80040217")
    api.refused(f"tasks({task})", 404, "0x80040217")
    row = api.get(f"contacts({contact})")
    assert row["_parentcustomerid_value"] is None
    assert row["versionnumber"] > before


def test_restrict(api):
    currency = api.create(
        "transactioncurrencies",
        {
            "currencyname": "Test",
            "isocurrencycode": "XTS",
            "currencysymbol": "¤",
            "currencyprecision": 2,
            "exchangerate": 2,
        },
    )
    account = api.create(
        "accounts", {"name": "R", "transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency})"}
    )
    api.error(api.send("DELETE", f"transactioncurrencies({currency})"), 405, "0x80040227")
    api.send("DELETE", f"accounts({account})")
    assert api.send("DELETE", f"transactioncurrencies({currency})").status_code == 204


def test_associate_one_to_many(api, account):
    contact = api.create("contacts", {"lastname": "Assoc"})
    link = {"@odata.id": f"{api.root}/contacts({contact})"}
    path = f"accounts({account})"
    assert api.send("POST", f"{path}/contact_customer_accounts/$ref", json=link).status_code == 204
    assert api.get(f"contacts({contact})")["_parentcustomerid_value"] == account
    assert api.send("PUT", f"{path}/primarycontactid/$ref", json=link).status_code == 204
    assert api.get(path)["_primarycontactid_value"] == contact
    assert api.send("DELETE", f"{path}/primarycontactid/$ref").status_code == 204
    assert api.get(path)["_primarycontactid_value"] is None
    assert api.send("DELETE", f"{path}/contact_customer_accounts({contact})/$ref").status_code == 204
    assert api.get(f"contacts({contact})")["_parentcustomerid_value"] is None


def test_associate_many_to_many(api):
    lead = api.create("leads", {"subject": "N:N", "lastname": "L"})
    contact = api.create("contacts", {"lastname": "C"})
    link = {"@odata.id": f"{api.root}/contacts({contact})"}
    path = f"leads({lead})/contactleads_association"
    assert api.send("POST", f"{path}/$ref", json=link).status_code == 204
    api.error(api.send("POST", f"{path}/$ref", json=link), 412, "0x80040237")
    assert api.rows(f"contacts({contact})/contactleads_association")[0]["leadid"] == lead
    assert api.send("DELETE", f"{path}/$ref?$id={link['@odata.id']}").status_code == 204
    assert api.rows(path) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "accounts"),
        ("PATCH", "accounts"),
        ("PUT", "accounts"),
        ("POST", "EntityDefinitions(LogicalName='account')"),
    ],
)
def test_wrong_verbs(api, method, path):
    response = api.send(method, path, json={})
    assert response.status_code == 405
    assert "error" in response.json()


def test_create_multiple_is_all_or_nothing(api):
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    path = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    names = [f"Bulk {n} {uuid.uuid4()}" for n in range(3)]
    made = api.send("POST", path, json={"Targets": [{**kind, "name": n} for n in names]})
    assert made.status_code == 200
    assert made.json()["@odata.context"].endswith("#Microsoft.Dynamics.CRM.CreateMultipleResponse")
    assert [api.get(f"accounts({i})")["name"] for i in made.json()["Ids"]] == names
    mark = str(uuid.uuid4())
    bad = {"Targets": [{**kind, "name": mark}, {**kind, "industrycode": 99}]}
    api.error(api.send("POST", path, json=bad), 400, "0x8004431A")
    assert api.rows("accounts", filter=f"name eq '{mark}'") == []
    assert api.send("POST", path, json={"Targets": [{"name": "no type"}]}).status_code == 400


def test_update_multiple(api, account):
    item = {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": account, "name": "Multi"}
    path = "accounts/Microsoft.Dynamics.CRM.UpdateMultiple"
    assert api.send("POST", path, json={"Targets": [item]}).status_code == 204
    assert api.get(f"accounts({account})")["name"] == "Multi"
    missing = {**item, "accountid": str(uuid.uuid4())}
    assert "Do Not Exist" in api.error(api.send("POST", path, json={"Targets": [missing]}), 404, "0x80040217")


def test_upsert_multiple(api):
    code = uuid.uuid4().hex
    path = "smp_projects/Microsoft.Dynamics.CRM.UpsertMultiple"
    item = {
        "@odata.type": "Microsoft.Dynamics.CRM.smp_project",
        "@odata.id": f"smp_projects(smp_code='{code}')",
    }
    for name in ("First", "Second"):
        assert api.send("POST", path, json={"Targets": [{**item, "smp_name": name}]}).status_code == 204
        assert api.get(f"smp_projects(smp_code='{code}')")["smp_name"] == name
    other = {
        **item,
        "@odata.id": f"smp_projects(smp_code='{code}2')",
        "smp_code": f"{code}2",
        "smp_name": "x",
    }
    api.error(api.send("POST", path, json={"Targets": [other]}), 400, "0x80040216")
