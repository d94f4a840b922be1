"""Somebody else's application: it installs the wheel, and knows the service's address and a key."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from accounts.actors import Actor
from accounts.models import User
from integrations.explaining.curl import curl_examples
from integrations.generation.build import Form
from integrations.services.python import package
from microsoft.dataverse.bulk import Pace, Row
from tests.integrations.caller import key_for
from tests.people import PEOPLE

LIFE = """
import json
from decimal import Decimal
from {package} import Reference, accounts, contacts
from {package}.errors import BadInputError, ConflictError, NotFoundError

F = accounts.fields
contact = contacts.create({{"lastname": "Ünal \\U0001f680"}})
account = accounts.create(
    {{"name": "=Röstwerk", "revenue": Decimal("98765432109876.54"), "primarycontactid": Reference("contact", contact)}}
)
seen = accounts.get(account)
said = [seen.name, str(seen.revenue), seen.primarycontactid.name, seen.industrycode]
accounts.update(account, {{"telephone1": "007"}}, etag=seen.etag)
try:
    accounts.update(account, {{"telephone1": "008"}}, etag=seen.etag)
except ConflictError as error:
    said.append(bool(error.advice))
try:
    accounts.create({{"name": "x" * 500}})
except BadInputError as error:
    said.append(sorted(error.fields))
where = F.name.equals("=Röstwerk") & (F.revenue.at_least(Decimal(1)) | F.telephone1.is_empty())
said.append([each.telephone1 for each in accounts.search(where, select=[F.telephone1])])
said.append(accounts.count(where & ~F.name.is_empty()))
accounts.delete(account)
try:
    accounts.get(account)
except NotFoundError as error:
    said.append(sorted(error.ids))
print(json.dumps(said))
"""

EVERYTHING = """
import datetime as dt, json
from decimal import Decimal
from {package} import ProjectChannels, customers, projects

F = projects.fields
customer = customers.create({{"name": "Röst & Co"}})
today = dt.date(1753, 1, 1)
first, new = projects.upsert({{"code": "PK-1"}}, {{"title": "One", "starts": today, "budget": Decimal("12.34")}})
same, again = projects.upsert({{"code": "PK-1"}}, {{"channels": (ProjectChannels(list(ProjectChannels)[0]),)}})
projects.write_file(first, F.contract, "vertrag.txt", "=1+1 \U0001f680".encode())
from {package} import Reference
projects.update(first, {{"customer": Reference("account", customer)}})
seen = projects.get(first, select=[F.title, F.budget, F.starts, F.channels], expand=[F.customer_record])
owner = customers.get(customer, expand=[customers.fields.projects])
found = projects.search(F.code.begins_with("PK-"), order_by=[F.code], skip=1, expand=[F.customer_record])
print(json.dumps([
    [first == same, new, again],
    projects.read_file(first, F.contract).decode(),
    [seen.title, str(seen.budget), seen.starts.isoformat(), len(seen.channels), seen.code],
    [seen.customer_record.name, [each.title for each in owner.projects]],
    len(found.all()),
]))
projects.delete_file(first, F.contract)
"""

PAGES = """
from {package} import accounts
F = accounts.fields
found = accounts.search(F.name.begins_with("Mass{records} "), order_by=[F.name], select=[F.name], page_size={page_size})
names = [each.name for each in found]
assert names == sorted(names)
print(len(names), len(set(names)), accounts.count(F.name.begins_with("Mass{records} ")), len(found.first().name), len(list(
    accounts.search(F.name.begins_with("Mass{records} "), top=7, page_size=5))))
"""


@pytest.fixture
def application(sample_integration, sample_owner, live_server, tmp_path):
    """Run Python in an environment that holds the wheel and what it requires, and nothing of ours."""
    return installed(sample_integration, sample_owner, live_server, tmp_path)


def installed(integration, owner, live_server, tmp_path):
    wheel = package(owner, integration, Form.WHEEL)
    (tmp_path / wheel.name).write_bytes(wheel.content)
    there = tmp_path / "installed"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(there),
    ]
    subprocess.run([*pip, str(tmp_path / wheel.name)], check=True, capture_output=True)
    for name in ("requests", "urllib3", "idna", "certifi", "charset_normalizer"):
        (there / name).symlink_to(Path(__import__(name).__file__).parent)
    name = integration.service_name
    surroundings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(there),
        f"{name.upper()}_URL": f"{live_server.url}/api/{name}",
        f"{name.upper()}_KEY": key_for(owner, integration),
    }

    def run(code, **words):
        done = subprocess.run(
            [sys.executable, "-S", "-c", code.format(package=name, **words)],
            cwd=tmp_path,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_record_lives_its_life(application):
    said = json.loads(application(LIFE))

    assert said[:4] == ["=Röstwerk", "98765432109876.5400", "Ünal \U0001f680", None]
    assert said[4:8] == [True, ["name"], ["007"], 1]
    assert "request_id" in said[8]


@pytest.mark.parametrize(
    ("records", "page_size"), [(120, 50), pytest.param(12_000, 1000, marks=pytest.mark.long)]
)
def test_pages_follow_each_other_by_themselves(application, sample_integration, records, page_size):
    dataverse = sample_integration.bindings.get().connection.dataverse()
    rows = [Row(str(uuid.uuid4()), {"name": f"Mass{records} {number:05}"}) for number in range(records)]
    dataverse.create_rows("account", "accounts", "accountid", rows, Pace(1000))

    said = application(PAGES, page_size=page_size, records=records).split()

    assert said == [str(records), str(records), str(records), str(len(f"Mass{records} 00000")), "7"]


def test_without_its_settings_it_says_which(application):
    code = "import os; os.environ.clear()\nfrom {package} import accounts\naccounts.count()"
    with pytest.raises(AssertionError, match="Set SALES_SAMPLE_IS_URL and SALES_SAMPLE_IS_KEY"):
        application(code)


def test_the_lines_for_a_shell_can_be_pasted(sample_integration, sample_owner, live_server):
    definition = sample_integration.versions.first().definition
    address = f"{live_server.url}/api/{sample_integration.service_name}"
    shown = curl_examples(sample_integration.service_name, 1, address, definition)
    settings, *calls = [each.code for each in shown]
    lines = {each.title: each.code for each in shown[1:]}
    settings = settings.replace("…", key_for(sample_owner, sample_integration))

    def paste(code):
        command = f"{settings}\n{code} --write-out '\\n%{{http_code}}'"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body) if body else None

    status, made = paste(lines["Create"])
    assert status == 201
    assert list(lines) == ["Search", "Count", "Create", "Get", "Update", "Delete"]
    assert len(calls) == len(lines)
    for title, expected in {"Search": 200, "Count": 200, "Get": 200, "Update": 204, "Delete": 204}.items():
        assert paste(lines[title].replace("RECORD_ID", made["id"]))[0] == expected


def test_keys_files_and_related_records(wide_integrations, live_server, tmp_path):
    ana = Actor.person(User.objects.get(username=PEOPLE["ana"]))
    said = json.loads(installed(wide_integrations["Projects"], ana, live_server, tmp_path)(EVERYTHING))

    assert said[0] == [True, True, False]
    assert said[1] == "=1+1 \U0001f680"
    assert said[2][:4] == ["One", "12.3400", "1753-01-01", 1]
    assert said[2][4] is None
    assert said[3] == ["Röst & Co", ["One"]]
    assert said[4] == 0
