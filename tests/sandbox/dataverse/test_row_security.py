"""Depth decides which rows one sees and changes, for people and applications alike."""

import pytest

from tests.sandbox.dataverse.test_application_users import (
    add_user,
    app_api,
    assign,
    make_principal,
    make_role,
)

VERBS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign")


def application(api, **privileges):
    principal = make_principal(api)
    user = add_user(api, principal)
    assert assign(api, user, make_role(api, **privileges)).status_code == 204
    return app_api(api, principal)


def everything_on_accounts(depth: str) -> dict[str, str]:
    return {f"prv{verb}Account": depth for verb in VERBS}


def test_sales_people_see_their_unit_and_below(api, cleo):
    unit = cleo.get("WhoAmI")["BusinessUnitId"]
    mine = cleo.rows("accounts", select="_owningbusinessunit_value")
    assert {row["_owningbusinessunit_value"] for row in mine} == {unit}
    every = api.rows("accounts", select="_owningbusinessunit_value")
    assert len(mine) == sum(row["_owningbusinessunit_value"] == unit for row in every) < len(every)


def test_an_unseen_row_is_403_and_a_missing_one_404(api, cleo):
    unit = cleo.get("WhoAmI")["BusinessUnitId"]
    other = api.rows("accounts", select="name", filter=f"_owningbusinessunit_value ne {unit}", top=1)[0][
        "accountid"
    ]
    cleo.refused(f"accounts({other})", 403, "0x80048306")
    cleo.refused("accounts(11111111-1111-1111-1111-111111111111)", 404, "0x80040217")


def test_counts_expands_and_filters_see_no_more(api, cleo):
    unit = cleo.get("WhoAmI")["BusinessUnitId"]
    assert int(cleo.read("accounts/$count").text) == len(cleo.rows("accounts", select="name"))
    hidden = cleo.rows(
        "contacts",
        select="fullname",
        filter=f"parentcustomerid_account/owningbusinessunit/businessunitid ne {unit} and parentcustomerid_account/accountid ne null",
        top=5,
    )
    assert hidden == []
    expanded = cleo.rows(
        "contacts",
        select="fullname,_parentcustomerid_value",
        expand="parentcustomerid_account($select=_owningbusinessunit_value)",
        top=200,
    )
    seen = {
        row["parentcustomerid_account"]["_owningbusinessunit_value"]
        for row in expanded
        if row["parentcustomerid_account"]
    }
    assert seen == {unit}
    assert any(row["_parentcustomerid_value"] and not row["parentcustomerid_account"] for row in expanded)


def test_writing_needs_ownership_at_basic_depth(api, cleo):
    mine = cleo.create("accounts", {"name": "Cleo's"})
    assert cleo.send("PATCH", f"accounts({mine})", json={"name": "Still Cleo's"}).status_code == 204
    unit = cleo.get("WhoAmI")["BusinessUnitId"]
    team = api.create("teams", {"name": "Others", "businessunitid@odata.bind": f"/businessunits({unit})"})
    other = api.create("accounts", {"name": "Others'", "ownerid@odata.bind": f"/teams({team})"})
    assert cleo.get(f"accounts({other})", select="name")["name"] == "Others'"
    cleo.error(cleo.send("PATCH", f"accounts({other})", json={"name": "x"}), 403, "0x80048306")
    cleo.error(cleo.send("DELETE", f"accounts({other})"), 403, "0x80048306")
    assert cleo.send("DELETE", f"accounts({mine})").status_code == 204


def test_team_rows_are_ones_own(api):
    app = application(api, **everything_on_accounts("Basic"))
    account = api.create("accounts", {"name": "Team row"})
    app.refused(f"accounts({account})", 403, "0x80048306")
    team = api.create(
        "teams",
        {
            "name": "Mixed",
            "businessunitid@odata.bind": f"/businessunits({api.get('WhoAmI')['BusinessUnitId']})",
        },
    )
    link = {"@odata.id": f"{api.root}/systemusers({app.get('WhoAmI')['UserId']})"}
    assert api.send("POST", f"teams({team})/teammembership_association/$ref", json=link).status_code == 204
    api.send("PATCH", f"accounts({account})", json={"ownerid@odata.bind": f"/teams({team})"})
    assert app.get(f"accounts({account})", select="name")["name"] == "Team row"
    assert app.send("PATCH", f"accounts({account})", json={"name": "Changed"}).status_code == 204


@pytest.mark.parametrize("verb", ["Create", "Write", "Delete", "Assign"])
def test_each_verb_is_needed(api, verb):
    privileges = everything_on_accounts("Global")
    del privileges[f"prv{verb}Account"]
    app = application(api, **privileges)
    target = api.create("accounts", {"name": "Target"})
    owner = {"ownerid@odata.bind": f"/systemusers({api.get('WhoAmI')['UserId']})"}
    calls = {
        "Create": lambda: app.send("POST", "accounts", json={"name": "x"}),
        "Write": lambda: app.send("PATCH", f"accounts({target})", json={"name": "x"}),
        "Delete": lambda: app.send("DELETE", f"accounts({target})"),
        "Assign": lambda: app.send("PATCH", f"accounts({target})", json=owner),
    }
    message = app.error(calls[verb](), 403, "0x80040220")
    assert f"prv{verb}Account" in message
    assert app.rows("accounts", top=1)


def test_linking_needs_append_and_append_to(api):
    contact = api.create("contacts", {"lastname": "Linked"})
    body = {"name": "x", "primarycontactid@odata.bind": f"/contacts({contact})"}
    full = everything_on_accounts("Global")
    without_append = application(api, **{k: v for k, v in full.items() if k != "prvAppendAccount"})
    assert "prvAppendAccount" in without_append.error(
        without_append.send("POST", "accounts", json=body), 403, "0x80040220"
    )
    without_to = application(api, **full)
    assert "prvAppendToContact" in without_to.error(
        without_to.send("POST", "accounts", json=body), 403, "0x80040220"
    )
    with_both = application(api, **full, prvAppendToContact="Global")
    assert with_both.create("accounts", body)


def test_deep_reaches_child_units(api):
    units = len(api.rows("businessunits"))
    local = application(api, prvReadAccount="Local")
    deep = application(api, prvReadAccount="Deep")
    assert (
        len(
            {
                r["_owningbusinessunit_value"]
                for r in local.rows("accounts", select="_owningbusinessunit_value")
            }
        )
        == 1
    )
    assert (
        len(
            {
                r["_owningbusinessunit_value"]
                for r in deep.rows("accounts", select="_owningbusinessunit_value")
            }
        )
        == units
    )


def test_metadata_needs_a_privilege(api):
    application(api).refused("EntityDefinitions", 403, "0x80040220")


def test_expanding_needs_the_others_read_privilege(api):
    app = application(api, prvReadAccount="Global")
    assert "prvReadContact" in app.refused("accounts", 403, "0x80040220", expand="primarycontactid")
    assert "prvReadContact" in app.refused(
        "accounts", 403, "0x80040220", filter="primarycontactid/lastname eq 'x'"
    )


def test_impersonation_is_the_intersection(api, cleo):
    headers = {"CallerObjectId": "nobody"}
    api.error(api.send("GET", "WhoAmI", headers=headers), 400, "0x80048D1A")
    user = cleo.get("WhoAmI")["UserId"]
    headers = {"MSCRMCallerID": user}
    assert api.send("GET", "WhoAmI", headers=headers).json()["UserId"] == user
    assert len(api.send("GET", "accounts?$select=name", headers=headers).json()["value"]) == len(
        cleo.rows("accounts", select="name")
    )
    made = api.send("POST", "accounts", json={"name": "For Cleo"}, headers=headers)
    row = api.send("GET", made.headers["OData-EntityId"]).json()
    assert row["_createdby_value"] == row["_ownerid_value"] == user
    assert row["_createdonbehalfby_value"] == api.get("WhoAmI")["UserId"]
    assert "prvActOnBehalfOfAnotherUser" in cleo.error(
        cleo.send("GET", "WhoAmI", headers=headers), 403, "0x80040220"
    )
