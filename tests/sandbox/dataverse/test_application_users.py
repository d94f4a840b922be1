"""The way in for applications: user, role, privileges. Contract section 13 and identity section E."""

import uuid

import pytest

from tests.sandbox.dataverse.api import Api

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"


@pytest.fixture
def principal(api):
    """A fresh service principal in the tenant."""
    return make_principal(api)


def make_principal(api: Api, delay: float = 0):
    tenant = api.environment.tenant_id
    return api.world.directory.principals.create(tenant, str(uuid.uuid4()), "Isthmus test app", delay)


def root_unit(api: Api) -> str:
    return api.rows("businessunits", select="businessunitid", filter="_parentbusinessunitid_value eq null")[
        0
    ]["businessunitid"]


def add_user(api: Api, principal) -> str:
    body = {
        "applicationid": principal.app_id,
        "businessunitid@odata.bind": f"/businessunits({root_unit(api)})",
    }
    return api.create("systemusers", body)


def make_role(api: Api, **privileges: str) -> str:
    role = api.create(
        "roles",
        {"name": f"Role {uuid.uuid4()}", "businessunitid@odata.bind": f"/businessunits({root_unit(api)})"},
    )
    grant(api, role, "AddPrivilegesRole", **privileges)
    return role


def grant(api: Api, role: str, action: str, **privileges: str) -> None:
    response = api.send(
        "POST", f"roles({role})/Microsoft.Dynamics.CRM.{action}", json=grants(api, **privileges)
    )
    assert response.status_code == 204, response.text


def grants(api: Api, **privileges: str) -> dict:
    wanted = " or ".join(f"name eq '{name}'" for name in privileges) or "name eq 'none'"
    found = api.rows("privileges", select="privilegeid,name", filter=wanted)
    assert len(found) == len(privileges)
    return {"Privileges": [{"PrivilegeId": p["privilegeid"], "Depth": privileges[p["name"]]} for p in found]}


def assign(api: Api, user: str, role: str):
    body = {"@odata.id": f"{api.root}/roles({role})"}
    return api.send("POST", f"systemusers({user})/systemuserroles_association/$ref", json=body)


def app_api(api: Api, principal) -> Api:
    return api.with_token(api.application_token(principal.app_id, principal.id))


def test_the_whole_way(api, principal):
    assert api.rows("systemusers", filter=f"applicationid eq {principal.app_id}") == []
    user = add_user(api, principal)
    row = api.get(f"systemusers({user})")
    assert row["azureactivedirectoryobjectid"] == principal.id
    assert row["fullname"] == "# Isthmus test app"
    assert row["domainname"]
    assert row["applicationiduri"]
    assert row["isdisabled"] is False
    assert row["_businessunitid_value"] == root_unit(api)
    role = make_role(api, prvReadAccount="Global", prvReadEntity="Global")
    assert assign(api, user, role).status_code == 204
    application = app_api(api, principal)
    assert application.get("WhoAmI")["UserId"] == user
    assert application.rows("accounts", top=1)
    message = application.refused("contacts", 403, "0x80040220")
    assert "prvReadContact" in message


def test_an_unknown_application(api):
    body = {
        "applicationid": str(uuid.uuid4()),
        "businessunitid@odata.bind": f"/businessunits({root_unit(api)})",
    }
    api.error(api.send("POST", "systemusers", json=body), 400, "0x80041D49")


def test_a_principal_that_has_not_replicated_yet(api):
    late = make_principal(api, delay=3600)
    body = {"applicationid": late.app_id, "businessunitid@odata.bind": f"/businessunits({root_unit(api)})"}
    api.error(api.send("POST", "systemusers", json=body), 400, "0x80041D49")


def test_one_user_per_application(api, principal):
    add_user(api, principal)
    body = {
        "applicationid": principal.app_id,
        "businessunitid@odata.bind": f"/businessunits({root_unit(api)})",
    }
    api.error(api.send("POST", "systemusers", json=body), 412, "0x80040237")


def test_a_remade_principal_is_somebody_else(api, principal):
    add_user(api, principal)
    token = api.application_token(principal.app_id, str(uuid.uuid4()))
    api.with_token(token).refused("WhoAmI", 403, "0x80072560")


def test_disabling_and_enabling(api, principal):
    user = add_user(api, principal)
    application = app_api(api, principal)
    assert api.send("PATCH", f"systemusers({user})", json={"isdisabled": True}).status_code == 204
    application.refused("WhoAmI", 403, "0x80040225")
    assert api.send("PATCH", f"systemusers({user})", json={"isdisabled": False}).status_code == 204
    assert application.get("WhoAmI")["UserId"] == user


def test_only_disabled_users_are_deleted(api, principal):
    user = add_user(api, principal)
    assert api.send("DELETE", f"systemusers({user})").status_code == 400
    api.send("PATCH", f"systemusers({user})", json={"isdisabled": True})
    assert api.send("DELETE", f"systemusers({user})").status_code == 204
    assert api.rows("systemusers", filter=f"applicationid eq {principal.app_id}") == []


def test_a_user_named_by_its_own_id_only_unnamed(api):
    me = api.get("WhoAmI")["UserId"]
    row = api.get(f"systemusers({me})", select="fullname")
    assert row["systemuserid"] == row["ownerid"] == me
    api.refused(f"systemusers(systemuserid={me})")


def test_roles_recur_in_every_business_unit(api):
    units = api.rows("businessunits", select="name")
    assert len(units) >= 3
    roles = api.rows(
        "roles",
        select="name,_businessunitid_value,_roletemplateid_value",
        filter="name eq 'System Administrator'",
    )
    assert {role["_businessunitid_value"] for role in roles} == {unit["businessunitid"] for unit in units}
    assert {role["_roletemplateid_value"] for role in roles} == {SYSTEM_ADMINISTRATOR}


def test_a_new_role_is_copied_downwards_with_its_privileges(api):
    role = make_role(api, prvReadAccount="Local")
    copies = api.rows("roles", filter=f"_parentrootroleid_value eq {role}")
    assert len(copies) == len(api.rows("businessunits"))
    for copy in copies:
        names = api.rows(f"roles({copy['roleid']})/roleprivileges_association", select="name")
        assert [row["name"] for row in names] == ["prvReadAccount"]


def test_replace_takes_away_and_retrieve_tells(api):
    role = make_role(api, prvReadAccount="Global", prvWriteAccount="Basic")
    grant(api, role, "ReplacePrivilegesRole", prvReadContact="Deep")
    for path in (
        f"roles({role})/Microsoft.Dynamics.CRM.RetrieveRolePrivilegesRole()",
        f"RetrieveRolePrivilegesRole(RoleId={role})",
    ):
        found = api.get(path)["RolePrivileges"]
        assert [(item["PrivilegeName"], item["Depth"]) for item in found] == [("prvReadContact", "Deep")]


def test_user_privileges(api, principal):
    user = add_user(api, principal)
    base = f"systemusers({user})/Microsoft.Dynamics.CRM."
    assert api.get(f"{base}RetrieveUserPrivileges")["RolePrivileges"] == []
    assign(api, user, make_role(api, prvReadAccount="Basic"))
    assign(api, user, make_role(api, prvReadAccount="Local", prvReadLead="Basic"))
    found = {
        p["PrivilegeName"]: p["Depth"] for p in api.get(f"{base}RetrieveUserPrivileges()")["RolePrivileges"]
    }
    assert found == {"prvReadAccount": "Local", "prvReadLead": "Basic"}
    one = api.get(f"{base}RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadLead')")[
        "RolePrivileges"
    ]
    assert [p["Depth"] for p in one] == ["Basic"]
    none = api.get(f"{base}RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvReadIncident')")
    assert none["RolePrivileges"] == []
    api.refused(f"{base}RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvNix')", 400, "0x80040203")


def test_removing_a_role(api, principal):
    user, role = add_user(api, principal), make_role(api, prvReadAccount="Global")
    assert assign(api, user, role).status_code == 204
    assert app_api(api, principal).rows("accounts", top=1)
    gone = api.send(
        "DELETE", f"systemusers({user})/systemuserroles_association/$ref?$id={api.root}/roles({role})"
    )
    assert gone.status_code == 204
    app_api(api, principal).refused("accounts", 403, "0x80040220")
    assign(api, user, role)
    assert (
        api.send("DELETE", f"systemusers({user})/systemuserroles_association({role})/$ref").status_code == 204
    )
    app_api(api, principal).refused("accounts", 403, "0x80040220")


def test_assigning_twice(api, principal):
    user, role = add_user(api, principal), make_role(api)
    assign(api, user, role)
    api.error(assign(api, user, role), 412, "0x80040237")


def test_the_administrator_role_cannot_be_changed(api):
    role = api.rows(
        "roles", filter=f"_roletemplateid_value eq {SYSTEM_ADMINISTRATOR} and _parentroleid_value eq null"
    )[0]["roleid"]
    body = grants(api, prvReadAccount="Basic")
    assert (
        api.send("POST", f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", json=body).status_code
        == 400
    )


def test_a_builder_may_not_make_users_or_roles(api, ben, principal):
    body = {
        "applicationid": principal.app_id,
        "businessunitid@odata.bind": f"/businessunits({root_unit(ben)})",
    }
    assert "prvCreateUser" in ben.error(ben.send("POST", "systemusers", json=body), 403, "0x80040220")
    body = {"name": "Mine", "businessunitid@odata.bind": f"/businessunits({root_unit(ben)})"}
    assert "prvCreateRole" in ben.error(ben.send("POST", "roles", json=body), 403, "0x80040220")
    me = ben.get("WhoAmI")["UserId"]
    assert "prvAssignRole" in ben.error(assign(ben, me, make_role(api)), 403, "0x80040220")


def test_nobody_grants_what_they_lack(api, principal):
    user = add_user(api, principal)
    role = make_role(api, prvReadRole="Global", prvWriteRole="Global", prvReadAccount="Local")
    assign(api, user, role)
    application, mine = app_api(api, principal), make_role(api)
    url = f"roles({mine})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
    assert application.send("POST", url, json=grants(api, prvReadAccount="Local")).status_code == 204
    application.error(
        application.send("POST", url, json=grants(api, prvReadAccount="Global")), 403, "0x80040220"
    )
    application.error(application.send("POST", url, json=grants(api, prvReadLead="Basic")), 403, "0x80040220")


def test_privileges_are_found_in_metadata_and_by_name(api):
    table = api.get("EntityDefinitions(LogicalName='account')", select="Privileges")
    by_type = {p["PrivilegeType"]: p for p in table["Privileges"]}
    assert set(by_type) == {"Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share"}
    row = api.rows("privileges", filter="name eq 'prvReadAccount'")[0]
    assert row["privilegeid"] == by_type["Read"]["PrivilegeId"] == "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"


def test_what_a_user_owns_is_handed_over_before_the_user_goes(api, principal):
    user = add_user(api, principal)
    heir = api.get("WhoAmI")["UserId"]
    rows = [
        api.create(name, body | {"ownerid@odata.bind": f"/systemusers({user})"})
        for name, body in (("accounts", {"name": "One"}), ("contacts", {"lastname": "Two"}))
    ]
    api.send("PATCH", f"systemusers({user})", json={"isdisabled": True})
    api.error(api.send("DELETE", f"systemusers({user})"), 405, "0x80040227")
    action = f"systemusers({user})/Microsoft.Dynamics.CRM.ReassignObjectsSystemUser"
    principal_of = {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": heir}
    for wrong in ({}, {"ReassignPrincipal": heir}, {"ReassignPrincipal": {"systemuserid": heir}}):
        assert api.send("POST", action, json=wrong).status_code == 400
    nobody = {"ReassignPrincipal": principal_of | {"systemuserid": str(uuid.uuid4())}}
    assert api.send("POST", action, json=nobody).status_code == 404
    assert (
        api.acting("cleo").send("POST", action, json={"ReassignPrincipal": principal_of}).status_code == 403
    )
    assert api.send("POST", action, json={"ReassignPrincipal": principal_of}).status_code == 204
    assert api.get(f"accounts({rows[0]})")["_ownerid_value"] == heir
    assert api.get(f"contacts({rows[1]})")["_ownerid_value"] == heir
    assert api.send("DELETE", f"systemusers({user})").status_code == 204
