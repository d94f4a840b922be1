"""Microsoft's own Python client, unmodified: batches, changesets, bulk deletes and files."""

import time
import uuid

import pytest
from azure.core.credentials import AccessToken

pytest.importorskip("PowerPlatform.Dataverse.client")
from PowerPlatform.Dataverse.client import DataverseClient

from tests.sandbox.dataverse.api import Api


class Held:
    """A credential that has its token already."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *scopes, **options) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3000)


@pytest.fixture
def client(api, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(api.world.ca_file))
    monkeypatch.setenv("NO_PROXY", "localhost")
    with DataverseClient(api.environment.origin, Held(api.token)) as client:
        yield client


def test_a_batch(client, api):
    account = api.create("accounts", {"name": "sdk before"})
    batch = client.batch.new()
    batch.records.update("account", account, {"name": "sdk after"})
    batch.records.create("account", {"name": "sdk made"})
    batch.records.retrieve("account", account, select=["name"])
    batch.query.sql("SELECT TOP 3 name FROM account ORDER BY name")
    result = batch.execute()
    assert not result.has_errors, [answer.error_message for answer in result.failed]
    assert result.entity_ids[-1]
    assert result.responses[2].data["name"] == "sdk after"
    assert len(result.responses[3].data["value"]) == 3


def test_a_changeset_with_references(client, api):
    name = uuid.uuid4().hex
    batch = client.batch.new()
    with batch.changeset() as changes:
        lead = changes.records.create("contact", {"lastname": name})
        account = changes.records.create("account", {"name": name, "primarycontactid@odata.bind": lead})
        changes.records.update("account", account, {"telephone1": "1"})
    result = batch.execute()
    assert not result.has_errors
    [row] = api.rows("accounts", select="telephone1", expand="primarycontactid", filter=f"name eq '{name}'")
    assert (row["telephone1"], row["primarycontactid"]["lastname"]) == ("1", name)


def test_a_failed_changeset_and_going_on(client, api):
    name = uuid.uuid4().hex
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": name})
        changes.records.delete("account", str(uuid.uuid4()))
    batch.records.create("account", {"name": f"{name} onwards"})
    result = batch.execute(continue_on_error=True)
    assert result.has_errors
    assert [answer.status_code for answer in result.failed] == [404]
    assert [
        row["name"] for row in api.rows("accounts", select="name", filter=f"startswith(name,'{name}')")
    ] == [f"{name} onwards"]


def test_deleting_many(client, api):
    ids = client.records.create("account", [{"name": f"sdk doomed {n}"} for n in range(5)])
    job = client.records.delete("account", ids, use_bulk_delete=True)
    assert api.get(f"asyncoperations({job})")["statuscode"] == 30
    assert api.rows("accounts", filter="startswith(name,'sdk doomed')") == []


@pytest.mark.parametrize(("mode", "size"), [("small", 100), ("chunk", 9 * 1024 * 1024)])
def test_files(client, api, tmp_path, mode, size):
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    file = tmp_path / "été.json"
    file.write_bytes(content)
    if mode == "small":
        file = file.rename(tmp_path / "plain.json")
    record = api.create("smp_projects", {"smp_name": "sdk", "smp_code": uuid.uuid4().hex})
    client.files.upload(
        "smp_project", record, "smp_Contract", str(file), mode=mode, mime_type="application/json"
    )
    assert api.send("GET", f"smp_projects({record})/smp_contract/$value").content == content
    assert api.get(f"smp_projects({record})")["smp_contract_name"] == file.name


def test_a_file_for_which_the_client_makes_the_column(new_sandbox, monkeypatch, tmp_path):
    own = Api(new_sandbox())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own.world.ca_file))
    monkeypatch.setenv("NO_PROXY", "localhost")
    file = tmp_path / "made.txt"
    file.write_bytes(b"made")
    record = own.create("smp_projects", {"smp_name": "sdk", "smp_code": "sdk"})
    with DataverseClient(own.environment.origin, Held(own.token)) as client:
        client.files.upload("smp_project", record, "smp_Made", str(file))
    assert own.send("GET", f"smp_projects({record})/smp_made/$value").content == b"made"
    assert own.get(f"smp_projects({record})", select="smp_made,smp_made_name")["smp_made_name"] == "made.txt"
