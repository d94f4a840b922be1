"""$expand and the resources below a row."""

import pytest


@pytest.fixture(scope="module")
def family(api):
    """An account with a parent, a primary contact and three contacts."""
    contact = api.create("contacts", {"firstname": "Petra", "lastname": "Primary"})
    parent = api.create("accounts", {"name": "Parent"})
    account = api.create(
        "accounts",
        {
            "name": "Child",
            "parentaccountid@odata.bind": f"/accounts({parent})",
            "primarycontactid@odata.bind": f"contacts({contact})",
        },
    )
    people = [
        api.create(
            "contacts",
            {"lastname": name, "parentcustomerid_account@odata.bind": f"{api.root}/accounts({account})"},
        )
        for name in ("Anton", "Berta", "Cesar")
    ]
    return {"account": account, "parent": parent, "contact": contact, "people": people}


def test_single_valued(api, family):
    row = api.get(
        f"accounts({family['account']})",
        select="name",
        expand="primarycontactid($select=fullname),parentaccountid($select=name;$expand=primarycontactid)",
    )
    assert row["@odata.context"].endswith(
        "#accounts(name,primarycontactid(fullname),parentaccountid(name,primarycontactid()))/$entity"
    )
    assert row["primarycontactid"]["fullname"] == "Petra Primary"
    assert row["parentaccountid"] == {
        "@odata.etag": row["parentaccountid"]["@odata.etag"],
        "accountid": family["parent"],
        "name": "Parent",
        "primarycontactid": None,
    }


def test_collection_with_options_always_has_a_next_link(api, family):
    row = api.get(
        f"accounts({family['account']})",
        select="name",
        expand="contact_customer_accounts($select=lastname;$orderby=lastname desc;$top=2;$filter=lastname ne 'Cesar')",
    )
    assert [c["lastname"] for c in row["contact_customer_accounts"]] == ["Berta", "Anton"]
    link = row["contact_customer_accounts@odata.nextLink"]
    assert link.startswith(f"{api.root}/accounts({family['account']})/contact_customer_accounts?")
    assert len(api.send("GET", link).json()["value"]) == 2


def test_reference_only(api, family):
    row = api.get(f"accounts({family['account']})", select="name", expand="primarycontactid/$ref")
    assert row["primarycontactid"] == {"@odata.id": f"{api.root}/contacts({family['contact']})"}


def test_many_to_many(api):
    me = api.get("WhoAmI")["UserId"]
    row = api.get(f"systemusers({me})", select="fullname", expand="systemuserroles_association($select=name)")
    assert [role["name"] for role in row["systemuserroles_association"]] == ["System Administrator"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nix", "Could not find a property named 'nix'"),
        ("name", "Could not find a property named 'name'"),
        ("contact_customer_accounts/$ref", "only supported on lookup type"),
        ("contact_customer_accounts($top=1;$expand=owninguser)", "Only $select and $filter clause"),
        ("primarycontactid($orderby=fullname)", "Only $select and $filter clause"),
        ("primarycontactid($expand=contactleads_association)", "cannot be expanded"),
        ("primarycontactid($skip=1)", "$skip"),
        ("primarycontactid($count=true)", "$count"),
        ("primarycontactid($select=nix)", "Could not find a property named 'nix'"),
        ("primarycontactid(", "parenthesis"),
        (",".join(["primarycontactid"] * 16), "exceeds the maximum"),
    ],
)
def test_refused(api, text, part):
    assert part in api.refused("accounts", top=1, expand=text)


def test_property_resources(api, family):
    path = f"accounts({family['account']})"
    found = api.get(f"{path}/name")
    assert found["value"] == "Child"
    assert found["@odata.context"].endswith(f"$metadata#accounts({family['account']})/name")
    response = api.read(f"{path}/name/$value")
    assert response.text == "Child"
    assert response.headers["Content-Type"] == "text/plain"
    assert api.read(f"{path}/fax").status_code == 204


def test_navigation_resources(api, family):
    path = f"accounts({family['account']})"
    assert api.get(f"{path}/primarycontactid", select="fullname")["fullname"] == "Petra Primary"
    assert api.get(f"{path}/primarycontactid/fullname")["value"] == "Petra Primary"
    assert api.get(f"{path}/parentaccountid/name")["value"] == "Parent"
    rows = api.rows(f"{path}/contact_customer_accounts", select="lastname", orderby="lastname")
    assert [row["lastname"] for row in rows] == ["Anton", "Berta", "Cesar"]
    assert api.read(f"{path}/contact_customer_accounts/$count").text == "3"
    links = api.get(f"{path}/contact_customer_accounts/$ref")
    assert links["@odata.context"] == f"{api.root}/$metadata#Collection($ref)"
    assert {link["@odata.id"] for link in links["value"]} == {
        f"{api.root}/contacts({p})" for p in family["people"]
    }
    one = api.get(f"{path}/primarycontactid/$ref")
    assert one["@odata.id"] == f"{api.root}/contacts({family['contact']})"


def test_conditional_get(api, family):
    path = f"contacts({family['contact']})"
    etag = api.read(path).headers["ETag"]
    assert api.read(path, headers={"If-None-Match": etag}).status_code == 304
    assert api.read(path, headers={"If-None-Match": 'W/"1"'}).status_code == 200
    assert (
        api.read(path, headers={"If-None-Match": etag, "Prefer": 'odata.include-annotations="*"'}).status_code
        == 200
    )
    assert api.read(path, headers={"If-None-Match": etag}, expand="owninguser").status_code == 200


@pytest.mark.parametrize("key", ["x", "1", "'x'", "name='x'", "accountid=1", "", "accountid='nix'"])
def test_wrong_keys(api, key):
    message = api.refused(f"accounts({key})")
    assert "key" in message.lower() or "syntax" in message.lower()


def test_missing_rows(api):
    api.refused("accounts(11111111-1111-1111-1111-111111111111)", 404, "0x80040217")
    api.refused("smp_projects(smp_code='nix')", 404, "0x80060891")


def test_alternate_keys(api):
    row = api.get("smp_projects(smp_code='PRJ-0001')", select="smp_name")
    assert api.get(f"smp_projects({row['smp_projectid']})", select="smp_name")["smp_name"] == row["smp_name"]
