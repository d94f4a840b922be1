"""Microsoft's PowerPlatform-Dataverse-Client, as published, does what its README shows. Over TLS, unmodified."""

import time
from enum import IntEnum

import pandas as pd
import pytest
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
from PowerPlatform.Dataverse.models import UpsertItem, col


def test_create_read_update_delete(sdk):
    account_id = sdk.records.create("account", {"name": "Contoso Ltd"})
    account = sdk.records.retrieve("account", account_id, select=["name"])
    assert account["name"] == "Contoso Ltd"
    sdk.records.update("account", account_id, {"telephone1": "555-0199"})
    assert sdk.records.retrieve("account", account_id, select=["telephone1"])["telephone1"] == "555-0199"
    sdk.records.delete("account", account_id)
    assert sdk.records.retrieve("account", account_id) is None


def test_labels_become_options(sdk):
    key = sdk.records.create("account", {"name": "Labelled", "industrycode": "Consulting"})
    assert sdk.records.retrieve("account", key, select=["industrycode"])["industrycode"] == 7


def test_query_builder(sdk):
    results = (
        sdk.query.builder("account")
        .select("name", "revenue")
        .where(col("statecode") == 0)
        .where(col("revenue") > 1_000_000)
        .order_by("revenue", descending=True)
        .top(100)
        .execute()
    )
    revenues = [account["revenue"] for account in results]
    assert len(revenues) == 100
    assert revenues == sorted(revenues, reverse=True)
    assert revenues[-1] > 1_000_000
    frame = results.to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == 100


def test_pages_lists_ranges_and_expansions(sdk):
    pages = list(sdk.query.builder("contact").select("lastname").page_size(2500).execute_pages())
    assert [len(list(page)) for page in pages] == [2500, 2500, 1000]
    chosen = (
        sdk.query.builder("account").select("industrycode").where(col("industrycode").in_([1, 2])).execute()
    )
    assert {row["industrycode"] for row in chosen} == {1, 2}
    between = (
        sdk.query.builder("account")
        .select("numberofemployees")
        .where(col("numberofemployees").between(10, 50) & (col("name") != "x"))
    )
    assert all(10 <= row["numberofemployees"] <= 50 for row in between.execute())
    expanded = sdk.query.builder("account").select("name").expand("primarycontactid").top(30).execute()
    contacts = [row["primarycontactid"] for row in expanded if row["primarycontactid"]]
    assert contacts
    assert all(contact["contactid"] for contact in contacts)


def test_bulk_create_update_delete(sdk):
    ids = sdk.records.create("account", [{"name": "Company A"}, {"name": "Company B"}])
    sdk.records.update("account", ids, {"industrycode": 1})
    assert [sdk.records.retrieve("account", key, select=["industrycode"])["industrycode"] for key in ids] == [
        1,
        1,
    ]
    assert sdk.records.delete("account", ids)
    deadline = time.monotonic() + 10
    while any(sdk.records.retrieve("account", key) for key in ids):
        assert time.monotonic() < deadline


def test_upsert_by_alternate_key(sdk):
    sdk.tables.create_alternate_key("account", "new_AccountNumberKey", ["accountnumber"])
    deadline = time.monotonic() + 10
    while (key := sdk.tables.get_alternate_keys("account")[0]).status != "Active":
        assert time.monotonic() < deadline
    items = [
        UpsertItem(
            alternate_key={"accountnumber": f"ACC-{n}"}, record={"name": "Contoso Ltd", "telephone1": "555"}
        )
        for n in (1, 2)
    ]
    sdk.records.upsert("account", items[:1])
    sdk.records.upsert("account", items)
    rows = sdk.query.builder("account").select("accountnumber").where(col("telephone1") == "555").execute()
    assert sorted(row["accountnumber"] for row in rows) == ["ACC-1", "ACC-2"]
    sdk.tables.delete_alternate_key("account", key.metadata_id)
    assert sdk.tables.get_alternate_keys("account") == []


class Stage(IntEnum):
    DRAFT = 1
    DONE = 2


def test_define_and_evolve_schema(sdk):
    assert sdk.tables.get("new_Project") is None
    sdk.tables.create(
        "new_Project",
        {"new_Budget": "money", "new_StartDate": "datetime", "new_Stage": Stage},
        display_name="Project",
    )
    sdk.tables.create("new_Task", {"new_DueDate": "datetime"}, display_name="Task")
    sdk.tables.add_columns("new_Project", {"new_Status": "string"})
    relationship = sdk.tables.create_lookup_field(
        referencing_table="new_task",
        lookup_field_name="new_ProjectId",
        referenced_table="new_project",
        display_name="Project",
    )
    project = sdk.records.create(
        "new_Project", {"new_Name": "One", "new_Budget": 12.5, "new_Stage": "Done", "new_Status": "fine"}
    )
    found = sdk.records.retrieve("new_Project", project)
    assert (found["new_budget"], found["new_stage"], found["new_status"]) == (12.5, 2, "fine")
    sdk.records.create(
        "new_Task", {"new_Name": "First", "new_ProjectId@odata.bind": f"/new_projects({project})"}
    )
    tasks = (
        sdk.query.builder("new_task")
        .select("new_name")
        .where(col("_new_projectid_value") == project)
        .execute()
    )
    assert [task["new_name"] for task in tasks] == ["First"]
    assert (
        sdk.tables.get_relationship(relationship.relationship_schema_name).relationship_type == "one_to_many"
    )
    with pytest.raises(HttpError):
        sdk.tables.delete("new_Project")
    sdk.tables.delete_relationship(relationship.relationship_id)
    sdk.tables.remove_columns("new_Project", ["new_Status", "new_Stage"])
    sdk.tables.delete("new_Project")
    assert sdk.tables.get("new_Project") is None
    with pytest.raises(MetadataError):
        sdk.tables.delete("new_Project")


def test_constraints_of_columns(sdk):
    sdk.tables.create(
        "new_Feedback",
        {
            "new_Rating": {"type": "int", "min_value": 1, "max_value": 5},
            "new_Comment": {"type": "memo", "max_length": 2000, "display_name": "Comment"},
        },
    )
    sdk.tables.update_column("new_Feedback", "new_Comment", {"max_length": 4000})
    sdk.tables.update_columns(
        "new_Feedback", {"new_Rating": {"max_value": 10}, "new_Comment": {"display_name": "Customer Comment"}}
    )
    column = sdk.tables.get_column("new_Feedback", "new_Comment", typed=True)
    assert column["MaxLength"] == 4000
    assert column["DisplayName"]["UserLocalizedLabel"]["Label"] == "Customer Comment"
    ratings = [
        one
        for one in sdk.tables.list_columns("new_Feedback", typed=True)
        if one["LogicalName"] == "new_rating"
    ]
    assert (ratings[0]["MinValue"], ratings[0]["MaxValue"]) == (1, 10)
    sdk.records.create("new_Feedback", {"new_Name": "x", "new_Rating": 10})
    with pytest.raises(HttpError):
        sdk.records.create("new_Feedback", {"new_Name": "x", "new_Rating": 11})


def test_many_to_many_and_lists_of_metadata(sdk):
    from PowerPlatform.Dataverse.models.relationship import ManyToManyRelationshipMetadata

    sdk.tables.create("new_Club", {"new_Town": "string"})
    made = sdk.tables.create_many_to_many_relationship(
        ManyToManyRelationshipMetadata(
            schema_name="new_club_contact", entity1_logical_name="new_club", entity2_logical_name="contact"
        )
    )
    assert sdk.tables.get_relationship("new_club_contact").relationship_id == made.relationship_id
    names = {one["SchemaName"] for one in sdk.tables.list_table_relationships("new_Club")}
    assert "new_club_contact" in names
    assert any(
        one["LogicalName"] == "new_club"
        for one in sdk.tables.list(filter="SchemaName eq 'new_Club'", select=["LogicalName"])
    )


def test_errors_are_typed(sdk):
    with pytest.raises(HttpError) as refused:
        sdk.records.create("account", {"nix": 1})
    assert (refused.value.status_code, refused.value.is_transient) == (400, False)
    with pytest.raises(MetadataError):
        sdk.records.create("nixda", {"name": "x"})
