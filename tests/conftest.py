"""Fixtures that every test may use."""

import os
import tempfile

import django

# Tests never touch the data folder of the checkout. This stands before Django reads its settings, which is why
# pytest-django finds no DJANGO_SETTINGS_MODULE in pyproject.toml: it would read them before this file.
os.environ.setdefault("ISTHMUS_DATA", tempfile.mkdtemp(prefix="isthmus-test-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
_process = os.environ.get("PYTEST_XDIST_WORKER", "")
if given := os.environ.get("ISTHMUS_TEST_REDIS", os.environ.get("REDIS_URL", "")):
    # A server that is there already: each test process gets a database of its own in it.
    os.environ["ISTHMUS_TEST_REDIS"] = given
    os.environ["REDIS_URL"] = f"{given.rsplit('/', 1)[0]}/{int(_process.removeprefix('gw') or 0) + 1}"
else:
    os.environ["REDIS_URL"] = f"unix://{os.environ['ISTHMUS_DATA']}/valkey{_process}.sock"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402

if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: threads, and worker processes that a test starts, must see the same rows.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")

pytest_plugins = ["tests.broker_fixtures", "tests.chromium_fixtures", "tests.sandbox_fixtures"]
