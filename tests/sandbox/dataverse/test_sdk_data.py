"""The rest of the README: SQL, FetchXML, DataFrames, batches and files, and real sign-in by certificate."""

import pandas as pd
import pytest
from azure.identity import CertificateCredential
from PowerPlatform.Dataverse.client import DataverseClient

from tests.sandbox.dataverse.conftest import trust
from tests.sandbox.dataverse.test_application_users import assign
from tests.sandbox_client import make_key_pair


def test_sql(sdk):
    rows = sdk.query.sql(
        "SELECT TOP 5 name, revenue FROM account WHERE revenue > 1000000 ORDER BY revenue DESC"
    )
    assert len(rows) == 5
    assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)


def test_fetchxml(sdk):
    xml = "<fetch count='50'><entity name='account'><attribute name='name'/><order attribute='name'/><filter><condition attribute='statecode' operator='eq' value='1'/></filter></entity></fetch>"
    rows = list(sdk.query.fetchxml(xml).execute())
    assert len(rows) > 50
    assert all(row["name"] for row in rows)


def test_data_frames(sdk):
    frame = pd.DataFrame([{"name": f"Frame {n}", "telephone1": str(n)} for n in range(5)])
    frame["accountid"] = sdk.dataframe.create("account", frame)
    frame["telephone1"] = "changed"
    sdk.dataframe.update("account", frame[["accountid", "telephone1"]], id_column="accountid")
    rows = [
        sdk.records.retrieve("account", key, select=["telephone1"])["telephone1"]
        for key in frame["accountid"]
    ]
    assert rows == ["changed"] * 5


def test_batches(sdk):
    account_id = sdk.records.create("account", {"name": "Before"})
    batch = sdk.batch.new()
    batch.records.create("account", {"name": "Company A"})
    batch.records.update("account", account_id, {"telephone1": "555-0199"})
    batch.records.retrieve("account", account_id, select=["telephone1"])
    result = batch.execute()
    assert not result.has_errors
    assert len(result.responses) == 3
    assert sdk.records.retrieve("account", account_id, select=["telephone1"])["telephone1"] == "555-0199"


def test_changesets_commit_or_roll_back_together(sdk):
    batch = sdk.batch.new()
    with batch.changeset() as changes:
        lead = changes.records.create("account", {"name": "Parent of the set"})
        changes.records.create(
            "contact", {"lastname": "Of the set", "parentcustomerid_account@odata.bind": lead}
        )
    assert not batch.execute().has_errors
    batch = sdk.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": "Never to be seen"})
        changes.records.create("account", {"name": "x" * 500})
    assert batch.execute().has_errors
    found = sdk.query.sql("SELECT name FROM account WHERE name = 'Never to be seen'")
    assert list(found) == []


def test_tables_in_a_batch(sdk):
    batch = sdk.batch.new()
    batch.tables.create("new_Batched", {"new_Text": "string"})
    batch.tables.get("new_Batched")
    result = batch.execute()
    assert not result.has_errors, [response.error_message for response in result.responses]
    assert sdk.tables.get("new_Batched").entity_set_name == "new_batcheds"


@pytest.mark.parametrize("size", [1000, 5 * 1024 * 1024])
def test_files(sdk, workbench, tmp_path, size):
    path = tmp_path / "report.pdf"
    path.write_bytes(bytes(range(250)) * (size // 250))
    account_id = sdk.records.create("account", {"name": "With a file"})
    sdk.files.upload(
        "account", account_id, "new_Attachment", str(path), mode="chunk" if size > 4096 else "small"
    )
    stored = workbench.send("GET", f"accounts({account_id})/new_attachment/$value")
    assert stored.status_code == 200
    assert stored.content == path.read_bytes()


@pytest.fixture(scope="module")
def pair():
    return make_key_pair()


@pytest.fixture(scope="module")
def application(api, entra_client, ana_graph, pair):
    """The client id of an app with a certificate and the role System Administrator."""
    app_id = entra_client.register(ana_graph, pair)["appId"]
    root = api.rows("businessunits", filter="_parentbusinessunitid_value eq null")[0]["businessunitid"]
    user = api.create(
        "systemusers", {"applicationid": app_id, "businessunitid@odata.bind": f"/businessunits({root})"}
    )
    named = f"name eq 'System Administrator' and _businessunitid_value eq {root}"
    assert assign(api, user, api.rows("roles", filter=named)[0]["roleid"]).status_code == 204
    return app_id


def test_a_real_sign_in_by_certificate(api, application, pair, monkeypatch):
    trust(monkeypatch, api.world)
    credential = CertificateCredential(
        api.environment.tenant_id,
        application,
        certificate_data=pair.key_pem + pair.certificate_pem,
        authority=api.world.places.login,
        disable_instance_discovery=True,
        connection_verify=str(api.world.ca_file),
    )
    with credential, DataverseClient(api.environment.origin, credential) as client:
        key = client.records.create("account", {"name": "Signed by certificate"})
        account = client.records.retrieve("account", key, select=["name", "_createdby_value"])
    user = api.rows("systemusers", filter=f"applicationid eq {application}")[0]["systemuserid"]
    assert (account["name"], account["_createdby_value"]) == ("Signed by certificate", user)
