"""Lists: options, annotations, paging, counting, and the errors of each."""

from urllib.parse import unquote

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, FORMATTED

CRM = "Microsoft.Dynamics.CRM."


def test_select_brings_the_key_and_an_etag(api):
    found = api.get("accounts", select="name", top=1)
    assert found["@odata.context"] == f"{api.root}/$metadata#accounts(name)"
    row = found["value"][0]
    assert set(row) == {"@odata.etag", "accountid", "name"}
    assert row["@odata.etag"].startswith('W/"')


def test_money_brings_its_currency(api):
    row = api.get("accounts", select="revenue", top=1)["value"][0]
    assert "_transactioncurrencyid_value" in row


def test_unset_columns_are_null_not_absent(api):
    row = api.rows("accounts", select="name,revenue", filter="revenue eq null", top=1)[0]
    assert row["revenue"] is None


@pytest.mark.parametrize(
    "name", ["nix", "primarycontactid", "industrycodename", "Name", "primarycontactidname"]
)
def test_select_of_what_is_no_property(api, name):
    message = api.refused("accounts", select=name)
    assert message == f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.account'."


@pytest.mark.parametrize("option", ["skip=1", "search=x", "format=json", "apply=x", "nix=1"])
def test_unsupported_options(api, option):
    api.error(api.send("GET", f"accounts?${option}"), 400, "0x80060888")


def test_encoded_options_and_form_decoding(api):
    plain = api.rows("accounts", select="name", filter="contains(name,'Blue Yonder')", top=3)
    response = api.send(
        "GET", "accounts?%24select=name&%24filter=contains%28name%2C%27Blue+Yonder%27%29&%24top=3"
    )
    assert response.json()["value"] == plain != []


def test_an_option_given_twice(api):
    api.error(api.send("GET", "accounts?$top=1&$top=2"), 400, "0x80060888")


def test_parameter_aliases(api):
    name = api.rows("accounts", select="name", filter="startswith(name,'O''')", top=1)[0]["name"]
    quoted = name.replace("'", "''").replace('"', "%22")
    found = api.send("GET", f"accounts?$select=name&$filter=name eq @p&@p='{quoted}'").json()["value"]
    assert name in {row["name"] for row in found}
    unassigned = api.send("GET", "accounts?$select=industrycode&$filter=industrycode eq @missing").json()[
        "value"
    ]
    assert {row["industrycode"] for row in unassigned} == {None}


def test_annotations_only_as_asked(api):
    path = {"select": "industrycode,_primarycontactid_value", "top": 1}
    path["filter"] = "industrycode ne null and _primarycontactid_value ne null"
    plain = api.get("accounts", **path)["value"][0]
    assert not [key for key in plain if "@" in key and key != "@odata.etag"]
    prefer = {"Prefer": f'odata.include-annotations="{FORMATTED[1:]}"'}
    formatted = api.get("accounts", headers=prefer, **path)["value"][0]
    assert {k for k in formatted if "@" in k} == {
        "@odata.etag",
        f"industrycode{FORMATTED}",
        f"_primarycontactid_value{FORMATTED}",
    }
    whole = api.get("accounts", headers=EVERYTHING, **path)["value"][0]
    assert whole[f"_primarycontactid_value@{CRM}lookuplogicalname"] == "contact"
    assert whole[f"_primarycontactid_value@{CRM}associatednavigationproperty"] == "primarycontactid"
    contact = api.get(f"contacts({whole['_primarycontactid_value']})", select="fullname")
    assert whole[f"_primarycontactid_value{FORMATTED}"] == contact["fullname"]


def test_annotations_by_prefix(api):
    prefer = {"Prefer": 'odata.include-annotations="Microsoft.Dynamics.CRM.*"'}
    row = api.get("accounts", headers=prefer, select="industrycode,_ownerid_value", top=1)["value"][0]
    assert not [key for key in row if key.endswith(FORMATTED)]
    assert row[f"_ownerid_value@{CRM}lookuplogicalname"] in {"systemuser", "team"}


def test_formatted_values_by_type(api):
    account = api.create(
        "accounts",
        {
            "name": "Formats",
            "revenue": 1234567.5,
            "numberofemployees": 1200,
            "creditonhold": True,
            "industrycode": 7,
            "lastonholdtime": "2023-04-07T21:59:01Z",
            "address1_latitude": 1.5,
        },
    )
    row = api.get(f"accounts({account})", headers=EVERYTHING)
    assert row["revenue"] == 1234567.5
    assert row[f"revenue{FORMATTED}"] == "$1,234,567.50"
    assert row[f"numberofemployees{FORMATTED}"] == "1,200"
    assert row["creditonhold"] is True
    assert row[f"creditonhold{FORMATTED}"] == "Yes"
    assert row[f"industrycode{FORMATTED}"] == "Consulting"
    assert row["lastonholdtime"] == "2023-04-07T21:59:01Z"
    assert row[f"lastonholdtime{FORMATTED}"] == "4/7/2023 9:59 PM"
    assert row[f"address1_latitude{FORMATTED}"] == "1.50000"


def test_preference_applied(api):
    headers = {"Prefer": 'odata.maxpagesize=3,odata.include-annotations="*"'}
    applied = api.read("accounts", headers=headers, select="name").headers["Preference-Applied"]
    assert set(applied.split(", ")) == {"odata.maxpagesize=3", 'odata.include-annotations="*"'}


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("accounts", None),
        ("accounts", "name"),
        ("accounts", "name desc"),
        ("accounts", "industrycode desc,revenue"),
        ("accounts", "revenue desc"),
        ("accounts", "_primarycontactid_value"),
        ("accounts", "primarycontactid/lastname desc,createdon"),
        ("contacts", "birthdate,annualincome desc"),
        ("smp_projects", "smp_effort"),
    ],
)
def test_paging_neither_skips_nor_repeats(api, path, order):
    key = {"accounts": "accountid", "contacts": "contactid", "smp_projects": "smp_projectid"}[path]
    prefer = {"Prefer": "odata.maxpagesize=431"}
    options = {"select": key, **({"orderby": order} if order else {})}
    whole = [row[key] for row in api.rows(path, **options)][:5000]
    paged, link = [], None
    while True:
        page = (
            api.send("GET", link, headers=prefer).json() if link else api.get(path, headers=prefer, **options)
        )
        paged += [row[key] for row in page["value"]]
        link = page.get("@odata.nextLink")
        if not link:
            break
        assert link.startswith(api.root)
    assert len(paged) == len(set(paged))
    assert paged[: len(whole)] == whole


def test_the_next_link_looks_like_dataverses(api):
    prefer = {"Prefer": "odata.maxpagesize=2"}
    page = api.get("accounts", headers=prefer, select="name")
    token = page["@odata.nextLink"].split("$skiptoken=")[1]
    assert token.startswith("%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22")
    assert token.endswith("%22%20istracking=%22False%22%20/%3E")
    inner = unquote(unquote(unquote(token).split('pagingcookie="')[1].split('"')[0]))
    last = page["value"][-1]["accountid"].upper()
    first = page["value"][0]["accountid"].upper()
    assert inner == f'<cookie page="1"><accountid last="{{{last}}}" first="{{{first}}}" /></cookie>'


def test_the_link_names_the_host_that_was_called(api):
    port = api.root.split(":")[2].split("/")[0]
    root = api.root.replace("localhost", "127.0.0.1")
    found = api.send("GET", f"{root}/accounts?$select=name", headers={"Prefer": "odata.maxpagesize=1"}).json()
    assert found["@odata.nextLink"].startswith(f"https://127.0.0.1:{port}/")
    assert found["@odata.context"].startswith(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "token", ["x", "%3Ccookie%3E", '<cookie pagenumber="2" pagingcookie="x" istracking="False" />']
)
def test_a_bad_skip_token(api, token):
    assert api.send("GET", f"accounts?$skiptoken={token}").status_code == 400


def test_top_yields_to_page_size(api):
    page = api.get("accounts", headers={"Prefer": "odata.maxpagesize=4"}, select="name", top=2)
    assert len(page["value"]) == 4
    assert "@odata.nextLink" in page
    alone = api.get("accounts", select="name", top=2)
    assert len(alone["value"]) == 2
    assert "@odata.nextLink" not in alone


def test_counts_are_capped(api):
    found = api.get("contacts", headers=EVERYTHING, select="fullname", top=1, count="true")
    assert found["@odata.count"] == 5000
    assert found[f"@{CRM}totalrecordcount"] == 5000
    assert found[f"@{CRM}totalrecordcountlimitexceeded"] is True
    uncounted = api.get("contacts", headers=EVERYTHING, select="fullname", top=1)
    assert uncounted[f"@{CRM}totalrecordcount"] == -1
    assert uncounted[f"@{CRM}totalrecordcountlimitexceeded"] is False
    assert "@odata.count" not in uncounted


def test_count_as_text(api):
    response = api.read("accounts/$count", filter="industrycode eq 7")
    assert response.headers["Content-Type"] == "text/plain"
    assert int(response.text) == len(api.rows("accounts", select="name", filter="industrycode eq 7"))
    assert api.read("contacts/$count").text == "5000"


def test_choices_sort_by_number_and_lookups_by_name(api):
    codes = [r["industrycode"] for r in api.rows("accounts", select="industrycode", orderby="industrycode")]
    assert codes == sorted(codes, key=lambda code: (code is not None, code))
    prefer = {"Prefer": f'odata.include-annotations="{FORMATTED[1:]}"'}
    found = api.get(
        "accounts",
        headers=prefer,
        select="name,_primarycontactid_value",
        orderby="_primarycontactid_value",
        filter="_primarycontactid_value ne null",
    )
    names = [row[f"_primarycontactid_value{FORMATTED}"] for row in found["value"]]
    assert names == sorted(names, key=ascii_lower)


def ascii_lower(text: str) -> bytes:
    return bytes(c + 32 if 65 <= c <= 90 else c for c in text.encode())


def test_pages_end_at_5000(api):
    page = api.get("contacts", select="fullname")
    assert len(page["value"]) == 5000
    rest = api.send("GET", page["@odata.nextLink"]).json()
    assert 1000 <= len(rest["value"]) < 5000
    assert "@odata.nextLink" not in rest


def test_a_token_may_name_a_page_without_its_cookie(api):
    """Nothing Microsoft hands out, but published clients build it themselves."""
    prefer = {"Prefer": "odata.maxpagesize=3"}
    everything = api.rows("accounts", select="name", orderby="name", top=9)
    token = '<cookie pagenumber="2" istracking="False" />'
    page = api.get("accounts", headers=prefer, select="name", orderby="name", skiptoken=token)
    assert page["value"] == everything[3:6]
    following = api.send("GET", page["@odata.nextLink"], headers=prefer).json()
    assert following["value"] == everything[6:9]
    far = token.replace("2", "99999")
    api.refused("accounts", 400, "0x8004430A", headers=prefer, select="name", skiptoken=far)


def test_full_metadata(api):
    full = {"Accept": "application/json;odata.metadata=full"}
    response = api.read(
        "accounts", headers=full, select="name,revenue,createdon", top=1, filter="revenue gt 0"
    )
    assert response.headers["Content-Type"] == "application/json; odata.metadata=full"
    row = response.json()["value"][0]
    place = f"accounts({row['accountid']})"
    assert row["@odata.type"] == "#Microsoft.Dynamics.CRM.account"
    assert row["@odata.id"] == f"{api.root}/{place}"
    assert row["@odata.editLink"] == place
    assert row["accountid@odata.type"] == "#Guid"
    assert row["createdon@odata.type"] == "#DateTimeOffset"
    assert row["revenue@odata.type"] == "#Decimal"
    assert "name@odata.type" not in row
    whole = api.get(place, headers=full)
    assert whole["primarycontactid@odata.navigationLink"] == f"{api.root}/{place}/primarycontactid"
    assert whole["primarycontactid@odata.associationLink"] == f"{api.root}/{place}/primarycontactid/$ref"


def test_no_metadata(api):
    bare = {
        "Accept": "application/json; odata.metadata=none",
        "Prefer": 'odata.maxpagesize=1,odata.include-annotations="*"',
    }
    response = api.read("accounts", headers=bare, select="name,statecode", count="true")
    assert response.headers["Content-Type"] == "application/json; odata.metadata=none"
    page = response.json()
    assert "@odata.context" not in page
    assert {"@odata.count", "@odata.nextLink"} <= set(page)
    assert set(page["value"][0]) == {"accountid", "name", "statecode", f"statecode{FORMATTED}"}
    me = api.get("WhoAmI")["UserId"]
    reference = api.get(f"systemusers({me})/businessunitid/$ref", headers=bare)
    assert reference == {"@odata.id": f"{api.root}/businessunits({api.get('WhoAmI')['BusinessUnitId']})"}


@pytest.mark.parametrize("order", ["name sideways", "name eq 'a'", "name desc asc"])
def test_orders_that_make_no_sense(api, order):
    message = api.refused("accounts", orderby=order)
    assert message == f"Syntax error in $orderby: '{order}' is not a property."
