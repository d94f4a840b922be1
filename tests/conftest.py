"""What stands before every test: where its data is, and which broker is its own."""

import gc
import os
import tempfile
from functools import partial

import django
import jwt.algorithms
import pytest

SETTINGS = "DJANGO_SETTINGS_MODULE"


def _redis_url(process: str) -> str:
    """The server that ISTHMUS_TEST_REDIS or REDIS_URL names, else a socket for a private one; one per process."""
    given = os.environ.setdefault("ISTHMUS_TEST_REDIS", os.environ.get("REDIS_URL", ""))
    if given:
        return f"{given.rsplit('/', 1)[0]}/{int(process.removeprefix('gw') or 0) + 1}"
    return f"unix://{os.environ['ISTHMUS_DATA']}/valkey{process}.sock"


# Modules and tests make far more objects than they make circles of them to collect.
gc.set_threshold(50_000, 10, 10)

# Tests never touch the data folder of the checkout. All this has to stand before Django reads its settings. A
# DJANGO_SETTINGS_MODULE in pyproject.toml, or one that test processes inherit, would make pytest-django read
# them before this file; therefore it is hidden again until those processes have been started.
os.environ.setdefault("ISTHMUS_DATA", tempfile.mkdtemp(prefix="isthmus-test-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["REDIS_URL"] = _redis_url(os.environ.get("PYTEST_XDIST_WORKER", ""))
os.environ[SETTINGS] = "config.settings"
django.setup()
del os.environ[SETTINGS]

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: threads, and worker processes that a test starts, must see the same rows.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")

# Every browser of a test builds the middleware anew, which lists all static files unless they are found when asked for.
settings.WHITENOISE_AUTOREFRESH = True
# Each assertion loads the connection's key. Its primes were proven when it was made; again takes longer than a request.
jwt.algorithms.load_pem_private_key = partial(
    jwt.algorithms.load_pem_private_key, unsafe_skip_rsa_key_validation=True
)

pytest_plugins = [
    "tests.broker_fixtures",
    "tests.chromium_fixtures",
    "tests.database_fixtures",
    "tests.sandbox_fixtures",
]


def pytest_collection() -> None:
    """By now the test processes run: commands that tests start may inherit the settings' name again."""
    os.environ[SETTINGS] = "config.settings"


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: nobody needs to look through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another database than the one that the tests have.

    What shares a module shares its fixtures, so one process runs it, unless a mark brings more together.
    """
    vendor = connection.vendor

    def elsewhere(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("database")
        return marker is not None and marker.args[0] != vendor

    config.hook.pytest_deselected(items=[item for item in items if elsewhere(item)])
    items[:] = [item for item in items if not elsewhere(item)]
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.location[0]))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Texts of many thousand letters are among what is tried; names of tests are for reading."""
    return f"{val[:40]!s}...{len(val)}" if isinstance(val, str | bytes) and len(val) > 80 else None
