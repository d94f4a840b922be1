"""Rows to Arrow tables and files, and back into the present columns."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from integrations.kinds import Kind
from sync.columns import Column

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what it has had
ROWS_PER_FILE = 100_000
MOMENT = pa.timestamp("us", tz="UTC")
EXACT = pa.decimal128(38, 10)  # Dynamics keeps at most ten digits after the point
TYPES: dict[Kind, pa.DataType] = {
    Kind.INTEGER: pa.int64(),
    Kind.CHOICE: pa.int32(),
    Kind.CHOICES: pa.list_(pa.int32()),
    Kind.BOOLEAN: pa.bool_(),
    Kind.FLOAT: pa.float64(),
    Kind.DECIMAL: EXACT,
    Kind.MONEY: EXACT,
    Kind.DATE: pa.date32(),
    Kind.INSTANT: MOMENT,
    Kind.CLOCK: pa.timestamp("us"),
}
WIRE: dict[Kind, Any] = {
    Kind.INTEGER: int,
    Kind.CHOICE: int,
    Kind.BOOLEAN: bool,
    Kind.FLOAT: float,
    Kind.DECIMAL: Decimal,
    Kind.MONEY: Decimal,
}
TECHNICAL = [pa.field("_synced_at", MOMENT), pa.field("_deleted_at", MOMENT)]


def schema_of(columns: Iterable[tuple[str, str]]) -> pa.Schema:
    """The schema for (name, kind) pairs, with the moments that every mirror has."""
    return pa.schema(
        [*(pa.field(name, TYPES.get(Kind(kind), pa.string())) for name, kind in columns), *TECHNICAL]
    )


def table_of(
    rows: Sequence[tuple[Any, ...]], columns: Sequence[Column], schema: pa.Schema, moment: datetime
) -> pa.Table:
    """Decoded rows as a table; columns of the schema that are no longer read are empty."""
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    filled = {each.name: _array(each, list(column)) for each, column in zip(columns, values, strict=True)}
    filled["_synced_at"] = pa.array([moment] * len(rows), MOMENT)
    empty = {field.name: pa.nulls(len(rows), field.type) for field in schema if field.name not in filled}
    return pa.table([{**empty, **filled}[field.name] for field in schema], schema=schema)


def _array(column: Column, values: list[Any]) -> pa.Array:
    kind = column.kind
    if column.part != "value":
        return pa.array(values, pa.string())
    if kind is Kind.CHOICES:
        values = [None if text is None else [int(part) for part in text.split(",")] for text in values]
    elif kind is Kind.DATE:
        return pa.array([text and text[:10] for text in values], pa.string()).cast(pa.date32())
    elif kind is Kind.INSTANT:
        return pa.array(values, pa.string()).cast(MOMENT)
    elif kind is Kind.CLOCK:
        return pa.array([text and text.rstrip("Z") for text in values], pa.string()).cast(pa.timestamp("us"))
    return pa.array(values, TYPES.get(kind, pa.string()))


def read(path: Path, schema: pa.Schema) -> pa.Table:
    """A file in the present columns: new ones are empty, those of another kind are converted."""
    table = pq.read_table(path, use_threads=False, pre_buffer=False)
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(len(table), field.type))
        elif table.schema.field(field.name).type == field.type:
            columns.append(table[field.name])
        else:
            columns.append(table[field.name].cast(pa.string()).cast(field.type))
    return pa.table(columns, schema=schema)


class Writer:
    """Writes tables into files of at most ROWS_PER_FILE rows, named by a prefix and a number."""

    def __init__(self, folder: Path, prefix: str, schema: pa.Schema) -> None:
        self.files: list[str] = []
        self._folder, self._prefix, self.schema = folder, prefix, schema
        self._open: pq.ParquetWriter | None = None
        self._held = 0

    def add(self, table: pa.Table) -> None:
        if not len(table):
            return
        if self._open is None or self._held + len(table) > ROWS_PER_FILE:
            self.close()
            name = f"{self._prefix}-{len(self.files):05}.parquet"
            self._open, self._held = (
                pq.ParquetWriter(self._folder / name, self.schema, compression="zstd"),
                0,
            )
            self.files.append(name)
        self._open.write_table(table)
        self._held += len(table)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
