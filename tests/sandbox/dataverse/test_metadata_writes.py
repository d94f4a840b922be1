"""Tables, columns, relationships, keys and choices, made and changed on the wire; the data follows at once."""

import pytest

CRM = "Microsoft.Dynamics.CRM."


def label(text, language=1033):
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": language}]}


def column(kind, name, **rest):
    return {
        "@odata.type": f"{CRM}{kind}AttributeMetadata",
        "SchemaName": name,
        "DisplayName": label(name),
        **rest,
    }


def table(name, *attributes, **rest):
    primary = column("String", "new_Name", MaxLength=100, IsPrimaryName=True)
    return {
        "@odata.type": f"{CRM}EntityMetadata",
        "SchemaName": name,
        "DisplayName": label(name),
        "DisplayCollectionName": label(f"{name} list"),
        "OwnershipType": "UserOwned",
        "HasNotes": True,
        "HasActivities": False,
        "Attributes": [primary, *attributes],
        **rest,
    }


def post(api, path, body, **headers):
    response = api.send("POST", path, json=body, headers=headers)
    assert response.status_code == 204, response.text
    assert response.content == b""
    return response.headers["OData-EntityId"]


def put(api, path, body, **headers):
    response = api.send("PUT", path, json=body, headers=headers)
    assert response.status_code == 204, response.text


def delete(api, path, **headers):
    response = api.send("DELETE", path, headers=headers)
    assert response.status_code == 204, response.text


def attribute(api, entity, name, cast=""):
    return api.get(f"EntityDefinitions(LogicalName='{entity}')/Attributes(LogicalName='{name}'){cast}")


def test_a_table_is_there_at_once_with_what_every_table_has(workbench):
    address = post(
        workbench,
        "EntityDefinitions",
        table("new_Bench", column("Integer", "new_Seats", MinValue=1, MaxValue=9)),
    )
    assert address.startswith(f"{workbench.root}/EntityDefinitions(")
    row = workbench.get(address, expand="Attributes")
    assert (row["LogicalName"], row["EntitySetName"]) == ("new_bench", "new_benches")
    assert (row["PrimaryIdAttribute"], row["PrimaryNameAttribute"]) == ("new_benchid", "new_name")
    names = {one["LogicalName"] for one in row["Attributes"]}
    assert {"ownerid", "createdon", "statecode", "statuscode", "versionnumber", "new_seats"} <= names
    key = workbench.create("new_benches", {"new_name": "Under the oak", "new_seats": 3})
    found = workbench.get(f"new_benches({key})")
    assert (found["new_seats"], found["statecode"], found["statuscode"]) == (3, 0, 1)
    workbench.error(workbench.send("POST", "new_benches", json={"new_seats": 99}), 400, "0x8004432F")
    assert workbench.rows("new_benches", filter="startswith(new_name,'Under')")


def test_new_tables_come_with_privileges_views_and_messages(workbench):
    post(workbench, "EntityDefinitions", table("new_Secret"))
    assert len(workbench.rows("privileges", filter="endswith(name,'new_Secret')")) == 8
    for who, status in (("ben", 200), ("cleo", 403)):
        assert workbench.acting(who).read("new_secrets").status_code == status
    assert workbench.rows("savedqueries", filter="returnedtypecode eq 'new_secret' and isdefault eq true")
    probe = "sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq 'new_secret'"
    assert workbench.rows("sdkmessagefilters", filter=probe)
    delete(workbench, "EntityDefinitions(LogicalName='new_secret')", **{"If-Match": "*"})
    assert not workbench.rows("privileges", filter="endswith(name,'new_Secret')")
    workbench.refused("new_secrets", 404)
    workbench.refused("EntityDefinitions(LogicalName='new_secret')", 404, "0x80040217")


def test_every_kind_of_column_takes_values(workbench):
    options = [{"Value": 5, "Label": label("Five")}, {"Value": 6, "Label": label("Six")}]
    kinds = {
        "String": ("x" * 5, {"MaxLength": 5, "FormatName": {"Value": "Text"}}),
        "Memo": ("long", {"MaxLength": 2000}),
        "Integer": (4, {}),
        "BigInt": (2**40, {}),
        "Decimal": (1.25, {"Precision": 2}),
        "Double": (0.5, {"Precision": 3}),
        "Money": (10, {}),
        "DateTime": ("2024-02-29", {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}),
        "Boolean": (True, {}),
        "Picklist": (6, {"OptionSet": {"IsGlobal": False, "Options": options}}),
        "MultiSelectPicklist": ("5,6", {"OptionSet": {"IsGlobal": False, "Options": options}}),
    }
    post(workbench, "EntityDefinitions", table("new_Kind"))
    for kind, (_, facets) in kinds.items():
        address = post(
            workbench,
            "EntityDefinitions(LogicalName='new_kind')/Attributes",
            column(kind, f"new_{kind}", **facets),
        )
        assert "/Attributes(" in address
        assert (
            attribute(workbench, "new_kind", f"new_{kind.lower()}")["@odata.type"]
            == f"#{CRM}{kind}AttributeMetadata"
        )
    values = {f"new_{kind.lower()}": value for kind, (value, _) in kinds.items()}
    key = workbench.create("new_kinds", values)
    row = workbench.get(f"new_kinds({key})")
    assert {name: row[name] for name in values} == values
    assert row["new_money_base"] == 10
    assert row["_transactioncurrencyid_value"]
    for kind in kinds:
        delete(
            workbench,
            f"EntityDefinitions(LogicalName='new_kind')/Attributes(LogicalName='new_{kind.lower()}')",
        )
    assert not [
        name
        for name in workbench.get(f"new_kinds({key})")
        if name.startswith("new_") and name not in {"new_kindid", "new_name"}
    ]


def test_columns_are_replaced_not_patched(workbench):
    path = "EntityDefinitions(LogicalName='smp_project')/Attributes(LogicalName='smp_name')"
    workbench.error(workbench.send("PATCH", path, json={"MaxLength": 9}), 405, "0x80060888")
    workbench.error(
        workbench.send("PATCH", "EntityDefinitions(LogicalName='smp_project')", json={}), 405, "0x80060888"
    )
    body = attribute(workbench, "smp_project", "smp_name", f"/{CRM}StringAttributeMetadata")
    german = {
        **body,
        "@odata.type": f"{CRM}StringAttributeMetadata",
        "MaxLength": 300,
        "DisplayName": label("Bezeichnung", 1031),
    }
    put(workbench, path, german, **{"MSCRM.MergeLabels": "true"})
    changed = attribute(workbench, "smp_project", "smp_name")
    assert changed["MaxLength"] == 300
    assert {one["LanguageCode"] for one in changed["DisplayName"]["LocalizedLabels"]} == {1033, 1031}
    put(workbench, path, german)
    changed = attribute(workbench, "smp_project", "smp_name")
    assert {one["LanguageCode"] for one in changed["DisplayName"]["LocalizedLabels"]} == {1031}
    workbench.create("smp_projects", {"smp_name": "n" * 300, "smp_code": "LONG-1"})
    other = {**german, "@odata.type": f"{CRM}IntegerAttributeMetadata", "AttributeType": "Integer"}
    assert workbench.send("PUT", path, json=other).status_code == 400


def test_an_auditing_flag_that_means_nothing_here_is_kept(workbench):
    path = "EntityDefinitions(LogicalName='smp_project')"
    put(
        workbench,
        path,
        {"LogicalName": "smp_project", "IsAvailableOffline": False, "Description": label("Work to do")},
    )
    row = workbench.get(path)
    assert row["IsAvailableOffline"] is False
    assert row["Description"]["UserLocalizedLabel"]["Label"] == "Work to do"
    assert row["DisplayName"]["UserLocalizedLabel"]["Label"] == "Project"


def lookup_of(name, referenced, referencing="smp_project", **rest):
    return {
        "@odata.type": f"{CRM}OneToManyRelationshipMetadata",
        "SchemaName": f"new_{referenced}_{name}",
        "ReferencedEntity": referenced,
        "ReferencingEntity": referencing,
        "ReferencedAttribute": f"{referenced}id",
        "Lookup": column("Lookup", name),
        **rest,
    }


def test_a_lookup_is_a_relationship(workbench):
    address = post(
        workbench,
        "RelationshipDefinitions",
        lookup_of("new_LeadId", "lead", CascadeConfiguration={"Delete": "Restrict"}),
    )
    found = workbench.get(address)
    assert found["ReferencingEntityNavigationPropertyName"] == "new_LeadId"
    lead = workbench.rows("leads", top=1, select="leadid")[0]["leadid"]
    project = workbench.create(
        "smp_projects", {"smp_code": "L-1", "smp_name": "x", "new_LeadId@odata.bind": f"/leads({lead})"}
    )
    assert workbench.get(f"smp_projects({project})")["_new_leadid_value"] == lead
    assert (
        workbench.get(f"leads({lead})", expand="new_lead_new_LeadId")["new_lead_new_LeadId"][0][
            "smp_projectid"
        ]
        == project
    )
    workbench.error(workbench.send("DELETE", f"leads({lead})"), 405, "0x80040227")
    put(workbench, address, {"CascadeConfiguration": {"Delete": "RemoveLink"}})
    delete(workbench, f"leads({lead})")
    assert workbench.get(f"smp_projects({project})")["_new_leadid_value"] is None
    delete(workbench, address, **{"If-Match": "*"})
    assert "_new_leadid_value" not in workbench.get(f"smp_projects({project})")


def test_a_customer_lookup_points_to_accounts_and_contacts(workbench):
    relationships = [lookup_of("new_ClientId", target) for target in ("account", "contact")]
    body = {"Lookup": column("Lookup", "new_ClientId"), "OneToManyRelationships": relationships}
    answer = workbench.send("POST", "CreateCustomerRelationships", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["RelationshipIds"]) == 2
    contact = workbench.rows("contacts", top=1, select="contactid")[0]["contactid"]
    values = {"smp_name": "c", "smp_code": "C-1", "new_ClientId_contact@odata.bind": f"/contacts({contact})"}
    project = workbench.create("smp_projects", values)
    row = workbench.get(f"smp_projects({project})", headers={"Prefer": 'odata.include-annotations="*"'})
    assert row["_new_clientid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"
    assert attribute(workbench, "smp_project", "new_clientid")["AttributeType"] == "Customer"


def test_a_polymorphic_lookup_gains_and_loses_targets(workbench):
    body = {
        "Lookup": column("Lookup", "new_About"),
        "OneToManyRelationships": [lookup_of("new_About", "account"), lookup_of("new_About", "lead")],
    }
    answer = workbench.send("POST", "CreatePolymorphicLookupAttribute", json=body).json()
    account = workbench.rows("accounts", top=1, select="accountid")[0]["accountid"]
    values = {"smp_name": "p", "smp_code": "P-1", "new_About_account@odata.bind": f"/accounts({account})"}
    project = workbench.create("smp_projects", values)
    third = post(workbench, "RelationshipDefinitions", lookup_of("new_About", "contact"))
    assert attribute(workbench, "smp_project", "new_about")["Targets"] == ["account", "lead", "contact"]
    for relationship in (third, f"RelationshipDefinitions({answer['RelationshipIds'][1]})"):
        delete(workbench, relationship)
    assert workbench.get(f"smp_projects({project})")["_new_about_value"] == account
    delete(workbench, f"RelationshipDefinitions({answer['RelationshipIds'][0]})")
    assert (
        workbench.read(
            "EntityDefinitions(LogicalName='smp_project')/Attributes(LogicalName='new_about')"
        ).status_code
        == 404
    )


def test_an_n_to_n_relationship_links_rows(workbench):
    body = {
        "@odata.type": f"{CRM}ManyToManyRelationshipMetadata",
        "SchemaName": "new_project_account",
        "Entity1LogicalName": "smp_project",
        "Entity2LogicalName": "account",
        "IntersectEntityName": "new_project_account",
    }
    address = post(workbench, "RelationshipDefinitions", body)
    account = workbench.rows("accounts", top=1, select="accountid")[0]["accountid"]
    project = workbench.create("smp_projects", {"smp_name": "n", "smp_code": "N-1"})
    link = {"@odata.id": f"{workbench.root}/accounts({account})"}
    assert (
        workbench.send("POST", f"smp_projects({project})/new_project_account/$ref", json=link).status_code
        == 204
    )
    linked = workbench.get(f"smp_projects({project})", expand="new_project_account($select=name)")
    assert [row["accountid"] for row in linked["new_project_account"]] == [account]
    itself = {
        **body,
        "SchemaName": "new_account_account",
        "Entity1LogicalName": "account",
        "IntersectEntityName": "new_aa",
    }
    post(workbench, "RelationshipDefinitions", itself)
    delete(workbench, address)
    workbench.refused(f"smp_projects({project})", expand="new_project_account")


def test_a_key_is_pending_until_its_index_is_built(workbench):
    keys = "EntityDefinitions(LogicalName='account')/Keys"
    address = post(workbench, keys, {"SchemaName": "new_NumberKey", "KeyAttributes": ["accountnumber"]})
    assert address.startswith(f"{workbench.root}/{keys}(")
    assert workbench.rows(keys)[0]["EntityKeyIndexStatus"] == "Pending"
    number = workbench.rows("accounts", top=1, select="accountnumber")[0]["accountnumber"]
    workbench.refused(f"accounts(accountnumber='{number}')")
    workbench.world.clock.advance(2)
    assert workbench.rows(keys)[0]["EntityKeyIndexStatus"] == "Active"
    assert workbench.get(f"accounts(accountnumber='{number}')")["accountnumber"] == number
    workbench.error(
        workbench.send("POST", "accounts", json={"name": "twin", "accountnumber": number}), 412, "0x80060892"
    )
    workbench.error(
        workbench.send(
            "DELETE", "EntityDefinitions(LogicalName='smp_project')/Attributes(LogicalName='smp_code')"
        ),
        400,
        "0x8004F01F",
    )
    delete(workbench, address)
    workbench.create("accounts", {"name": "twin", "accountnumber": number})


def test_a_key_over_repeated_values_fails(workbench):
    for _ in range(2):
        workbench.create("accounts", {"name": "Same", "tickersymbol": "SAME"})
    keys = "EntityDefinitions(LogicalName='account')/Keys"
    post(workbench, keys, {"SchemaName": "new_TickerKey", "KeyAttributes": ["tickersymbol"]})
    workbench.world.clock.advance(2)
    assert workbench.rows(keys)[0]["EntityKeyIndexStatus"] == "Failed"
    workbench.refused("accounts(tickersymbol='SAME')")


def test_what_a_key_can_hold(workbench):
    keys = "EntityDefinitions(LogicalName='account')/Keys"
    for columns in (["description"], ["name", "websiteurl", "address1_line1"], ["name"] * 2, ["nix"]):
        body = {"SchemaName": "new_OddKey", "KeyAttributes": columns}
        workbench.error(workbench.send("POST", keys, json=body), 400, "0x80040203")
    assert workbench.rows(keys) == []


def test_options_come_and_go(workbench):
    options = [{"Label": label("Red")}, {"Value": 7, "Label": label("Green"), "Color": "#00ff00"}]
    body = {
        "@odata.type": f"{CRM}OptionSetMetadata",
        "Name": "new_colour",
        "DisplayName": label("Colour"),
        "IsGlobal": True,
        "OptionSetType": "Picklist",
        "Options": options,
    }
    address = post(workbench, "GlobalOptionSetDefinitions", body)
    choice = column(
        "Picklist", "new_Colour", **{"GlobalOptionSet@odata.bind": "/" + address.split("/v9.2/")[1]}
    )
    post(workbench, "EntityDefinitions(LogicalName='smp_project')/Attributes", choice)
    workbench.error(workbench.send("DELETE", address), 400, "0x8004F01F")
    inserted = workbench.send(
        "POST", "InsertOptionValue", json={"OptionSetName": "new_colour", "Value": 9, "Label": label("Blue")}
    )
    assert inserted.json()["NewOptionValue"] == 9
    by_column = {"EntityLogicalName": "smp_project", "AttributeLogicalName": "new_colour"}
    workbench.create("smp_projects", {"smp_name": "b", "smp_code": "B-1", "new_colour": 9})
    update = {**by_column, "Value": 9, "Label": label("Navy"), "MergeLabels": False}
    assert workbench.send("POST", "UpdateOptionValue", json=update).status_code == 204
    assert (
        workbench.send(
            "POST", "OrderOption", json={"OptionSetName": "new_colour", "Values": [9, 7, 100000000]}
        ).status_code
        == 204
    )
    shown = [
        (o["Value"], o["Label"]["UserLocalizedLabel"]["Label"]) for o in workbench.get(address)["Options"]
    ]
    assert shown == [(9, "Navy"), (7, "Green"), (100000000, "Red")]
    assert (
        workbench.send(
            "POST", "DeleteOptionValue", json={"OptionSetName": "new_colour", "Value": 9}
        ).status_code
        == 204
    )
    workbench.error(
        workbench.send("POST", "smp_projects", json={"smp_code": "B-2", "smp_name": "b", "new_colour": 9}),
        400,
        "0x8004431A",
    )
    assert (
        workbench.send(
            "POST", "InsertOptionValue", json={"OptionSetName": "new_colour", "Value": 7, "Label": label("x")}
        ).status_code
        == 400
    )


def test_status_reasons_belong_to_states(workbench):
    body = {
        "EntityLogicalName": "smp_project",
        "AttributeLogicalName": "statuscode",
        "StateCode": 0,
        "Label": label("Paused"),
    }
    value = workbench.send("POST", "InsertStatusValue", json=body).json()["NewOptionValue"]
    project = workbench.create("smp_projects", {"smp_name": "s", "smp_code": "S-1", "statuscode": value})
    assert workbench.get(f"smp_projects({project})")["statecode"] == 0


def test_components_land_in_the_solution_that_is_named(workbench):
    post(workbench, "EntityDefinitions?SolutionUniqueName=IsthmusSamples", table("new_InSolution"))
    header = {"MSCRM.SolutionUniqueName": "IsthmusSamples"}
    post(workbench, "RelationshipDefinitions", lookup_of("new_TripId", "contact"), **header)
    rows = workbench.rows(
        "solutioncomponents", select="componenttype", filter="solutionid/uniquename eq 'IsthmusSamples'"
    )
    assert {row["componenttype"] for row in rows} >= {1, 2, 10}
    wrong = workbench.send(
        "POST", "EntityDefinitions", json=table("new_Nowhere"), headers={"MSCRM.SolutionUniqueName": "nix"}
    )
    assert wrong.status_code == 400
    workbench.refused("EntityDefinitions(LogicalName='new_nowhere')", 404, "0x80040217")


def test_publishing_wants_sensible_xml(workbench):
    xml = "<importexportxml><entities><entity>account</entity></entities></importexportxml>"
    assert workbench.send("POST", "PublishXml", json={"ParameterXml": xml}).status_code == 204
    assert workbench.send("POST", "PublishAllXml", json={}).status_code == 204
    for wrong in ("<importexportxml>", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", 7):
        assert workbench.send("POST", "PublishXml", json={"ParameterXml": wrong}).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("EntityDefinitions", {}, 400),
        ("EntityDefinitions", table("NoPrefix"), 400),
        ("EntityDefinitions", {**table("new_NoName"), "Attributes": []}, 400),
        ("EntityDefinitions", {**table("new_Odd"), "Attributes": "nonsense"}, 400),
        ("EntityDefinitions", table("smp_Project"), 400),
        ("EntityDefinitions(LogicalName='account')/Attributes", column("String", "name"), 400),
        ("EntityDefinitions(LogicalName='account')/Attributes", column("Lookup", "new_X"), 400),
        ("EntityDefinitions(LogicalName='account')/Attributes", column("Nonsense", "new_X"), 400),
        ("EntityDefinitions(LogicalName='account')/Attributes", column("String", "new_X", MaxLength=0), 400),
        (
            "EntityDefinitions(LogicalName='account')/Attributes",
            column("Integer", "new_X", MinValue="a"),
            400,
        ),
        (
            "EntityDefinitions(LogicalName='account')/Keys",
            {"SchemaName": "new_K", "KeyAttributes": ["nix"]},
            400,
        ),
        ("EntityDefinitions(LogicalName='nix')/Attributes", column("String", "new_X"), 404),
        ("RelationshipDefinitions", lookup_of("new_X", "nix"), 404),
        ("RelationshipDefinitions", {"SchemaName": "new_x"}, 400),
        ("GlobalOptionSetDefinitions", {"Name": "smp_channel"}, 400),
        ("InsertOptionValue", {"OptionSetName": "nix", "Label": label("x")}, 404),
        ("CreateEntities", {"Entities": []}, 400),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(api, path, body, status):
    before = (
        len(api.rows("EntityDefinitions", select="LogicalName")),
        len(api.rows("EntityDefinitions(LogicalName='account')/Attributes")),
    )
    response = api.send("POST", path, json=body)
    assert response.status_code == status, response.text
    assert set(response.json()["error"]) == {"code", "message"}
    after = (
        len(api.rows("EntityDefinitions", select="LogicalName")),
        len(api.rows("EntityDefinitions(LogicalName='account')/Attributes")),
    )
    assert before == after


def test_only_customizers_customize(api, cleo):
    assert cleo.send("POST", "EntityDefinitions", json=table("new_Mine")).status_code == 403
    api.error(api.send("DELETE", "EntityDefinitions(LogicalName='account')"), 400, "0x80047004")
    assert (
        api.send(
            "DELETE", "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')"
        ).status_code
        == 400
    )


def test_tables_made_together_are_made_together_or_not_at_all(workbench):
    good, bad = table("new_One"), table("NoPrefix")
    assert workbench.send("POST", "CreateEntities", json={"Entities": [good, bad]}).status_code == 400
    workbench.refused("EntityDefinitions(LogicalName='new_one')", 404, "0x80040217")
    assert (
        workbench.send("POST", "CreateEntities", json={"Entities": [good, table("new_Two")]}).status_code
        == 204
    )
    assert workbench.read("new_twos").status_code == 200


def test_an_activity_table_of_ones_own(workbench):
    post(workbench, "EntityDefinitions", {**table("new_Visit"), "Attributes": [], "IsActivity": True})
    account = workbench.rows("accounts", top=1, select="accountid")[0]["accountid"]
    key = workbench.create(
        "new_visits",
        {"subject": "Tea", "regardingobjectid_account_new_visit@odata.bind": f"/accounts({account})"},
    )
    shown = workbench.get(f"activitypointers({key})")
    assert (shown["subject"], shown["activitytypecode"], shown["_regardingobjectid_value"]) == (
        "Tea",
        "new_visit",
        account,
    )


def test_changes_survive_a_restart(workbench):
    post(workbench, "EntityDefinitions", table("new_Kept", column("Integer", "new_N")))
    workbench.create("new_kepts", {"new_name": "a", "new_n": 4})
    organization = workbench.world.environment("contoso").organization
    assert "new_n" in organization.snapshot.entities["new_kept"].columns
    assert organization.read().execute("SELECT new_n FROM new_kept").fetchone()[0] == 4


def test_metadata_changes_by_query(api):
    query = '{"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"Equals","Value":{"Type":"System.String","Value":"account"}}]},"Properties":{"PropertyNames":["LogicalName","Attributes"]},"AttributeQuery":{"Properties":{"PropertyNames":["MaxLength","OptionSet"]},"Criteria":{"Conditions":[{"PropertyName":"LogicalName","ConditionOperator":"In","Value":{"Value":["name","industrycode"]}}]}}}'
    response = api.send("GET", "RetrieveMetadataChanges(Query=@p1)", params={"@p1": query})
    found = response.json()["EntityMetadata"][0]["Attributes"]
    by_name = {one["LogicalName"]: one for one in found}
    assert by_name["name"]["@odata.type"] == f"#{CRM}ComplexStringAttributeMetadata"
    assert by_name["name"]["MaxLength"] == 160
    assert len(by_name["industrycode"]["OptionSet"]["Options"]) == 33


def test_what_changed_since_a_stamp(workbench):
    ask = "RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2,DeletedMetadataFilters=@p3)"

    def since(stamp):
        query = '{"Properties":{"PropertyNames":["Attributes"]},"AttributeQuery":{"Properties":{"PropertyNames":["MaxLength"]}}}'
        filters = "Microsoft.Dynamics.CRM.DeletedMetadataFilters'All'"
        return workbench.send("GET", ask, params={"@p1": query, "@p2": f"'{stamp}'", "@p3": filters})

    start = workbench.send("GET", "RetrieveMetadataChanges(Query=@p1)", params={"@p1": "{}"}).json()
    assert since(start["ServerVersionStamp"]).json()["EntityMetadata"] == []

    post(
        workbench,
        "EntityDefinitions(LogicalName='account')/Attributes",
        column("String", "new_A", MaxLength=9),
    )
    changed = since(start["ServerVersionStamp"]).json()
    (account,) = changed["EntityMetadata"]
    assert (account["LogicalName"], account["HasChanged"]) == ("account", False)
    assert [(one["LogicalName"], one["MaxLength"]) for one in account["Attributes"]] == [("new_a", 9)]
    assert changed["DeletedMetadata"]["Count"] == 0

    delete(
        workbench,
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='new_a')",
        **{"If-Match": "*"},
    )
    assert "Attribute" in since(changed["ServerVersionStamp"]).json()["DeletedMetadata"]["Keys"]
    workbench.error(since("0!01/01/2001 00:00:00"), 400, "0x80044352")
    workbench.error(since("yesterday"), 400, "0x80040203")
