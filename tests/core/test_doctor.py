"""The doctor, as a person calls it: what it finds, what it advises, and that nothing can silence it."""

import os
import re
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from tests.broker_fixtures import ROOT

OWN = ("REDIS_URL", "DATABASE_URL", "CLOUD", "CLOUD_FILE", "ENTRA_CLIENT_ID", "ENTRA_CLIENT_SECRET")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A data folder with a database, and the environment that leads to it."""
    folder = tmp_path_factory.mktemp("doctor")
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    environment["ISTHMUS_DATA"] = str(folder)
    run(["migrate", "--verbosity", "0"], environment)
    return environment


def run(arguments, environment):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def findings(environment):
    """name → (state, text) of one visit, and the exit code."""
    done = run(["doctor", "--no-color"], environment)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if match := re.match(r"(ok|failed|skipped)\s+([^:]+): (.*)", line):
            found[match[2]] = (match[1], match[3])
    return found, done


@pytest.mark.services
def test_on_the_sandbox_it_finds_the_cloud_well(migrated, sandbox, redis_server):
    environment = migrated | {
        "CLOUD_FILE": str(sandbox.cloud_file),
        "ENTRA_CLIENT_ID": sandbox.front_app.client_id,
        "ENTRA_CLIENT_SECRET": sandbox.front_app.client_secret,
        "ENTRA_HOME_TENANT": sandbox.front_app.tenant_id,
        "REDIS_URL": redis_server,
    }
    found, done = findings(environment)
    well = ["database", "migrations", "keys", "broker", "Microsoft sign-in host", "Microsoft Graph host"]
    for name in [*well, "discovery host", "clock", "sign-in app"]:
        assert found[name][0] == "ok", done.stdout
    assert "accepts its credential" in found["sign-in app"][1]
    assert found["worker"][0] == found["beat"][0] == "failed"
    assert done.returncode == 1
    assert "make run" in done.stdout

    found, done = findings(environment | {"ENTRA_CLIENT_SECRET": "wrong-secret"})
    assert found["sign-in app"][0] == "failed"
    assert "credential" in found["sign-in app"][1]
    assert "wrong-secret" not in done.stdout + done.stderr


def test_with_everything_broken_it_still_says_what_and_how_to_mend(migrated, tmp_path):
    nowhere = tmp_path / "cloud.json"
    nowhere.write_text(
        '{"name": "sandbox", "label": "Sandbox", "login": "https://localhost:1", "graph": "https://localhost:1",'
        ' "discovery": "https://localhost:1", "origins": []}'
    )
    broken = {
        "DATABASE_URL": "postgres://nobody:hunter2@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CLOUD_FILE": str(nowhere),
    }
    found, done = findings(migrated | broken)
    assert {
        found[name][0] for name in ("database", "broker", "Microsoft sign-in host", "discovery host")
    } == {"failed"}
    assert {found[name][0] for name in ("migrations", "keys", "worker", "beat", "sign-in app")} == {"skipped"}
    assert done.stdout.count("→") >= 5
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr


def test_a_wrong_key_is_found_and_nothing_is_changed(migrated):
    found, done = findings(migrated | {"FIELD_ENCRYPTION_KEY": Fernet.generate_key().decode()})
    assert found["keys"][0] == "failed"
    assert "the key it was written with" in done.stdout
    assert findings(migrated)[0]["keys"][0] == "ok"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"FIELD_ENCRYPTION_KEY": "not a key"}, "FIELD_ENCRYPTION_KEY"),
        ({"ISTHMUS_ENV": "production"}, "ENTRA_CLIENT_ID"),
        ({"CLOUD": "moon"}, "moon"),
        ({"CLOUD_FILE": "/nowhere/cloud.json"}, "/nowhere/cloud.json"),
    ],
)
def test_settings_that_make_no_sense_are_the_finding(migrated, environment, said):
    done = run(["doctor"], migrated | environment)
    assert done.returncode == 1
    assert done.stdout.startswith("failed  settings:"), done.stderr
    assert said in done.stdout
    assert "Traceback" not in done.stderr
