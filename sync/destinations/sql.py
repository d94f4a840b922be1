"""What SQLite and PostgreSQL have in common: staging tables, one merge per run, the state beside the rows."""
# Identifiers are quoted, values are parameters.
# ruff: noqa: S608

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from integrations.kinds import Kind
from sync.columns import ID, Column
from sync.destinations.base import Counts, Fenced, Label
from sync.destinations.quoting import literal, quoted
from sync.destinations.sql_parts import DEFINITION, PARTS, SqlParts
from sync.state import Part, State, decoded

STATE, LABELS, SHAPE = "_isthmus", "_labels", "_shape"

_TABLES = {
    STATE: "entity varchar(120) PRIMARY KEY, document text NOT NULL",
    LABELS: """entity varchar(120) NOT NULL, attribute varchar(120) NOT NULL, value integer NOT NULL,
        label text NOT NULL, color text NOT NULL, PRIMARY KEY (entity, attribute, value)""",
    SHAPE: """entity varchar(120) NOT NULL, position integer NOT NULL, name varchar(120) NOT NULL,
        kind varchar(40) NOT NULL, PRIMARY KEY (entity, name)""",
    PARTS: DEFINITION,
}


class SqlStore(SqlParts):
    """`table` is the entity's name in the integration. Subclasses know one database."""

    types: dict[Kind, str]
    now: str
    unlike: str  # the comparison to which nothing and nothing are alike
    place: str  # by which the later of two staged rows is known
    clash: type[Exception]  # two rows of one id

    def __init__(self, table: str, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.table = table
        self.target = self.named(table)
        self.stage = self.named(f"_stage_{table}")
        self.gone = self.named(f"_gone_{table}")
        self.names = [quoted(each.name) for each in self.columns]
        self.owner = ""

    @abstractmethod
    def savepoint(self) -> AbstractContextManager[Any]:
        """What fails within can be caught, and the transaction goes on."""

    @abstractmethod
    def exists(self, table: str) -> bool: ...

    def take(self, owner: str) -> State:
        self.owner = owner
        with self.transaction():
            self._prepare()
            state = decoded(self._document())
            state.owner = owner
            self._remember(state)
        return state

    def state(self) -> State:
        return decoded(self._document() if self.exists(STATE) else None)

    def begin(self, state: State) -> None:
        with self._mine(state):
            self._unstage()
            self.execute(f"CREATE TABLE {self.stage} ({self._definitions()})")
            self.execute(f"CREATE TABLE {self.gone} ({ID} {self.types[Kind.ID]} NOT NULL PRIMARY KEY)")

    def write(self, rows: Sequence[tuple[Any, ...]], gone: Sequence[str], state: State) -> None:
        with self._mine(state):
            if rows or gone:
                self._key()
            if rows:
                self.insert(rows)
            self._take_out(gone)

    def deal(self, parts: Sequence[Part], state: State) -> None:
        with self._mine(state):
            self._lay_out(parts)

    def settle(self, state: State) -> None:
        with self._mine(state):
            self._key()
            if not self.exists(self.table):
                self._index_lookups(self.stage)

    def publish(self, state: State, *, full: bool, soft: bool, labels: Iterable[Label]) -> Counts:
        with self._mine(state):
            self._key()
            there = self.exists(self.table)
            before = dict(self.shape())
            reshaped = any(before.get(each.name) != each.kind.value for each in self.columns)
            if reshaped:  # otherwise the view stays: dropping it would wait for its readers
                self._hide()
            counts = self._merged(full=full, soft=soft) if there else self._swapped()
            self._unstage()
            self._relabel(labels)
            if reshaped:
                self._show()
        return counts

    def shape(self) -> list[tuple[str, str]]:
        if not self.exists(SHAPE):
            return []
        found = self.execute(
            f"SELECT name, kind FROM {self.named(SHAPE)} WHERE entity = {self.mark} ORDER BY position",
            self.table,
        )
        return [(name, kind) for name, kind in found.fetchall()]

    def reset(self) -> None:
        with self.transaction():
            self._prepare()
            self._remember(State(owner="reset"))
            self._unstage()

    def drop(self) -> None:
        with self.transaction():
            self._prepare()
            self._unstage()
            self._hide()
            self.execute(f"DROP TABLE IF EXISTS {self.target}")
            for table in (STATE, LABELS, SHAPE):
                self.execute(f"DELETE FROM {self.named(table)} WHERE entity = {self.mark}", self.table)

    def _prepare(self) -> None:
        for table, columns in _TABLES.items():
            self.execute(f"CREATE TABLE IF NOT EXISTS {self.named(table)} ({columns})")

    def _document(self) -> str | None:
        found = self.execute(
            f"SELECT document FROM {self.named(STATE)} WHERE entity = {self.mark}", self.table
        ).fetchone()
        return None if found is None else str(found[0])

    def _remember(self, state: State) -> None:
        self.execute(
            f"INSERT INTO {self.named(STATE)} (entity, document) VALUES ({self.mark}, {self.mark})"
            " ON CONFLICT (entity) DO UPDATE SET document = excluded.document",
            self.table,
            state.encoded(),
        )

    @contextmanager
    def _mine(self, state: State) -> Iterator[None]:
        """A transaction that ends with the state, and only begins while nobody else has taken over."""
        with self.transaction():
            if decoded(self._document()).owner != self.owner:
                raise Fenced
            yield
            self._remember(state)

    def _unstage(self) -> None:
        """The parts go first: whoever still writes one of them is waited for, or refused."""
        self._clear_parts()
        for table in (self.stage, self.gone):
            self.execute(f"DROP TABLE IF EXISTS {table}")

    def _key(self) -> None:
        """The staging table gets its key when everything has been read, which is cheaper than keeping it in order
        all the while; of an id that was read twice the later row stays.
        """
        index = f"INDEX IF NOT EXISTS {quoted(self._key_name())} ON {self.stage} ({ID})"
        try:
            with self.savepoint():
                self.execute(f"CREATE UNIQUE {index}")
        except self.clash:
            self.execute(f"CREATE {index}")
            self.execute(
                f"DELETE FROM {self.stage} AS t WHERE EXISTS (SELECT 1 FROM {self.stage} AS s"
                f" WHERE s.{ID} = t.{ID} AND s.{self.place} > t.{self.place})"
            )
            self.execute(f"DROP INDEX {self.named(self._key_name())}")
            self.execute(f"CREATE UNIQUE {index}")

    def _key_name(self) -> str:
        """The first staging table becomes the table itself and takes its key along."""
        return f"{'_stage_key' if self.exists(self.table) else '_key'}_{self.table}"

    def _definitions(self) -> str:
        typed = [
            f"{name} {self.types[each.kind]}{' NOT NULL' if each.name == ID else ''}"
            for name, each in zip(self.names, self.columns, strict=True)
        ]
        moment = self.types[Kind.INSTANT]
        return ", ".join([*typed, f"_synced_at {moment}", f"_deleted_at {moment}"])

    def _swapped(self) -> Counts:
        """The first time the staging table becomes the table itself."""
        self._index_lookups(self.stage)
        self.execute(f"ALTER TABLE {self.stage} RENAME TO {quoted(self.table)}")
        self._reshape()
        rows = self._living()
        return Counts(added=rows, rows=rows)

    def _show(self) -> None:
        """A view for reading: living rows, choices and lookups in words, as the table of labels has them now."""
        view = self.named(f"{self.table}_view")
        names = [quoted(name) for name, _ in self.shape()]
        shown: list[str] = []
        joins: list[str] = []
        for each in self.columns:
            if each.part == "label" and self._value_of(each).kind is Kind.CHOICE:
                value, alias = self._value_of(each), quoted(f"l{len(joins)}")
                joins.append(
                    f"LEFT JOIN {self.named(LABELS)} AS {alias} ON {alias}.entity = {literal(self.table)}"
                    f" AND {alias}.attribute = {literal(value.name)} AND {alias}.value = t.{quoted(value.name)}"
                )
                shown.append(f"COALESCE({alias}.label, t.{quoted(each.name)}) AS {quoted(each.name)}")
        words = {each.rpartition(" AS ")[2] for each in shown}
        shown = [f"t.{name}" for name in names if name not in words] + shown
        self.execute(
            f"CREATE VIEW {view} AS SELECT {', '.join(shown)}, t._synced_at FROM {self.target} AS t"
            f" {' '.join(joins)} WHERE t._deleted_at IS NULL"
        )

    def _hide(self) -> None:
        """Without the view, which is part of the same transaction, tables may be altered freely."""
        self.execute(f"DROP VIEW IF EXISTS {self.named(self.table + '_view')}")

    def _value_of(self, companion: Column) -> Column:
        return next(
            each for each in self.columns if each.attribute == companion.attribute and each.part == "value"
        )

    def _index_lookups(self, table: str) -> None:
        for each in self.columns:
            if each.is_lookup:
                self._index(table, each.name)

    def _index(self, table: str, column: str) -> None:
        name = quoted(f"{self.table}_{column}"[:60])
        self.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({quoted(column)})")

    def _merged(self, *, full: bool, soft: bool) -> Counts:
        """Only rows that differ are touched, so a comparison of equal tables writes nothing."""
        self._widen()
        names = ", ".join(self.names)
        both = f"t.{ID} = s.{ID}"
        sets = ", ".join([*(f"{name} = s.{name}" for name in self.names[1:]), f"_synced_at = {self.now}"])
        differs = " OR ".join(f"t.{name} {self.unlike} s.{name}" for name in self.names[1:]) or "1 = 0"
        update = f"UPDATE {self.target} AS t SET {sets}"
        revived = self.execute(
            f"{update}, _deleted_at = NULL FROM {self.stage} AS s WHERE {both} AND t._deleted_at IS NOT NULL"
        ).rowcount
        changed = self.execute(f"{update} FROM {self.stage} AS s WHERE {both} AND ({differs})").rowcount
        added = self.execute(
            f"INSERT INTO {self.target} ({names}, _synced_at) SELECT {names}, {self.now} FROM {self.stage} AS s"
            f" WHERE NOT EXISTS (SELECT 1 FROM {self.target} AS t WHERE {both})"
        ).rowcount
        missing = (
            f"NOT EXISTS (SELECT 1 FROM {self.stage} AS s WHERE {both})"
            if full
            else f"EXISTS (SELECT 1 FROM {self.gone} AS s WHERE {both})"
        )
        deleted = self._delete(missing, soft=soft)
        return Counts(added + revived, changed, deleted, self._living())

    def _living(self) -> int:
        found = self.execute(f"SELECT count(*) FROM {self.target} WHERE _deleted_at IS NULL").fetchone()
        return int(found[0])

    def _delete(self, missing: str, *, soft: bool) -> int:
        if soft:
            text = f"UPDATE {self.target} AS t SET _deleted_at = {self.now} WHERE _deleted_at IS NULL AND {missing}"
        else:
            text = f"DELETE FROM {self.target} AS t WHERE {missing}"
        return int(self.execute(text).rowcount)

    def _widen(self) -> None:
        """Columns that are new are added; those that are no longer filled stay with what they hold."""
        before = dict(self.shape())
        for name, each in zip(self.names, self.columns, strict=True):
            if each.name not in before:
                self.execute(f"ALTER TABLE {self.target} ADD COLUMN {name} {self.types[each.kind]}")
                if each.is_lookup:
                    self._index(self.target, each.name)
            elif before[each.name] != each.kind.value:
                self.retype(name, self.types[each.kind])
        self._reshape()

    def retype(self, name: str, type_name: str) -> None:
        """A column is to hold another kind of value from now on."""

    def _reshape(self) -> None:
        known = dict(self.shape())
        for each in self.columns:
            known[each.name] = each.kind.value
        self.execute(f"DELETE FROM {self.named(SHAPE)} WHERE entity = {self.mark}", self.table)
        marks = ", ".join([self.mark] * 4)
        for position, (name, kind) in enumerate(known.items()):
            self.execute(
                f"INSERT INTO {self.named(SHAPE)} VALUES ({marks})", self.table, position, name, kind
            )

    def _relabel(self, labels: Iterable[Label]) -> None:
        """The table of labels, and the labels of rows whose choice was renamed without the rows being changed."""
        wanted = {(each.attribute, each.value): each for each in labels}
        found = self.execute(
            f"SELECT attribute, value, label FROM {self.named(LABELS)} WHERE entity = {self.mark}", self.table
        )
        before = {(attribute, value): label for attribute, value, label in found.fetchall()}
        marks = ", ".join([self.mark] * 5)
        for key, each in wanted.items():
            self.execute(
                f"INSERT INTO {self.named(LABELS)} VALUES ({marks}) ON CONFLICT (entity, attribute, value)"
                " DO UPDATE SET label = excluded.label, color = excluded.color",
                self.table,
                each.attribute,
                each.value,
                each.label,
                each.color,
            )
            if key in before and before[key] != each.label:
                self._rename(each)

    def _rename(self, label: Label) -> None:
        for each in self.columns:
            if each.part == "label" and self._value_of(each).name == label.attribute:
                value = self._value_of(each)
                if value.kind is Kind.CHOICE:
                    self.execute(
                        f"UPDATE {self.target} SET {quoted(each.name)} = {self.mark}"
                        f" WHERE {quoted(value.name)} = {self.mark}",
                        label.label,
                        label.value,
                    )
