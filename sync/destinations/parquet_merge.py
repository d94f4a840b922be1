"""From the files of the state before and the staged pages to the files of the next state."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from sync.columns import ID
from sync.destinations.base import Counts
from sync.destinations.parquet_files import MOMENT, ROWS_PER_FILE, Writer

Load = Callable[[], pa.Table]
COMPARED = 50_000  # up to so many changed rows are compared with what was there; more count as changed
SMALL = ROWS_PER_FILE // 10
MANY = 12  # small files; beyond it they are written together
_IGNORED = ("_synced_at", "_deleted_at")


class Merge:
    """One publication. `fresh` pages hold ids once, `later` ones win over them; `moment` marks deleted rows,
    None removes them. `stamp` names the column with the moment of a row's last change. Both ways give the counts, the files of the next state and its number of living rows.
    """

    def __init__(
        self,
        *,
        fresh: Sequence[Load],
        later: Sequence[pa.Table],
        gone: set[str],
        before: Mapping[str, Load],
        writer: Writer,
        moment: datetime | None,
        stamp: str | None,
    ) -> None:
        self.stamp = stamp
        self.facts = [ID] if stamp is None else [ID, stamp]
        self.fresh, self.before, self.writer, self.moment = fresh, before, writer, moment
        self.later = _last_of_each(later)
        written = set(self.later[ID].to_pylist()) if self.later is not None else set()
        self.gone = gone - written if self.later is not None else gone

    def full(self) -> tuple[Counts, list[str]]:
        """The staged rows are all there are."""
        replaced = _ids([*self.gone, *([] if self.later is None else self.later[ID].to_pylist())])
        taken: list[pa.Table] = []
        for load in self.fresh:
            table = load()
            self._take(table.filter(pc.invert(pc.is_in(table[ID], replaced))), taken)
        if self.later is not None:
            self._take(self.later, taken)
        if not taken:
            taken = [self.writer.schema.empty_table()]
        now = pa.concat_tables(taken)
        known, changed, deleted = 0, 0, 0
        for load in self.before.values():
            table = load()
            here = pc.is_in(table[ID], now[ID].combine_chunks())
            living = pc.is_null(table["_deleted_at"])
            known += _true(pc.and_(here, living))
            changed += self._moved(table.filter(pc.and_(here, living)), now)
            deleted += _true(pc.and_(pc.invert(here), living))
            self._bury(table.filter(pc.invert(here)))
        self.writer.close()
        return Counts(len(now) - known, changed, deleted, len(now)), self.writer.files

    def changes(self, rows: int) -> tuple[Counts, list[str]]:
        """Only what changed is staged; files without any of it stay as they are."""
        later = self.later
        touched = _ids([*self.gone, *([] if later is None else later[ID].to_pylist())])
        gone = _ids(list(self.gone))
        kept: list[tuple[str, int]] = []
        same: set[str] = set()
        known = deleted = 0
        for name, load in self.before.items():
            table = load()
            hit = pc.is_in(table[ID], touched)
            if not _true(hit):
                kept.append((name, len(table)))
                continue
            living = pc.is_null(table["_deleted_at"])
            leaving = pc.and_(pc.is_in(table[ID], gone), living)
            deleted += _true(leaving)
            known += _true(pc.and_(hit, living)) - _true(leaving)
            same |= self._unchanged(table.filter(pc.and_(hit, living)))
            stays = pc.or_(
                pc.invert(hit), pc.or_(pc.is_in(table[ID], _ids(list(same))), self._dead(table, gone))
            )
            self.writer.add(table.filter(stays))
            self._bury(table.filter(leaving))
        added = changed = 0
        if later is not None:
            fresh = later.filter(pc.invert(pc.is_in(later[ID], _ids(list(same)))))
            changed = known - len(same)
            added = len(fresh) - changed
            self.writer.add(fresh)
        files = self._together(kept)
        self.writer.close()
        counts = Counts(added, changed, deleted, rows + added - deleted)
        return counts, [*files, *self.writer.files]

    def _take(self, table: pa.Table, taken: list[pa.Table]) -> None:
        """Write, and hold what the comparison with the state before takes."""
        self.writer.add(table)
        taken.append(table)
        if not self.before or sum(map(len, taken)) > COMPARED:
            taken[:] = [each.select(self.facts) for each in taken]

    def _moved(self, before: pa.Table, now: pa.Table) -> int:
        """How many are not what they were. Of large tables, which would fill the memory, only the moments count."""
        if len(now) <= COMPARED:
            return len(before) - len(_alike(before, now))
        if self.stamp is None:
            return 0
        both = before.select(self.facts).join(now, ID, join_type="inner", right_suffix="_now")
        return _true(pc.not_equal(both[self.stamp], both[f"{self.stamp}_now"]))

    def _bury(self, table: pa.Table) -> None:
        """Rows that are no longer there stay, marked, where that is wanted."""
        if self.moment is None or not len(table):
            return
        marked = pc.coalesce(table["_deleted_at"], pa.scalar(self.moment, MOMENT))
        at = table.column_names.index("_deleted_at")
        self.writer.add(table.set_column(at, table.schema.field(at), marked))

    def _dead(self, table: pa.Table, gone: pa.Array) -> pa.ChunkedArray:
        """Rows marked before, and not come back."""
        return pc.and_(pc.is_valid(table["_deleted_at"]), pc.is_in(table[ID], gone))

    def _unchanged(self, table: pa.Table) -> set[str]:
        if self.later is None or len(self.later) > COMPARED:
            return set()
        return _alike(table, self.later)

    def _together(self, kept: list[tuple[str, int]]) -> list[str]:
        small = [name for name, rows in kept if rows < SMALL]
        if len(small) <= MANY:
            return [name for name, _ in kept]
        for name in small:
            self.writer.add(self.before[name]())
        return [name for name, _ in kept if name not in small]


def _last_of_each(tables: Sequence[pa.Table]) -> pa.Table | None:
    """The rows of all tables, of each id only the last one."""
    if not tables:
        return None
    joined = pa.concat_tables(tables)
    place = {key: at for at, key in enumerate(joined[ID].to_pylist())}
    return joined if len(place) == len(joined) else joined.take(pa.array(sorted(place.values())))


def _alike(before: pa.Table, now: pa.Table) -> set[str]:
    """The ids of rows that are the same in both."""
    known = {row[ID]: row for row in now.drop_columns(list(_IGNORED)).to_pylist()}
    then = before.drop_columns(list(_IGNORED)).to_pylist()
    return {row[ID] for row in then if known.get(row[ID]) == row}


def _ids(ids: list[str]) -> pa.Array:
    return pa.array(ids, pa.string())


def _true(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(pc.cast(mask, pa.int64())).as_py() or 0)
