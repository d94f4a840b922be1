"""What one request needs to read and write rows: its snapshot, its caller, its connection."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.query.compiler import Compiler
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.plan import Planner
from sandbox.dataverse.security.access import Access
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.preferences import Preferences


@dataclass
class Session:
    """Lives as long as one request or one part of a batch."""

    organization: Organization
    snapshot: Snapshot
    access: Access
    preferences: Preferences
    base: str
    # What $1 and the like stand for in a changeset: relative addresses.
    references: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def compiler(self) -> Compiler:
        return Compiler(self.snapshot, self.access, self.access.viewpoint)

    @property
    def connection(self) -> sqlite3.Connection:
        return self.organization.read()

    def rows(self, statement: Sql) -> list[tuple[Any, ...]]:
        """All rows as plain tuples."""
        cursor = self.connection.cursor()
        cursor.row_factory = None
        return cursor.execute(statement.text, statement.params).fetchall()

    def record(self, entity: Entity, record_id: str) -> sqlite3.Row | None:
        """The whole stored row, whoever asks."""
        row: sqlite3.Row | None = self.connection.execute(
            f"SELECT * FROM {quoted(entity.name)} WHERE {quoted(entity.id)} = ?", (record_id,)
        ).fetchone()
        return row

    @cached_property
    def planner(self) -> Planner:
        return Planner(
            self.snapshot,
            self.compiler,
            self.preferences,
            lambda: self.currencies,
            lambda: self.base_currency,
            self.base,
        )

    @cached_property
    def currencies(self) -> dict[str, tuple[str, int]]:
        """Symbol and precision by currency id."""
        rows = self.rows(
            Sql("SELECT transactioncurrencyid, currencysymbol, currencyprecision FROM transactioncurrency")
        )
        return {key: (symbol, places) for key, symbol, places in rows}

    @cached_property
    def base_currency(self) -> str:
        """The id of the organisation's own currency."""
        rows = self.rows(Sql("SELECT basecurrencyid FROM organization"))
        return rows[0][0] if rows else ""

    def behind(self, entity: Entity, row: sqlite3.Row, verb: str) -> Entity:
        """The table in which a row of a pseudo-table really is. Raises 405 where only reading makes sense."""
        if entity.name != "activitypointer":
            message = f"The '{verb}' method does not support entities of type '{entity.name}'."
            raise ApiError("NotSupported", message)
        return self.entity(row["activitytypecode"])

    def entity(self, name: str) -> Entity:
        return self.snapshot.entities[name]
