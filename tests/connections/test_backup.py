"""A backup made while Isthmus runs, as docs/operations.md says, is brought up elsewhere and works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as configured
from django.db import connection as database

from connections.services import lifecycle

pytestmark = pytest.mark.services
ROOT = Path(__file__).resolve().parents[2]


def run(*command, **environment):
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class Sqlite:
    def __init__(self, folder):
        self.name = str(database.settings_dict["NAME"])
        self.copy = folder / "backup.sqlite3"
        self.url = f"sqlite:///{folder / 'restored.sqlite3'}"

    def back_up(self):
        done = run("sqlite3", self.name, f"VACUUM INTO '{self.copy}'")
        assert done.returncode == 0, done.stderr

    def restore(self):
        shutil.copy(self.copy, self.url.removeprefix("sqlite:///"))


class Postgres:
    def __init__(self, folder):
        self.server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
        self.name = database.settings_dict["NAME"]
        self.copy = folder / "backup.dump"
        self.url = f"{self.server}/{self.name}_restored"

    def back_up(self):
        done = run("pg_dump", "--format=custom", f"--file={self.copy}", f"{self.server}/{self.name}")
        assert done.returncode == 0, done.stderr

    def restore(self):
        for command in (
            f"DROP DATABASE IF EXISTS {self.name}_restored",
            f"CREATE DATABASE {self.name}_restored",
        ):
            with database.cursor() as cursor:
                cursor.execute(command)
        done = run("pg_restore", "--no-owner", f"--dbname={self.url}", str(self.copy))
        assert done.returncode == 0, done.stderr


@pytest.fixture
def store(tmp_path):
    tool = "sqlite3" if database.vendor == "sqlite" else "pg_dump"
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed here")
    yield (store := Sqlite(tmp_path) if database.vendor == "sqlite" else Postgres(tmp_path))
    if isinstance(store, Postgres):
        with database.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {store.name}_restored")


def test_what_was_backed_up_is_whole_and_works_with_its_key_alone(world, ana, connection, store):
    key = ",".join(configured.FIELD_ENCRYPTION_KEY)

    def manage(*arguments, key=key):
        return run(
            sys.executable,
            "manage.py",
            *arguments,
            DATABASE_URL=store.url,
            FIELD_ENCRYPTION_KEY=key,
            CLOUD_FILE=str(world.cloud_file),
            DJANGO_SETTINGS_MODULE="config.settings",
        )

    store.back_up()
    lifecycle.rename(ana, connection, "Renamed after the backup", connection.revision)
    store.restore()

    refused = manage("connections", "check", key=Fernet.generate_key().decode())
    assert refused.returncode != 0
    assert "is not the key this database was written with" in refused.stderr

    migrated = manage("migrate", "--verbosity=0")
    assert migrated.returncode == 0, migrated.stderr
    checked = manage("connections", "check")
    assert "Sales (Development): every link holds" in checked.stdout, checked.stderr
    verified = manage("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
