"""Schemas in and out of files: nothing supported is lost, nothing else is dropped in silence."""

import json
import shutil

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.__main__ import main
from sandbox.dataverse.metadata.exporter import export_schema
from sandbox.dataverse.metadata.importer import Importer
from sandbox.schema_commands import JSON
from sandbox.world import World
from tests.sandbox.dataverse.api import Api

CRM = "#Microsoft.Dynamics.CRM."


def label(*texts):
    return {
        "LocalizedLabels": [{"Label": text, "LanguageCode": code} for code, text in texts],
        "UserLocalizedLabel": None,
    }


def attribute(table, kind, name, **rest):
    declared = "Virtual" if kind in {"MultiSelectPicklist", "Image", "File"} else kind
    document = {
        "@odata.type": f"{CRM}{'Lookup' if kind in {'Owner', 'Customer', 'PartyList'} else kind}AttributeMetadata",
        "LogicalName": name,
        "SchemaName": name,
        "EntityLogicalName": table,
        "AttributeType": declared,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "IsValidForCreate": True,
        "IsValidForRead": True,
        "IsValidForUpdate": True,
        "RequiredLevel": {"Value": "None"},
        "DisplayName": label(),
    }
    return document | rest


def options(*values, **rest):
    return {
        "Options": [{"Value": value, "Label": label((1031, f"Wert {value}"))} for value in values],
        "IsGlobal": False,
        **rest,
    }


ODD = {
    "@odata.context": "https://example.crm4.dynamics.com/api/data/v9.2/$metadata#EntityDefinitions",
    "value": [
        {
            "LogicalName": "zz_odd",
            "SchemaName": "zz_Odd",
            "EntitySetName": "zz_oddkeyses",
            "PrimaryIdAttribute": "zz_oddid",
            "PrimaryNameAttribute": "zz_name",
            "OwnershipType": "UserOwned",
            "ObjectTypeCode": 12345,
            "IsCustomEntity": True,
            "IsQuickCreateEnabled": True,
            "BrandNewFeature": {"Value": 7},
            "DisplayName": label((1031, "Seltsam"), (1036, "Bizarre")),
            "DisplayCollectionName": label(),
            "Attributes": [
                attribute("zz_odd", "Uniqueidentifier", "zz_oddid", IsPrimaryId=True),
                attribute("zz_odd", "Uniqueidentifier", "zz_otherid", IsPrimaryId=True),
                attribute("zz_odd", "String", "zz_name", MaxLength=50),
                attribute("zz_odd", "Memo", "zz_formula", FormulaDefinition="f" * 12_000, IsValidForCreate=False,
                          RequiredLevel={"Value": "ApplicationRequired"}),
                attribute("zz_odd", "Integer", "zz_sum", SourceType=2, FormulaDefinition="x" * 11_000,
                          RequiredLevel={"Value": "SystemRequired"}, IsValidForCreate=False),
                attribute("zz_odd", "Lookup", "zz_anything", Targets=[f"zz_target{n}" for n in range(100)]),
                attribute("zz_odd", "Lookup", "zz_unrelated", Targets=["account"]),
                attribute("zz_odd", "Owner", "ownerid", Targets=["systemuser", "team"]),
                attribute("zz_odd", "Uniqueidentifier", "owninguser"),
                attribute("zz_odd", "Uniqueidentifier", "owningteam"),
                attribute("zz_odd", "Uniqueidentifier", "owningbusinessunit"),
                attribute("zz_odd", "Boolean", "zz_flag", OptionSet={
                    "Name": "zz_shared", "IsGlobal": True, "OptionSetType": "Boolean",
                    "TrueOption": {"Value": 1, "Label": label()}, "FalseOption": {"Value": 0, "Label": label()}}),
                attribute("zz_odd", "State", "statecode", OptionSet=options(100000003, 1, 0)),
                attribute("zz_odd", "Status", "statuscode", OptionSet={"Options": [
                    {"Value": 948120001, "State": 1, "Label": label()}, {"Value": 5, "State": 0, "Label": label()}]}),
                attribute("zz_odd", "Picklist", "zz_blind"),
                attribute("zz_odd", "MultiSelectPicklist", "zz_many", OptionSet=options(3, 1)),
                attribute("zz_odd", "BigInt", "versionnumber", IsValidForCreate=False),
                attribute("zz_odd", "EntityName", "zz_kind"),
                attribute("zz_odd", "Image", "zz_image"),
                attribute("zz_odd", "ManagedProperty", "iscustomizable"),
                attribute("zz_odd", "Virtual", "zz_virtual", AttributeOf="zz_flag"),
                attribute("zz_odd", "CalendarRules", "zz_rules"),
                attribute("zz_odd", "Hologram", "zz_future"),
            ],
            "Keys": [
                {"SchemaName": "zz_name", "LogicalName": "zz_name", "EntityLogicalName": "zz_odd",
                 "KeyAttributes": ["zz_name", "zz_unrelated"], "EntityKeyIndexStatus": "Pending"},
            ],
            "ManyToOneRelationships": [
                {"SchemaName": "owner_zz_odd", "ReferencedEntity": "owner", "ReferencedAttribute": "ownerid",
                 "ReferencingEntity": "zz_odd", "ReferencingAttribute": "ownerid",
                 "ReferencingEntityNavigationPropertyName": "ownerid", "ReferencedEntityNavigationPropertyName": "owner_zz_odd"},
                {"SchemaName": "zz_weird", "ReferencedEntity": "account", "ReferencedAttribute": "accountid",
                 "ReferencingEntity": "zz_odd", "ReferencingAttribute": "zz_otherid",
                 "ReferencingEntityNavigationPropertyName": "zz_SomethingElse", "ReferencedEntityNavigationPropertyName": "zz_backwards"},
                {"SchemaName": "zz_toNowhere", "ReferencedEntity": "zz_target7", "ReferencedAttribute": "zz_target7id",
                 "ReferencingEntity": "zz_odd", "ReferencingAttribute": "zz_anything",
                 "ReferencingEntityNavigationPropertyName": "zz_Anything_seven", "ReferencedEntityNavigationPropertyName": "x"},
            ],
            "ManyToManyRelationships": [
                {"SchemaName": f"zz_links{n}", "IntersectEntityName": "zz_links", "Entity1LogicalName": "zz_odd",
                 "Entity2LogicalName": "account", "Entity1IntersectAttribute": "zz_oddid", "Entity2IntersectAttribute": "accountid",
                 "Entity1NavigationPropertyName": f"zz_near{n}", "Entity2NavigationPropertyName": f"zz_far{n}"}
                for n in (1, 2)
            ],
        },
        "not even an object",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def odd(sandbox_template, tmp_path_factory):
    """An environment with the odd schema, running, and the importer's report."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(sandbox_template, folder, dirs_exist_ok=True)
    world = World(folder)
    report = Importer(world.environment("contoso").organization, json.loads(json.dumps(ODD))).run()
    world.start()
    yield Api(world), report
    world.stop()


def test_odd_things_work(odd):
    api, _ = odd
    account = api.rows("accounts", top=1, select="accountid")[0]["accountid"]
    body = {
        "zz_name": "n",
        "zz_flag": True,
        "zz_many": "3,1",
        "zz_blind": 17,
        "zz_SomethingElse@odata.bind": f"/accounts({account})",
    }
    key = api.create("zz_oddkeyses", body)
    row = api.get(f"zz_oddkeyses({key})", headers={"Prefer": 'odata.include-annotations="*"'})
    assert (row["statecode"], row["statuscode"], row["zz_many"], row["zz_blind"]) == (0, 5, "1,3", 17)
    assert row["zz_otherid"] == account
    assert row["zz_many@OData.Community.Display.V1.FormattedValue"] == "Wert 1; Wert 3"
    assert row["_ownerid_value"]
    assert "zz_virtual" not in row
    for which in (1, 2):
        link = {"@odata.id": f"{api.root}/accounts({account})"}
        assert api.send("POST", f"zz_oddkeyses({key})/zz_near{which}/$ref", json=link).status_code in {
            204,
            412,
        }
    assert api.get(f"accounts({account})", expand="zz_far1")["zz_far1"][0]["zz_oddid"] == key
    assert api.rows("zz_oddkeyses", filter="statecode eq 0", orderby="zz_name")
    api.send("DELETE", f"zz_oddkeyses({key})")
    api.refused(f"zz_oddkeyses({key})", 404, "0x80040217")


def test_odd_metadata_is_shown_as_it_came(odd):
    api, _ = odd
    table = api.get(
        "EntityDefinitions(LogicalName='zz_odd')", expand="Attributes,Keys,ManyToOneRelationships"
    )
    assert table["IsQuickCreateEnabled"] is True
    assert table["PrimaryIdAttribute"] == "zz_oddid"
    assert [one["Label"] for one in table["DisplayName"]["LocalizedLabels"]] == ["Seltsam", "Bizarre"]
    columns = {one["LogicalName"]: one for one in table["Attributes"]}
    assert (len(columns["zz_sum"]["FormulaDefinition"]), columns["zz_sum"]["SourceType"]) == (11_000, 2)
    assert columns["zz_otherid"]["IsPrimaryId"] is True
    assert len(columns["zz_anything"]["Targets"]) == 100
    assert columns["zz_image"]["AttributeTypeName"]["Value"] == "ImageType"
    assert table["Keys"][0]["EntityKeyIndexStatus"] == "Pending"
    assert "zz_toNowhere" in {one["SchemaName"] for one in table["ManyToOneRelationships"]}


def test_what_is_not_understood_is_listed(odd):
    _, report = odd
    text = " / ".join(report.notes)
    for part in (
        "Hologram",
        "BrandNewFeature",
        "without options",
        "sleep until there is zz_target7",
        "no metadata that is understood",
        "FormulaDefinition",
    ):
        assert part in text, text
    assert report.made["tables"] == 1


def environment(folder, scenario="empty"):
    return World(folder, scenario=scenario).environment("fabrikam").organization


def normal(documents):
    """Documents as a file has them, read as the command reads it; global choices in order."""
    tables, choices = JSON.decode(msgspec.json.Encoder(decimal_format="number").encode(documents))
    return [tables, {**choices, "value": sorted(choices["value"], key=lambda one: one["Name"])}]


def test_a_round_trip_loses_nothing(sandbox, tmp_path):
    exported = normal(export_schema(sandbox.environment("contoso").organization.snapshot))
    there = environment(tmp_path)
    report = Importer(there, exported).run()
    assert report.notes == {}
    assert normal(export_schema(there.snapshot)) == exported


def test_the_odd_schema_survives_a_second_trip(odd, tmp_path):
    api, _ = odd
    tables = ["zz_odd", "zz_links"]
    first = normal(export_schema(api.world.environment("contoso").organization.snapshot, tables))
    there = environment(tmp_path)
    Importer(there, first).run()
    assert normal(export_schema(there.snapshot, tables)) == first


def test_answers_of_casts_complete_the_columns(tmp_path):
    there = environment(tmp_path)
    plain = {**ODD, "value": ODD["value"][:1]}
    cast = {
        "@odata.context": "…",
        "value": [attribute("zz_odd", "Picklist", "zz_blind", OptionSet=options(17, 18))],
    }
    report = Importer(there, [plain, cast]).run()
    assert "Choices without options; add the answers of the casts" not in report.notes
    assert [o.value for o in there.snapshot.choices["zz_odd_zz_blind"].options] == [17, 18]


def test_from_the_command_line(tmp_path, capsys):
    data, file = tmp_path / "data", tmp_path / "odd.json"
    file.write_text(json.dumps(ODD))
    assert main(["import-schema", "--data", str(data), str(file)]) == 0
    said = capsys.readouterr().out
    assert "1 tables" in said
    assert "Hologram" in said
    assert (
        main(["export-schema", "--data", str(data), "--table", "zz_odd", "-o", str(tmp_path / "out.json")])
        == 0
    )
    assert json.loads((tmp_path / "out.json").read_text())[0]["value"][0]["LogicalName"] == "zz_odd"
    (tmp_path / "broken.json").write_text("{")
    assert main(["import-schema", "--data", str(data), str(tmp_path / "broken.json")]) == 1
    with pytest.raises(SystemExit):
        main(["export-schema", "--data", str(data), "--table", "nix"])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["value", "LogicalName", "SchemaName", "Attributes", "PrimaryIdAttribute", "OptionSet", "Options", "KeyAttributes",
         "AttributeType", "EntityLogicalName", "Value", "ReferencingAttribute", "IntersectEntityName", "Name", "TrueOption"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


def test_junk_is_reported_not_fatal(tmp_path):
    there = environment(tmp_path)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(JUNK)
    def check(junk):
        before = set(there.snapshot.entities)
        Importer(there, junk).run()
        assert before <= set(there.snapshot.entities)

    check()
