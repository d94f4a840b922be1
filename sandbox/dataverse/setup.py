"""The first start of an environment: metadata, tables, ground, data, indexes, in one transaction."""

import sqlite3

from sandbox.dataverse.metadata.build import build_all
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.storage import SYSTEM_TABLES, create_indexes, create_table, create_view
from sandbox.scenarios.ground import lay_ground
from sandbox.scenarios.loader import Loader
from sandbox.scenarios.small import SmallScenario
from sandbox.schema.standard import CHOICES, MANY, TABLES

SCENARIOS = {"empty": None, "small": SmallScenario}


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
    organization.metadata.create()
    with organization.write() as connection:
        if is_ready(connection):  # another thread was faster
            return
        for statement in filter(str.strip, SYSTEM_TABLES.split(";")):
            connection.execute(statement)
        organization.metadata.save(build_all(TABLES, MANY, CHOICES))
        snapshot = organization.metadata.reload()
        tables = [entity for entity in snapshot.entities.values() if not entity.table.is_view]
        for entity in tables:
            create_table(connection, entity)
        for entity in snapshot.entities.values():
            if entity.table.is_view:
                create_view(connection, entity, snapshot)
        _fill(organization, connection, scenario)
        for entity in snapshot.entities.values():
            create_indexes(connection, entity)
        connection.execute("INSERT INTO \"system$setting\" VALUES ('scenario', ?)", (scenario,))
    organization.callers.changed()


def _fill(organization: Organization, connection: sqlite3.Connection, scenario: str) -> None:
    environment = organization.environment
    loader = Loader(connection, organization.snapshot, environment.unique_name, organization.clock.now())
    people = organization.directory.people(environment.tenant_id)
    ground = lay_ground(loader, environment, people)
    chosen = SCENARIOS[scenario]
    if chosen is not None:
        chosen(loader, ground).load()
