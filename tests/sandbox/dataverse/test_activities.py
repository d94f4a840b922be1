"""Activities: one table for all of them, and the parties that take part."""

import pytest


@pytest.fixture
def contact(api):
    return api.rows("contacts", top=1, select="contactid")[0]["contactid"]


def party(table, key, mask):
    return {f"partyid_{table}@odata.bind": f"/{table}s({key})", "participationtypemask": mask}


def parties(api, email):
    expanded = api.get(
        f"emails({email})", expand="email_activity_parties($select=participationtypemask,_partyid_value)"
    )
    return {
        (row["participationtypemask"], row["_partyid_value"]) for row in expanded["email_activity_parties"]
    }


def test_an_email_is_made_with_its_parties(api, contact):
    me = api.get("WhoAmI")["UserId"]
    body = {
        "subject": "Hello",
        "email_activity_parties": [party("systemuser", me, 1), party("contact", contact, 2)],
    }
    email = api.create("emails", body)
    assert parties(api, email) == {(1, me), (2, contact)}
    assert api.get(f"emails({email})")["activitytypecode"] == "email"


def test_parties_are_replaced_as_a_whole(api, contact):
    other = api.rows("accounts", top=1, select="accountid")[0]["accountid"]
    email = api.create("emails", {"subject": "x", "email_activity_parties": [party("contact", contact, 2)]})
    response = api.send(
        "PUT", f"emails({email})/email_activity_parties", json={"value": [party("account", other, 3)]}
    )
    assert response.status_code == 204, response.text
    assert parties(api, email) == {(3, other)}
    assert api.send("PUT", f"emails({email})/email_activity_parties", json={"value": "x"}).status_code == 400
    assert (
        api.send(
            "PUT", f"emails({email})/email_activity_parties", json={"value": [{"partyid_nix": 1}]}
        ).status_code
        == 400
    )
    assert parties(api, email) == {(3, other)}
    assert (
        api.send("PUT", f"accounts({other})/contact_customer_accounts", json={"value": []}).status_code == 405
    )


def test_all_activities_are_one_table(api, contact):
    regarding = {"regardingobjectid_contact_phonecall@odata.bind": f"/contacts({contact})"}
    call = api.create("phonecalls", {"subject": "Ring", "phonenumber": "555", **regarding})
    pointer = api.get(f"activitypointers({call})")
    assert (pointer["activitytypecode"], pointer["subject"], pointer["statecode"]) == ("phonecall", "Ring", 0)
    assert [row["activityid"] for row in api.rows("activitypointers", filter=f"activityid eq {call}")] == [
        call
    ]
    found = api.get(
        f"contacts({contact})", expand="Contact_ActivityPointers($select=subject;$filter=subject eq 'Ring')"
    )
    assert call in {row["activityid"] for row in found["Contact_ActivityPointers"]}
    changed = api.send(
        "PATCH", f"activitypointers({call})", json={"subject": "Rang"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 204, changed.text
    assert api.get(f"phonecalls({call})")["subject"] == "Rang"
    assert api.send("DELETE", f"activitypointers({call})").status_code == 204
    api.refused(f"phonecalls({call})", 404, "0x80040217")
    assert api.send("POST", "activitypointers", json={"subject": "x"}).status_code == 405
    owner = api.get("WhoAmI")["UserId"]
    assert (
        api.send("PATCH", f"owners({owner})", json={"name": "x"}, headers={"If-Match": "*"}).status_code
        == 405
    )
    assert api.send("DELETE", f"owners({owner})").status_code == 405


def test_parties_go_with_their_activity(api, contact):
    email = api.create("emails", {"subject": "x", "email_activity_parties": [party("contact", contact, 2)]})
    assert api.send("DELETE", f"emails({email})").status_code == 204
    assert api.rows("activityparties", filter=f"_activityid_value eq {email}") == []


@pytest.mark.parametrize(
    ("table", "state", "wrong"),
    [("quote", {"statecode": 1, "statuscode": 3}, {"statecode": 1, "statuscode": 4}),
     ("salesorder", {"statecode": 3, "statuscode": 100002}, {"statecode": 3, "statuscode": 1}),
     ("invoice", {"statecode": 2, "statuscode": 100001}, {"statecode": 0, "statuscode": 100001})],
)  # fmt: skip
def test_papers_have_lines_and_states_in_pairs(api, table, state, wrong):
    account = api.rows("accounts", top=1, select="accountid")[0]["accountid"]
    key = api.create(f"{table}s", {"name": "Paper", "customerid_account@odata.bind": f"/accounts({account})"})
    line = api.create(
        f"{table}details",
        {
            f"{table}id@odata.bind": f"/{table}s({key})",
            "productdescription": "Hour",
            "quantity": 2,
            "priceperunit": 10,
        },
    )
    assert api.send("PATCH", f"{table}s({key})", json=state).status_code == 204
    api.error(api.send("PATCH", f"{table}s({key})", json=wrong), 400, "0x80048408")
    assert api.send("DELETE", f"{table}s({key})").status_code == 204
    api.refused(f"{table}details({line})", 404, "0x80040217")
