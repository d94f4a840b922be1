"""Views: system ones of every table, one's own, and how they run."""

import uuid

import pytest

NAMES = "<fetch><entity name='{}'><attribute name='name'/><order attribute='name'/></entity></fetch>"


@pytest.fixture(scope="module")
def active(api):
    return view(api, "account", "Active Accounts")


def view(api, table, name):
    found = api.rows("savedqueries", filter=f"returnedtypecode eq '{table}' and name eq '{name}'")
    assert len(found) == 1
    return found[0]


def own_view(api, fetchxml, table="account"):
    body = {"name": "Mine", "returnedtypecode": table, "querytype": 0, "fetchxml": fetchxml}
    return api.create("userqueries", body)


def test_every_table_that_people_list_has_views(api):
    listed = api.rows("savedqueries", select="name,returnedtypecode,querytype,isdefault")
    kinds = {}
    for row in listed:
        kinds.setdefault(row["returnedtypecode"], set()).add(row["querytype"])
    assert all(found == {0, 1, 2, 4, 64} for found in kinds.values())
    assert {"account", "contact", "opportunity", "incident", "task", "smp_project"} <= set(kinds)
    defaults = [row["returnedtypecode"] for row in listed if row["isdefault"]]
    assert sorted(defaults) == sorted(kinds)


def test_a_view_of_the_system(api, active):
    found = api.send("GET", f"accounts?savedQuery={active['savedqueryid']}&$count=true").json()
    expected = api.rows("accounts", select="name", filter="statecode eq 0", orderby="name")
    assert [row["accountid"] for row in found["value"]] == [row["accountid"] for row in expected]
    assert found["@odata.count"] == len(expected)
    assert all(None not in row.values() for row in found["value"])


def test_every_view_runs(api):
    sets = {
        e["LogicalName"]: e["EntitySetName"]
        for e in api.rows("EntityDefinitions?$select=LogicalName,EntitySetName")
    }
    for row in api.rows("savedqueries", select="name,returnedtypecode"):
        response = api.send(
            "GET",
            f"{sets[row['returnedtypecode']]}?savedQuery={row['savedqueryid']}",
            headers={"Prefer": "odata.maxpagesize=1"},
        )
        assert response.status_code == 200, f"{row}: {response.text}"


def test_pages_of_a_view(api, active):
    prefer = {"Prefer": "odata.maxpagesize=600"}
    page = api.send("GET", f"accounts?savedQuery={active['savedqueryid']}", headers=prefer).json()
    rows = page["value"]
    while "@odata.nextLink" in page:
        assert page["@odata.nextLink"].startswith(f"{api.root}/accounts?savedQuery=")
        page = api.send("GET", page["@odata.nextLink"], headers=prefer).json()
        rows = rows + page["value"]
    assert [row["accountid"] for row in rows] == [
        row["accountid"]
        for row in api.rows("accounts", select="name", filter="statecode eq 0", orderby="name")
    ]


def test_a_view_on_a_collection(api):
    parent = api.rows("accounts", select="name", filter="contact_customer_accounts/any()", top=1)[0][
        "accountid"
    ]
    contacts = view(api, "contact", "Active Contacts")["savedqueryid"]
    rows = api.send("GET", f"accounts({parent})/contact_customer_accounts?savedQuery={contacts}").json()[
        "value"
    ]
    assert {row["_parentcustomerid_value"] for row in rows} == {parent}


def test_ones_own_view(cleo):
    mine = own_view(cleo, NAMES.format("account"))
    rows = cleo.send("GET", f"accounts?userQuery={mine}").json()["value"]
    assert {row["accountid"] for row in rows} == {
        row["accountid"] for row in cleo.rows("accounts", select="name")
    }


def test_my_rows_are_the_callers(api, cleo):
    mine = view(api, "account", "My Active Accounts")["savedqueryid"]
    owner = cleo.get("WhoAmI")["UserId"]
    rows = cleo.send("GET", f"accounts?savedQuery={mine}").json()["value"]
    expected = cleo.rows("accounts", select="name", filter=f"statecode eq 0 and _ownerid_value eq {owner}")
    assert {row["accountid"] for row in rows} == {row["accountid"] for row in expected}


def test_a_view_of_somebody_else(api, cleo):
    theirs = own_view(api, NAMES.format("account"))
    cleo.error(cleo.send("GET", f"accounts?userQuery={theirs}"), 404, "0x80040217")


def test_faults(api, active):
    key = active["savedqueryid"]
    unknown = uuid.uuid4()
    message = api.error(api.send("GET", f"accounts?savedQuery={unknown}"), 404, "0x80040217")
    assert message == f"savedquery With Id = {unknown} Does Not Exist"
    api.error(api.send("GET", "accounts?savedQuery=nix"), 400, "0x80060888")
    api.error(api.send("GET", f"accounts?userQuery={key}"), 404, "0x80040217")
    api.error(api.send("GET", f"contacts?savedQuery={key}"), 400, "0x80040303")
    api.error(api.send("GET", f"accounts?savedQuery={key}&$filter=name eq 'x'"), 400, "0x80060888")
    api.error(api.send("GET", f"accounts?savedQuery={key}&$skiptoken=nix"), 400, "0x8004E00D")
    broken = own_view(api, "<fetch>")
    api.error(api.send("GET", f"accounts?userQuery={broken}"), 400, "0x80040303")
