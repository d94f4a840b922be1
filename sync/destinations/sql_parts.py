"""The parts of a full reading in a SQL destination: a row for each, moved in the transaction that keeps its rows.

The row is the fence. Whoever moves it must still be its owner, and holds its lock until the rows are committed; so
workers write different parts side by side, and one whose part was taken over writes nothing.
"""
# Identifiers are quoted, values are parameters.
# ruff: noqa: S608

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from sync.columns import ID
from sync.destinations.base import Fenced, Store
from sync.destinations.quoting import quoted
from sync.state import Part

PARTS = "_parts"
DEFINITION = """entity varchar(120) NOT NULL, load varchar(40) NOT NULL, position integer NOT NULL,
    owner varchar(120) NOT NULL, filter text NOT NULL, link text NOT NULL, token text NOT NULL, latest text NOT NULL,
    read bigint NOT NULL, done integer NOT NULL, PRIMARY KEY (entity, position)"""


_FIELDS = ", ".join(map(quoted, Part.__struct_fields__))
_MOVED = ("link", "token", "latest", "read", "done")


class SqlParts(Store):
    """What it takes of a SQL destination: `table` is the entity's name, `mark` stands for a parameter."""

    table: str
    stage: str
    gone: str
    mark: str

    @abstractmethod
    def named(self, table: str) -> str:
        """The quoted name of a table of this sync."""

    @abstractmethod
    def execute(self, text: str, *values: Any) -> Any:
        """A statement; the cursor. Raises DestinationLost."""

    @abstractmethod
    def transaction(self, *, alone: bool = True) -> AbstractContextManager[None]:
        """All or nothing; `alone` among the writers of this mirror who ask for that."""

    @abstractmethod
    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows into the staging table; once it has its key, the later one of an id wins."""

    def parts(self, load: str) -> list[Part]:
        found = self.execute(
            f"SELECT {_FIELDS} FROM {self.named(PARTS)} WHERE entity = {self.mark} AND load = {self.mark}"
            " ORDER BY position",
            self.table,
            load,
        )
        return [
            msgspec.convert(dict(zip(Part.__struct_fields__, row, strict=True)), Part, strict=False)
            for row in found.fetchall()
        ]

    def read_so_far(self, load: str) -> int:
        found = self.execute(
            f"SELECT sum(read) FROM {self.named(PARTS)} WHERE entity = {self.mark} AND load = {self.mark}",
            self.table,
            load,
        )
        return int(found.fetchone()[0] or 0)

    def claim(self, part: Part, owner: str) -> bool:
        with self.transaction(alone=False):
            return bool(self._update(part, {"owner": owner}))

    def keep(self, part: Part, rows: Sequence[tuple[Any, ...]], gone: Sequence[str]) -> None:
        with self.transaction(alone=False):
            self._move(part)
            if rows:
                self.insert(rows)
            self._take_out(gone)

    def _lay_out(self, parts: Sequence[Part]) -> None:
        marks = ", ".join([self.mark] * (1 + len(Part.__struct_fields__)))
        for part in parts:
            values = [*msgspec.structs.astuple(part)[:-1], int(part.done)]
            self.execute(
                f"INSERT INTO {self.named(PARTS)} (entity, {_FIELDS}) VALUES ({marks})", self.table, *values
            )

    def _clear_parts(self) -> None:
        self.execute(f"DELETE FROM {self.named(PARTS)} WHERE entity = {self.mark}", self.table)

    def _move(self, part: Part) -> None:
        told = {name: getattr(part, name) for name in _MOVED} | {"done": int(part.done)}
        if not self._update(part, told):
            raise Fenced

    def _update(self, part: Part, values: dict[str, Any]) -> int:
        """How many rows were this part, unfinished and still in the hands of its owner."""
        sets = ", ".join(f"{quoted(name)} = {self.mark}" for name in values)
        conditions = " AND ".join(
            f"{quoted(name)} = {self.mark}" for name in ("entity", "load", "position", "owner")
        )
        return int(
            self.execute(
                f"UPDATE {self.named(PARTS)} SET {sets} WHERE {conditions} AND done = 0",
                *values.values(),
                self.table,
                part.load,
                part.position,
                part.owner,
            ).rowcount
        )

    def _take_out(self, gone: Sequence[str]) -> None:
        for each in gone:
            self.execute(f"DELETE FROM {self.stage} WHERE {ID} = {self.mark}", each)
            self.execute(f"INSERT INTO {self.gone} ({ID}) VALUES ({self.mark}) ON CONFLICT DO NOTHING", each)
