"""What a mirror should hold, from the Web API's own answer; row by row and type by type."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import pyarrow.parquet as pq

from integrations.kinds import Kind
from sync.destinations.parquet import ParquetStore
from sync.destinations.postgres import PostgresStore
from sync.destinations.sqlite import SqliteStore

PREFER = {"Prefer": 'odata.include-annotations="*"'}
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def records(api, entity_set):
    """Everything that Dynamics has, by id."""
    found, link = {}, entity_set
    while link:
        answer = api.send("GET", link, headers=PREFER)
        assert answer.status_code == 200, answer.text
        page = _decode(answer.content)
        key = f"{entity_set.removesuffix('s')}id"
        found |= {row[key]: row for row in page["value"]}
        link = page.get("@odata.nextLink")
    return found


def rows_of(store):
    """What readers see, by id; deleted rows left out."""
    if isinstance(store, ParquetStore):
        found = store.rows().drop_columns(["_synced_at", "_deleted_at"]).to_pylist()
        assert len({row["id"] for row in found}) == len(found), "every id once"
        return {row["id"]: row for row in found}
    names = [each.name for each in store.columns]
    listed = ", ".join(store.names)
    found = store.execute(f"SELECT {listed} FROM {store.target} WHERE _deleted_at IS NULL").fetchall()
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in found}


def deleted_in(bench):
    """The ids of rows that are marked as deleted."""
    store = bench.store()
    if isinstance(store, ParquetStore):
        newest = json.loads((store.folder / "manifest.json").read_text())["files"]
        files = [pq.read_table(store.folder / name) for name in newest]
        return [row["id"] for table in files for row in table.to_pylist() if row["_deleted_at"]]
    found = store.execute(f"SELECT id FROM {store.target} WHERE _deleted_at IS NOT NULL").fetchall()
    store.close()
    return [str(key) for (key,) in found]


def assert_mirrors(bench, api):
    """The mirror shows exactly what Dynamics has now."""
    store = bench.store()
    try:
        there, here = records(api, bench.entity.entity_set), rows_of(store)
        assert here.keys() == there.keys()
        kinds = _KINDS[type(store)]
        for key, row in here.items():
            for column in store.columns:
                raw = there[key].get(column.key)
                typed = kinds.get(column.kind) if raw is not None and column.part == "value" else None
                wanted = typed(raw) if typed else raw
                assert (type(row[column.name]), row[column.name]) == (type(wanted), wanted), (
                    key,
                    column,
                    row[column.name],
                    wanted,
                )
        assert not _staged(store), "the staging area is gone after a run"
    finally:
        store.close()


def _staged(store):
    if isinstance(store, ParquetStore):
        return store.staged.exists()
    return [name for name in ("_stage_", "_gone_") if store.exists(f"{name}{store.table}")]


_SQLITE = {
    Kind.DECIMAL: str,
    Kind.MONEY: str,
    Kind.FLOAT: float,
    Kind.BOOLEAN: int,
    Kind.CHOICES: lambda raw: f"[{raw}]",
    Kind.CLOCK: lambda raw: raw.rstrip("Z"),
}
_POSTGRES = {
    Kind.FLOAT: float,
    Kind.DECIMAL: Decimal,
    Kind.MONEY: Decimal,
    Kind.CHOICES: lambda raw: [int(part) for part in raw.split(",")],
    Kind.DATE: date.fromisoformat,
    Kind.INSTANT: lambda raw: datetime.fromisoformat(raw).astimezone(UTC),
    Kind.CLOCK: lambda raw: datetime.fromisoformat(raw).replace(tzinfo=None),
    Kind.ID: UUID,
    Kind.LOOKUP: UUID,
}
_PARQUET = {**_POSTGRES, Kind.ID: str, Kind.LOOKUP: str}
_KINDS = {SqliteStore: _SQLITE, PostgresStore: _POSTGRES, ParquetStore: _PARQUET}
