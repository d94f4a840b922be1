"""The first start of an environment: metadata, tables, ground, data, indexes, in one transaction."""

import sqlite3

from sandbox.dataverse.metadata.build import build_all
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.storage import SYSTEM_TABLES, create_indexes, create_table, create_view
from sandbox.scenarios import cache
from sandbox.scenarios.ground import lay_ground
from sandbox.scenarios.large import LargeScenario, extra_tables
from sandbox.scenarios.loader import Loader
from sandbox.scenarios.sales import SalesScenario
from sandbox.scenarios.small import SmallScenario
from sandbox.schema.standard import CHOICES, MANY, TABLES

Chosen = type[SmallScenario | SalesScenario | LargeScenario] | None
SCENARIOS: dict[str, Chosen] = {
    "empty": None,
    "small": SmallScenario,
    "sales": SalesScenario,
    "large": LargeScenario,
}
# The one environment that is large; a sandbox has several, and one is enough.
LARGE_ENVIRONMENT = "contoso"


def is_ready(connection: sqlite3.Connection) -> bool:
    """Has the environment been set up already?"""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'system$setting'").fetchone()
    if not found:
        return False
    return (
        connection.execute("SELECT 1 FROM \"system$setting\" WHERE name = 'scenario'").fetchone() is not None
    )


def set_up(organization: Organization, scenario: str) -> None:
    """Create everything unless it is there. Raises ValueError for an unknown scenario."""
    if scenario not in SCENARIOS:
        raise ValueError(f"Unknown scenario {scenario!r}; there are {', '.join(SCENARIOS)}.")
    if is_ready(organization.read()):
        return
    if scenario == "large" and organization.environment.unique_name == LARGE_ENVIRONMENT:
        cache.provide(organization, lambda draft: _build(draft, scenario, LargeScenario))
    else:
        _build(organization, scenario, SmallScenario if scenario == "large" else SCENARIOS[scenario])
    # All of it went through the journal, which would otherwise stay as long as the file itself.
    organization.read().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    organization.callers.changed()


def _build(organization: Organization, scenario: str, chosen: Chosen) -> None:
    organization.metadata.create()
    with organization.write() as connection:
        if is_ready(connection):  # another thread was faster
            return
        for statement in filter(str.strip, SYSTEM_TABLES.split(";")):
            connection.execute(statement)
        extra = extra_tables() if chosen is LargeScenario else []
        organization.metadata.save(build_all([*TABLES, *extra], MANY, CHOICES))
        snapshot = organization.metadata.reload()
        tables = [entity for entity in snapshot.entities.values() if not entity.table.is_view]
        for entity in tables:
            create_table(connection, entity)
        for entity in snapshot.entities.values():
            if entity.table.is_view:
                create_view(connection, entity, snapshot)
        _fill(organization, connection, chosen)
        for entity in tables:
            create_indexes(connection, entity)
        connection.execute("INSERT INTO \"system$setting\" VALUES ('scenario', ?)", (scenario,))


def _fill(
    organization: Organization,
    connection: sqlite3.Connection,
    chosen: Chosen,
) -> None:
    environment = organization.environment
    loader = Loader(connection, organization.snapshot, environment.unique_name, organization.clock.now())
    people = organization.directory.people(environment.tenant_id)
    if chosen is None:
        lay_ground(loader, environment, people)
        return
    ground = lay_ground(loader, environment, people, chosen.units, chosen.colleagues)
    chosen(loader, ground).load()
