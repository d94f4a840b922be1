"""What the database holds, set aside once and put back for every test.

Django flushes and loads row by row, through its signals: a tenth of a second for each test. In SQLite's file
the rows of another file are there with one statement a table.
"""

from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

OURS = ("accounts", "jobs", "connections", "integrations")


class Kept:
    """Every row of the moment, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with connection.cursor() as cursor:
            self.tables = connection.introspection.table_names(cursor)
            if connection.vendor == "sqlite":
                cursor.execute("VACUUM INTO %s", [str(path)])
            else:
                path.write_text(_as_json())

    def put_back(self) -> None:
        """The database holds them again, and no others; elsewhere than in SQLite it has to be empty."""
        if connection.vendor != "sqlite":
            call_command("loaddata", self.path, verbosity=0)
            return
        with connection.cursor() as cursor:
            cursor.execute("ATTACH %s AS kept", [str(self.path)])
            try:
                self._copy(cursor)
            finally:
                cursor.execute("DETACH kept")

    def _copy(self, cursor) -> None:
        with connection.constraint_checks_disabled(), transaction.atomic():
            for table in self.tables:
                cursor.execute(f'DELETE FROM main."{table}"')
                cursor.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')


def _as_json() -> str:
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return serializers.serialize("json", [row for model in models for row in model._base_manager.all()])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory):
    """As pytest-django's; after a test that commits, the database is put back instead of flushed."""
    if connection.vendor != "sqlite":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            nothing = Kept(tmp_path_factory.mktemp("nothing") / "kept.json")
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: nothing.put_back())
        yield
