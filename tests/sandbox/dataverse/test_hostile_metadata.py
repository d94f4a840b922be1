"""Definitions with something wrong in them: Microsoft's error shape and a 4xx, and nothing half made."""

import copy
from random import Random

import pytest

from tests.sandbox.dataverse.test_metadata_writes import column, label, lookup_of, table

JUNK = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\x00",
    "a" * 5000,
    [],
    [None],
    {},
    {"Value": {}},
    [[1]],
    {"LocalizedLabels": 5},
)
OPTIONS = {
    "IsGlobal": False,
    "Options": [{"Value": 1, "Label": label("One")}, {"Value": 2, "Label": label("Two")}],
}
COLUMN = "EntityDefinitions(LogicalName='smp_project')/Attributes"
REQUESTS = (
    ("POST", "EntityDefinitions", table("new_Hostile", column("Picklist", "new_P", OptionSet=OPTIONS), IsActivity=False)),
    ("POST", "CreateEntities", {"Entities": [table("new_Hostile", column("Money", "new_M", MinValue=1, Precision=2))]}),
    ("POST", COLUMN, column("String", "new_H", MaxLength=10, RequiredLevel={"Value": "None"}, FormatName={"Value": "Text"})),
    ("POST", COLUMN, column("DateTime", "new_H", Format="DateOnly", DateTimeBehavior={"Value": "DateOnly"})),
    ("POST", COLUMN, column("Boolean", "new_H", OptionSet={"TrueOption": {"Value": 1, "Label": label("a")}, "FalseOption": {"Value": 0, "Label": label("b")}})),
    ("PUT", f"{COLUMN}(LogicalName='smp_name')", column("String", "smp_Name", MaxLength=200, Targets=["x"])),
    ("PUT", "EntityDefinitions(LogicalName='smp_project')", {"DisplayName": label("Project"), "HasNotes": False, "EntityColor": "#fff"}),
    ("POST", "EntityDefinitions(LogicalName='smp_project')/Keys", {"SchemaName": "new_HK", "KeyAttributes": ["smp_name"], "DisplayName": label("k")}),
    ("POST", "RelationshipDefinitions", lookup_of("new_HostileId", "account", CascadeConfiguration={"Delete": "Cascade"}, AssociatedMenuConfiguration={"Order": 1})),
    ("POST", "RelationshipDefinitions", {"SchemaName": "new_hh", "Entity1LogicalName": "account", "Entity2LogicalName": "contact", "IntersectEntityName": "new_hh"}),
    ("POST", "GlobalOptionSetDefinitions", {"Name": "new_hostile", "OptionSetType": "Picklist", "DisplayName": label("h"), **OPTIONS, "IsGlobal": True}),
    ("POST", "InsertOptionValue", {"OptionSetName": "smp_channel", "Value": 5, "Label": label("x"), "SolutionUniqueName": "Default"}),
    ("POST", "UpdateOptionValue", {"OptionSetName": "smp_channel", "Value": 727000000, "Label": label("x"), "MergeLabels": True}),
    ("POST", "OrderOption", {"OptionSetName": "smp_channel", "Values": [727000003, 727000002, 727000001, 727000000]}),
    ("POST", "CreatePolymorphicLookupAttribute", {"Lookup": column("Lookup", "new_Q"), "OneToManyRelationships": [lookup_of("new_Q", "account"), lookup_of("new_Q", "lead")]}),
    ("POST", "PublishXml", {"ParameterXml": "<importexportxml/>"}),
    ("POST", "AddSolutionComponent", {"ComponentId": "fd140aaf-4df4-11dd-bd17-0019b9312238", "ComponentType": 1, "SolutionUniqueName": "Default"}),
)  # fmt: skip


def places(value, path=()):
    """Every place in a document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def spoiled(body, draw):
    """A document with one thing replaced or missing."""
    body = copy.deepcopy(body)
    path = draw.choice([place for place in places(body) if place])
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    if draw.random() < 0.2 and isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder[path[-1]] = draw.choice(JUNK)
    return body


@pytest.mark.parametrize(("seed", "count"), [(7, 120), pytest.param(8, 1500, marks=pytest.mark.long)])
def test_spoiled_definitions_are_refused_or_make_sense(workbench, seed, count):
    draw = Random(seed)
    for number in range(count):
        method, path, body = draw.choice(REQUESTS)
        sent = spoiled(body, draw)
        response = workbench.send(method, path, json=sent)
        assert response.status_code < 500, (number, method, path, sent, response.text)
        if response.status_code >= 400:
            assert set(response.json()["error"]) == {"code", "message"}
        elif method == "POST" and "Definitions" in path:
            made = response.headers["OData-EntityId"]
            assert workbench.send("GET", made).status_code == 200, (path, sent)
            gone = workbench.send("DELETE", made)
            assert gone.status_code == 204, (path, sent, gone.text)
        elif path in {"CreateEntities", "CreatePolymorphicLookupAttribute"}:
            clear(workbench, response)
    assert workbench.world.environment("contoso").organization.metadata.reload().entities["account"]
    assert workbench.read("accounts", top=1).status_code == 200


def clear(workbench, response):
    if response.content:
        for key in response.json()["RelationshipIds"]:
            assert workbench.send("DELETE", f"RelationshipDefinitions({key})").status_code == 204
        return
    for row in workbench.rows(
        "EntityDefinitions", select="LogicalName", filter="startswith(LogicalName,'new_')"
    ):
        assert (
            workbench.send("DELETE", f"EntityDefinitions(LogicalName='{row['LogicalName']}')").status_code
            == 204
        )
