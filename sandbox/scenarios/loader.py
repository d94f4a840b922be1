"""Rows by the thousand, past the wire but complete: defaults, owners, currencies, names and versions."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.records.computed import fill_names, first_state
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.decimals import store_decimal, store_money
from sandbox.dataverse.storage import next_version, quoted, type_column

NAMESPACE = uuid.UUID("0d8f3f1e-91a5-4a44-9a0c-5d0c3f2f7b21")


@dataclass(frozen=True)
class Owner:
    """Somebody rows can belong to."""

    id: str
    kind: str
    unit: str


class Loader:
    """Fills the tables of one environment inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, snapshot: Snapshot, name: str, now: datetime) -> None:
        self.connection = connection
        self.snapshot = snapshot
        self.name = name
        self.now = store_moment(now)
        self.author = ""
        self.organization = ""
        self.currency = ""

    def id(self, *parts: object) -> str:
        """The same thing has the same id in every run, and another one in every environment."""
        return str(uuid.uuid5(NAMESPACE, "/".join((self.name, *map(str, parts)))))

    def _template(self, entity: Entity) -> dict[str, Any]:
        template: dict[str, Any] = {c.name: c.default for c in entity.stored if c.default is not None}
        columns = entity.columns
        if entity.table.is_activity:
            template["activitytypecode"] = entity.name
        for name in ("createdon", "modifiedon"):
            if name in columns:
                template[name] = self.now
        for name in ("createdby", "modifiedby"):
            if name in columns:
                template[name] = self.author
        if "organizationid" in columns and entity.id != "organizationid":
            template["organizationid"] = self.organization
        if "statecode" in columns:
            states = self.snapshot.options(columns["statecode"].choice or "")
            template["statecode"] = first_state(states)
            template["statuscode"] = states[template["statecode"]].default_status
        if "exchangerate" in columns and entity.name != "transactioncurrency":
            template["transactioncurrencyid"] = self.currency
            template["exchangerate"] = store_decimal(Decimal(1))
        return template

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert rows given by column; amounts as Decimal, lookups as ids, an owner under `ownerid`."""
        entity = self.snapshot.entities[table]
        template = self._template(entity)
        complete = [self._complete(entity, template, row) for row in rows]
        if not complete:
            return
        if "versionnumber" in entity.columns:
            first = next_version(self.connection, len(complete))
            for at, row in enumerate(complete):
                row["versionnumber"] = first + at
        names = list(dict.fromkeys(name for row in complete for name in row))
        listed, marks = ", ".join(map(quoted, names)), ", ".join("?" * len(names))
        self.connection.executemany(
            f"INSERT INTO {quoted(table)} ({listed}) VALUES ({marks})",
            [[row.get(name) for name in names] for row in complete],
        )

    def _complete(self, entity: Entity, template: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
        row = {**template, **given}
        for name, value in given.items():
            if isinstance(value, Decimal):
                is_money = entity.columns[name].kind == "Money"
                row[name] = store_money(value) if is_money else store_decimal(value)
                if is_money and f"{name}_base" in entity.columns:
                    row[f"{name}_base"] = row[name]
        owner = row.get("ownerid")
        if isinstance(owner, Owner):
            row["ownerid"], row[type_column("ownerid")] = owner.id, owner.kind
            row["owninguser" if owner.kind == "systemuser" else "owningteam"] = owner.id
            row["owningbusinessunit"] = owner.unit
        fill_names(entity, row)
        return row
