"""Metadata as a client reads it: tables, columns with casts, relationships, keys, choices."""

import pytest

CRM = "Microsoft.Dynamics.CRM."
ACCOUNT = "EntityDefinitions(LogicalName='account')"


def test_the_list_is_never_paged_and_keys_always_come(api):
    found = api.get(
        "EntityDefinitions", headers={"Prefer": "odata.maxpagesize=2"}, select="LogicalName,EntitySetName"
    )
    assert "@odata.nextLink" not in found
    sets = {row["LogicalName"]: row["EntitySetName"] for row in found["value"]}
    assert sets["account"] == "accounts"
    assert sets["opportunity"] == "opportunities"
    assert sets["transactioncurrency"] == "transactioncurrencies"
    assert all(set(row) == {"MetadataId", "LogicalName", "EntitySetName"} for row in found["value"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LogicalName eq 'lead'", {"lead"}),
        ("IsPrivate eq false and (LogicalName eq 'lead' or LogicalName eq 'task')", {"lead", "task"}),
        ("IsActivity eq true", {"activitypointer", "appointment", "email", "phonecall", "task"}),
        (
            "OwnershipType eq Microsoft.Dynamics.CRM.OwnershipTypes'OrganizationOwned' and startswith(LogicalName,'p')",
            {"pricelevel", "product", "productpricelevel", "publisher"},
        ),
        ("CanCreateAttributes/Value eq true and LogicalName eq 'account'", {"account"}),
        ("startswith(LogicalName,'smp_') and IsIntersect eq false", {"smp_project"}),
        ("ObjectTypeCode eq 2", {"contact"}),
    ],
)
def test_filters(api, text, expected):
    assert {
        row["LogicalName"] for row in api.rows("EntityDefinitions", select="LogicalName", filter=text)
    } == expected


def test_one_table(api):
    row = api.get(ACCOUNT)
    assert row["PrimaryIdAttribute"] == "accountid"
    assert row["PrimaryNameAttribute"] == "name"
    assert row["DisplayName"]["UserLocalizedLabel"]["Label"] == "Account"
    assert row["DisplayCollectionName"]["LocalizedLabels"][0]["LanguageCode"] == 1033
    assert row["ObjectTypeCode"] == 1
    assert row["OwnershipType"] == "UserOwned"
    assert api.get(f"EntityDefinitions({row['MetadataId']})")["LogicalName"] == "account"
    assert api.get(f"{ACCOUNT}/ObjectTypeCode")["value"] == 1
    assert api.read(f"{ACCOUNT}/ObjectTypeCode/$value").text == "1"


def test_unknown_things(api):
    api.refused("EntityDefinitions(LogicalName='nix')", 404, "0x80040217")
    api.refused(f"{ACCOUNT}/Attributes(LogicalName='nix')", 404, "0x80040217")
    api.refused("EntityDefinitions", select="Nix")
    api.refused("EntityDefinitions", filter="Nix eq 1")
    api.refused(ACCOUNT, expand="Nix")
    api.refused("GlobalOptionSetDefinitions", filter="Name eq 'x'")
    api.refused(f"{ACCOUNT}/Attributes/{CRM}EnumAttributeMetadata")


def test_expanding_everything(api):
    row = api.get(
        ACCOUNT,
        expand="Attributes,Keys,OneToManyRelationships,ManyToOneRelationships,ManyToManyRelationships",
    )
    columns = {column["LogicalName"]: column for column in row["Attributes"]}
    assert columns["name"]["@odata.type"] == f"#{CRM}StringAttributeMetadata"
    assert columns["name"]["RequiredLevel"]["Value"] == "ApplicationRequired"
    assert columns["name"]["MaxLength"] == 160
    assert columns["name"]["IsPrimaryName"] is True
    assert "@odata.type" not in columns["accountid"]
    assert columns["accountid"]["IsPrimaryId"] is True
    assert columns["revenue"]["AttributeType"] == "Money"
    assert columns["revenue_base"]["IsValidForCreate"] is False
    assert columns["primarycontactid"]["Targets"] == ["contact"]
    assert columns["ownerid"]["Targets"] == ["systemuser", "team"]
    assert columns["industrycodename"]["AttributeOf"] == "industrycode"
    assert columns["industrycodename"]["AttributeType"] == "Virtual"
    assert columns["createdon"]["DateTimeBehavior"]["Value"] == "UserLocal"
    names = {item["SchemaName"]: item for item in row["ManyToOneRelationships"]}
    assert names["account_primary_contact"]["ReferencingEntityNavigationPropertyName"] == "primarycontactid"
    assert names["owner_accounts"]["ReferencedEntity"] == "owner"
    assert "contact_customer_accounts" in {item["SchemaName"] for item in row["OneToManyRelationships"]}


def test_navigation_names_are_those_of_records(api):
    for table in ("contact", "incident", "smp_project", "task"):
        row = api.get(
            f"EntityDefinitions(LogicalName='{table}')",
            select="EntitySetName",
            expand="ManyToOneRelationships",
        )
        names = [item["ReferencingEntityNavigationPropertyName"] for item in row["ManyToOneRelationships"]]
        for name in names:
            assert api.read(row["EntitySetName"], top=1, expand=name).status_code == 200, name


def test_attributes_with_nested_options(api):
    row = api.get(
        ACCOUNT,
        select="LogicalName",
        expand="Attributes($select=LogicalName,AttributeType;$filter=AttributeType ne 'Virtual')",
    )
    assert all(
        set(column) <= {"@odata.type", "MetadataId", "LogicalName", "AttributeType"}
        for column in row["Attributes"]
    )
    assert "Virtual" not in {column["AttributeType"] for column in row["Attributes"]}


def test_picklists_by_cast(api):
    path = f"{ACCOUNT}/Attributes/{CRM}PicklistAttributeMetadata"
    rows = api.rows(path, select="LogicalName", expand="OptionSet($select=Options),GlobalOptionSet")
    by_name = {row["LogicalName"]: row for row in rows}
    options = {o["Value"]: o for o in by_name["accountcategorycode"]["OptionSet"]["Options"]}
    assert options[1]["Label"]["UserLocalizedLabel"]["Label"] == "Preferred Customer"
    assert options[1]["Color"] == "#107c10"
    assert by_name["accountcategorycode"]["GlobalOptionSet"] is None
    assert "statecode" not in by_name


def test_states_and_reasons_belong_together(api):
    base = "EntityDefinitions(LogicalName='opportunity')/Attributes"
    state = api.rows(f"{base}/{CRM}StateAttributeMetadata", select="LogicalName", expand="OptionSet")[0]
    status = api.rows(f"{base}/{CRM}StatusAttributeMetadata", select="LogicalName", expand="OptionSet")[0]
    states = {option["Value"]: option["DefaultStatus"] for option in state["OptionSet"]["Options"]}
    reasons = {option["Value"]: option["State"] for option in status["OptionSet"]["Options"]}
    assert states == {0: 1, 1: 3, 2: 4}
    assert all(reasons[default] == value for value, default in states.items())


def test_booleans_and_global_choices(api):
    flag = api.get(
        f"{ACCOUNT}/Attributes(LogicalName='creditonhold')/{CRM}BooleanAttributeMetadata", expand="OptionSet"
    )
    assert flag["OptionSet"]["TrueOption"]["Label"]["UserLocalizedLabel"]["Label"] == "Yes"
    assert flag["OptionSet"]["FalseOption"]["Value"] == 0
    path = (
        f"EntityDefinitions(LogicalName='smp_project')/Attributes/{CRM}MultiSelectPicklistAttributeMetadata"
    )
    channels = api.rows(path, expand="OptionSet,GlobalOptionSet")[0]
    assert channels["AttributeType"] == "Virtual"
    assert channels["AttributeTypeName"]["Value"] == "MultiSelectPicklistType"
    assert channels["GlobalOptionSet"]["Name"] == channels["OptionSet"]["Name"] == "smp_channel"
    assert api.get("GlobalOptionSetDefinitions(Name='smp_channel')")["IsGlobal"] is True
    assert [row["Name"] for row in api.rows("GlobalOptionSetDefinitions")] == ["smp_channel"]


def test_relationships(api):
    one = api.get("RelationshipDefinitions(SchemaName='account_primary_contact')")
    assert one["@odata.type"] == f"#{CRM}OneToManyRelationshipMetadata"
    assert one["ReferencingAttribute"] == "primarycontactid"
    found = api.rows("RelationshipDefinitions", filter="SchemaName eq 'systemuserroles_association'")[0]
    assert found["@odata.type"] == f"#{CRM}ManyToManyRelationshipMetadata"
    assert found["IntersectEntityName"] == "systemuserroles"
    cast = f"RelationshipDefinitions/{CRM}OneToManyRelationshipMetadata"
    assert {r["ReferencedEntity"] for r in api.rows(cast, filter="ReferencedEntity eq 'account'")} == {
        "account"
    }


def test_keys(api):
    keys = api.rows("EntityDefinitions(LogicalName='smp_project')/Keys")
    assert keys[0]["KeyAttributes"] == ["smp_code"]
    assert keys[0]["EntityKeyIndexStatus"] == "Active"
