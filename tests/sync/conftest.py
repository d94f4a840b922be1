"""Mirrors of the sandbox's tables; `smp_project` has a column of every type and few rows."""

import sqlite3
import uuid
from contextlib import closing

import pytest

from integrations.metadata.snapshot import choosable, chosen_entity
from microsoft.clouds import load_custom
from microsoft.dataverse import Dataverse
from microsoft.http import Door
from sync.columns import columns_of, mirrored
from sync.destinations import folder_of, own_database
from sync.destinations.parquet import ParquetStore
from sync.destinations.postgres import PostgresStore
from sync.destinations.sqlite import SqliteStore
from sync.engine.load import lend_a_hand, nobody
from sync.engine.mirror import Mirror, Wanted
from sync.engine.source import Source
from sync.engine.strategy import Strategy
from sync.services import setup
from tests.integrations.conftest import (  # noqa: F401
    connect_to,
    sample_integration,
    sample_owner,
    sample_rows,
    sample_team,
    world,
)
from tests.sandbox.dataverse.api import Api
from tests.sandbox_fixtures import sandbox  # noqa: F401  a World of this folder's own

# Mirrors lie in the tests' database, not in the one that it is made beside.
_OURS = pytest.mark.django_db(transaction=True)
POSTGRESQL = pytest.param("postgres", marks=[pytest.mark.services, pytest.mark.database("postgresql"), _OURS])


class Token:
    def __init__(self, value):
        self.value = value

    def token(self, _scope, *, claims=None):
        return self.value


@pytest.fixture(scope="session")
def api(sandbox):  # noqa: F811
    return Api(sandbox)


@pytest.fixture(scope="session")
def dataverse(api, sandbox):  # noqa: F811
    door = Door(load_custom(sandbox.cloud_file))
    yield Dataverse(door, api.environment.origin, Token(api.token))
    door.close()


@pytest.fixture(scope="session")
def project(dataverse):
    """The definition of smp_project, everything chosen."""
    found = dataverse.entity("smp_project")
    return chosen_entity(found, [each.logical_name for each in choosable(found)], {}, name="project")


class Bench:
    """One entity, one destination, and the way to compare them."""

    def __init__(self, dataverse, entity, store_of, page_size=4):
        self.dataverse, self.entity, self.store_of = dataverse, entity, store_of
        self.page_size, self.parallel, self.attempts = page_size, 1, 0
        self.strategy = Strategy.TRACKED

    @property
    def columns(self):
        return columns_of(self.entity, mirrored(self.entity), modified=True)

    def store(self):
        return self.store_of(self.entity.name, self.columns)

    def source(self):
        return Source(
            self.dataverse,
            self.entity.entity_set,
            self.entity.logical_name,
            self.entity.primary_id,
            page_size=self.page_size,
            parallel=lambda: self.parallel,
        )

    def run(
        self, report=lambda _state: None, *, recruit=lambda _state, _parts: None, living=nobody, **wanted
    ):
        self.attempts += 1
        store = self.store()
        options = {"strategy": self.strategy, "version": "1"} | wanted
        owner = f"test:{self.attempts}"
        try:
            return Mirror(self.source(), store, Wanted(**options), owner, report, recruit, living).run()
        finally:
            store.close()

    def help(self, load, owner="helper:1", report=lambda _rows: None, living=nobody):
        """What another worker does who was told of a load."""
        store = self.store()
        try:
            lend_a_hand(self.source(), store, owner, load=load, version="1", report=report, living=living)
        finally:
            store.close()


@pytest.fixture
def bench(dataverse, project, tmp_path):
    return Bench(
        dataverse, project, lambda table, columns: SqliteStore(tmp_path / "m.sqlite3", table, columns)
    )


@pytest.fixture(params=["sqlite", "parquet", POSTGRESQL])
def anywhere(request, dataverse, project, tmp_path):
    """A bench on each kind of SQL destination; PostgreSQL only where the tests have one."""
    if request.param == "sqlite":
        path = tmp_path / "m.sqlite3"
        return Bench(dataverse, project, lambda table, columns: SqliteStore(path, table, columns))
    if request.param == "parquet":
        return Bench(dataverse, project, lambda table, columns: ParquetStore(tmp_path / table, columns))
    url = own_database()
    schema = f"mirror_{uuid.uuid4().hex[:8]}"
    return Bench(dataverse, project, lambda table, columns: PostgresStore(url, schema, table, columns))


@pytest.fixture
def sync(sample_integration, sample_owner, settings, tmp_path):  # noqa: F811
    """A mirror of the sample, hourly, not run yet."""
    settings.DATA_DIR = tmp_path
    stage = sample_integration.bindings.get().stage
    plan = setup.Plan("Mirror", entities=["account", "contact"], interval=3600)
    return setup.create(sample_owner, sample_integration, stage, plan)


@pytest.fixture(scope="session")
def dev_api(sandbox):  # noqa: F811
    """The administrator in the environment that the sample is of."""
    return Api(sandbox, "contoso-dev")


@pytest.fixture
def mirror():
    """`mirror(sync, "account")`: what readers see of an entity, by id."""

    def rows(sync, logical_name):
        row = sync.entities.get(logical_name=logical_name.removesuffix("_view"))
        path = folder_of(sync) / "mirror.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            view = logical_name.endswith("_view")
            text = (
                f'SELECT * FROM "{row.table}_view"'
                if view
                else f'SELECT * FROM "{row.table}" WHERE _deleted_at IS NULL'
            )
            found = connection.execute(text)
            return {each["id"]: dict(each) for each in found}

    return rows
