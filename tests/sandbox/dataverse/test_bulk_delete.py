"""BulkDelete: a job that deletes later what queries find."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.sandbox.dataverse.api import Api


@pytest.fixture
def own(new_sandbox):
    return Api(new_sandbox())


def query(entity="account", *conditions, **more):
    """As Microsoft's Python client writes it."""
    crm = "Microsoft.Dynamics.CRM."
    return {
        "@odata.type": f"{crm}QueryExpression",
        "EntityName": entity,
        "ColumnSet": {"@odata.type": f"{crm}ColumnSet", "AllColumns": False, "Columns": []},
        "Criteria": {
            "@odata.type": f"{crm}FilterExpression",
            "FilterOperator": "And",
            "Conditions": [
                {
                    "@odata.type": f"{crm}ConditionExpression",
                    "AttributeName": name,
                    "Operator": operator,
                    "Values": [{"Value": value, "Type": "System.Guid"} for value in values],
                }
                for name, operator, *values in conditions
            ],
            "Filters": [],
        },
        **more,
    }


def body(*queries, **more):
    return {
        "JobName": "Bulk delete account records",
        "SendEmailNotification": False,
        "ToRecipients": [],
        "CCRecipients": [],
        "RecurrencePattern": "",
        "StartDateTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "QuerySet": list(queries),
        **more,
    }


def start(api, *queries, **more) -> str:
    response = api.send("POST", "BulkDelete", json=body(*queries, **more))
    assert response.status_code == 200, response.text
    assert (
        response.json()["@odata.context"] == f"{api.root}/$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse"
    )
    return response.json()["JobId"]


def job(api, job_id):
    return api.get(f"asyncoperations({job_id})")


def counts(api, job_id):
    [found] = api.rows("bulkdeleteoperations", filter=f"_asyncoperationid_value eq {job_id}")
    return found["successcount"], found["failurecount"]


def settings(api, **values):
    answer = requests.patch(f"{api.world.control_url}/settings", json=values, timeout=30)
    assert answer.status_code == 200


def test_rows_by_id(api):
    doomed = [api.create("accounts", {"name": f"doomed {n}"}) for n in range(3)]
    kept = api.create("accounts", {"name": "kept"})
    job_id = start(api, query("account", ("accountid", "In", *doomed)))
    found = job(api, job_id)
    assert (found["statecode"], found["statuscode"], found["operationtype"]) == (3, 30, 13)
    assert found["name"] == "Bulk delete account records"
    assert found["completedon"] >= found["startedon"]
    assert counts(api, job_id) == (3, 0)
    for record in doomed:
        api.refused(f"accounts({record})", 404, "0x80040217")
    assert api.get(f"accounts({kept})")["name"] == "kept"


def test_a_job_waits_until_it_is_time(own):
    settings(own, dataverse_job_seconds=60)
    doomed = own.create("accounts", {"name": "waiting"})
    job_id = start(own, query("account", ("name", "Equal", "waiting")))
    assert (job(own, job_id)["statecode"], job(own, job_id)["statuscode"]) == (0, 0)
    assert own.get(f"accounts({doomed})")["name"] == "waiting"
    own.world.clock.advance(61)
    assert job(own, job_id)["statuscode"] == 30
    own.refused(f"accounts({doomed})", 404, "0x80040217")


def test_a_start_in_the_future_and_run_now(own):
    later = (own.world.clock.now() + timedelta(hours=1)).isoformat()
    own.create("accounts", {"name": "later"})
    waiting = start(own, query("account", ("name", "Equal", "later")), StartDateTime=later)
    assert job(own, waiting)["statuscode"] == 0
    at_once = start(own, query("account", ("name", "Equal", "later")), StartDateTime=later, RunNow=True)
    assert job(own, at_once)["statuscode"] == 30
    assert counts(own, at_once) == (1, 0)


def test_a_job_outlives_a_restart(own):
    settings(own, dataverse_job_seconds=60)
    start(own, query("account", ("name", "Equal", "nobody")))
    own.world.clock.advance(61)
    own.world.stop()
    own.world.start()
    again = Api(own.world)
    assert again.rows("asyncoperations")[0]["statuscode"] == 30


def test_what_cannot_be_deleted_is_counted(own):
    unit = own.get("WhoAmI")["BusinessUnitId"]
    job_id = start(own, query("transactioncurrency", ("isocurrencycode", "Equal", "USD")))
    found = job(own, job_id)
    assert (found["statecode"], found["statuscode"]) == (3, 31)
    assert "associated with another object" in found["message"]
    assert counts(own, job_id) == (0, 1)
    assert own.get(f"businessunits({unit})")


def test_filters_links_and_several_queries(own):
    parent = own.create("accounts", {"name": "bulk parent"})
    bind = {"parentcustomerid_account@odata.bind": f"/accounts({parent})"}
    for name in ("bulk one", "bulk two", "other"):
        own.create("contacts", {"lastname": name, **bind})
    linked = query("contact", ("lastname", "BeginsWith", "bulk"))
    linked["LinkEntities"] = [
        {
            "LinkFromEntityName": "contact",
            "LinkFromAttributeName": "parentcustomerid",
            "LinkToEntityName": "account",
            "LinkToAttributeName": "accountid",
            "JoinOperator": "Inner",
            "LinkCriteria": {
                "Conditions": [{"AttributeName": "name", "Operator": "Equal", "Values": ["bulk parent"]}]
            },
        }
    ]
    nothing = query("contact", ("createdon", "OlderThanXYears", 50))
    nothing["Criteria"]["Filters"] = [
        {
            "FilterOperator": "Or",
            "Conditions": [
                {"AttributeName": "lastname", "Operator": "Null"},
                {"AttributeName": "createdon", "Operator": "LastXDays", "Values": [{"Value": 3}]},
                {"AttributeName": "ownerid", "Operator": "EqualUserId", "Values": []},
            ],
        }
    ]
    assert counts(own, start(own, linked, nothing)) == (2, 0)
    assert len(own.rows("contacts", filter=f"_parentcustomerid_value eq {parent}")) == 1


def test_rights(api, cleo, ben):
    mine = api.create("accounts", {"name": "not for cleo"})
    response = cleo.send("POST", "BulkDelete", json=body(query("account", ("accountid", "In", mine))))
    cleo.error(response, 403, "0x80040220")
    response = ben.send("POST", "BulkDelete", json=body(query("role", ("name", "Equal", "x"))))
    ben.error(response, 403, "0x80040220")
    assert api.get(f"accounts({mine})")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"QuerySet": []}, "0x80048D19"),
        ({"QuerySet": None}, "0x80048D19"),
        ({"QuerySet": [1]}, "0x80048D19"),
        ({"QuerySet": [{}]}, "0x80048D19"),
        ({"JobName": None}, "0x80048D19"),
        ({"StartDateTime": "soon"}, "0x80048D19"),
        ({"QuerySet": [query("account", ("nix", "Equal", 1))]}, "0x80041103"),
        ({"QuerySet": [query("account", ("name", "Nix", 1))]}, "0x80040303"),
        ({"QuerySet": [query("account", ("accountid", "Equal", "x"))]}, "0x80040203"),
    ],
)
def test_what_is_no_bulk_delete(api, change, code):
    api.error(api.send("POST", "BulkDelete", json={**body(query()), **change}), 400, code)


def test_only_posts(api):
    assert api.send("GET", "BulkDelete").status_code == 405


def test_delete_multiple_is_for_elastic_tables(api):
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": "x"}]
    response = api.send("POST", "accounts/Microsoft.Dynamics.CRM.DeleteMultiple", json={"Targets": targets})
    assert api.error(response, 501, "0x80040219") == "DeleteMultiple has not yet been implemented."
