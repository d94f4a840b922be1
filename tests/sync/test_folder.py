"""A mirror in Parquet files is read from the files that its manifest names, as they are meant now, and no others."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of
from sync.columns import Column
from sync.destinations import DestinationLost
from sync.destinations.parquet import ParquetStore
from sync.reading.conditions import Sql
from sync.reading.folder import Folder
from sync.reading.held import Held
from sync.reading.order import after, keys

TYPES = {
    "whole": "BigInt",
    "exact": "Decimal",
    "paid": "Money",
    "ratio": "Double",
    "moment": "DateTime",
    "clock": "DateTime",
    "day": "DateTime",
    "text": "String",
    "fine": "Boolean",
    "link": "Uniqueidentifier",
}
# Neighbours, from the least to the largest.
NEAR = {
    "whole": [-(2**63), 2**53, 2**53 + 1, 2**63 - 1],
    "exact": [Decimal(each) for each in ("-100000000000", "1E-10", "2E-10", "99999999999.9999999999")],
    "paid": [Decimal(each) for each in ("-922337203685477.5808", "1.0001", "1.0002", "922337203685477.5807")],
    "ratio": [-1e308, 5e-324, 0.3, 0.30000000000000004],
    "moment": [f"2024-02-29T23:59:59.{each}Z" for each in ("000000", "000001", "999998", "999999")],
    "clock": [f"1753-01-01T00:00:00.{each}" for each in ("000000", "000001", "999998", "999999")],
    "day": ["1753-01-01", "1999-12-31", "2000-01-01", "9999-12-31"],
    "text": ["", "a'\"\\%_", "Ærø", "ÆRØ!"],
    "fine": [False, False, True, True],
    "link": [f"00000000-0000-4000-8000-00000000000{each}" for each in "19af"],
}
NONE = (None,) * len(NEAR)


@pytest.fixture
def root(tmp_path):
    """A folder whose name means something to SQL and to patterns."""
    return tmp_path / 'o\'dd [x]* "dir" ?'


@pytest.fixture
def publish(root):
    """`publish({"name": kind}, rows)`: adds rows to the mirror `thing`, or replaces all of them."""

    def published(kinds, rows, *, full=False):
        kinds = {"id": Kind.ID} | kinds
        columns = [Column(name, kind, name, name) for name, kind in kinds.items()]
        store = ParquetStore(root / "thing", columns)
        state = store.take("test")
        store.begin(state)
        store.write(rows, [], state)
        store.publish(state, full=full, soft=False, labels=[])
        return store

    return published


@pytest.fixture
def place(root):
    return Folder(root, 15)


def rows_of(place, names="*"):
    table = place.named("thing")
    return place.fetch(f"SELECT {names} FROM {table} WHERE _deleted_at IS NULL ORDER BY id", ())


def test_older_files_are_read_in_the_columns_of_now(publish, place):
    publish(
        {"a": Kind.INTEGER, "b": Kind.TEXT, "c": Kind.CHOICE, "d": Kind.DECIMAL, "e": Kind.TEXT},
        [("1", 7, "12", 3, Decimal("1.50"), "2024-02-29"), ("2", None, None, None, None, None)],
    )
    publish({"a": Kind.TEXT, "b": Kind.INTEGER, "x": Kind.CHOICES}, [("3", "seven", 13, "1,2")])
    store = publish(
        {
            "a": Kind.TEXT,
            "b": Kind.INTEGER,
            "c": Kind.TEXT,
            "d": Kind.FLOAT,
            "e": Kind.DATE,
            "x": Kind.CHOICES,
        },
        [("4", "eight", 14, "three", 0.1, "2024-03-01", "4")],
    )
    assert len(list(store.folder.glob("*.parquet"))) == 3, "the older files are still what they were"
    names = ["id", "a", "b", "c", "d", "e", "x"]
    found = [dict(zip(names, row, strict=True)) for row in rows_of(place, ", ".join(names))]
    assert found == store.rows().select(names).sort_by("id").to_pylist()
    assert [row["x"] for row in found] == [None, None, [1, 2], [4]]


def test_a_mirror_without_rows_is_empty_and_not_missing(publish, place):
    publish({"a": Kind.INTEGER}, [])
    assert rows_of(place) == []


def test_a_column_renamed_by_case_alone_shows_what_it_holds_now(publish, place):
    publish({"name": Kind.TEXT}, [("1", "before")])
    publish({"Name": Kind.TEXT}, [("1", "now")], full=True)
    assert rows_of(place, '"Name"') == [("now",)]


def test_only_what_is_published_is_seen(publish, place, root):
    store = publish({"a": Kind.INTEGER}, [("1", 1)])
    table = store.rows()
    pq.write_table(pa.concat_tables([table, table]), store.folder / "20990101T000000-00000.parquet")
    assert rows_of(place, "id, a") == [("1", 1)]


def test_files_swept_since_the_manifest_was_read_are_looked_for_once_more(publish, place, monkeypatch):
    publish({"a": Kind.INTEGER}, [("1", 1)])
    place.named("thing")
    stale = [place._published()]
    publish({"a": Kind.INTEGER}, [("1", 2)], full=True)
    publish({"a": Kind.INTEGER}, [("1", 3)], full=True)
    assert not Path(stale[0][1][0]).exists()
    real = Folder._published
    monkeypatch.setattr(Folder, "_published", lambda self: stale.pop() if stale else real(self))
    assert rows_of(place, "a") == [(3,)]
    assert not stale


def test_what_is_lost_or_damaged_is_said_and_no_path_is_shown(publish, place, root):
    manifest = publish({"a": Kind.INTEGER}, [("1", 1)]).folder / "manifest.json"
    (file,) = (root / "thing").glob("*.parquet")
    whole = manifest.read_text()
    for damage in (
        lambda: file.write_bytes(b"no parquet" * 50),
        file.unlink,
        lambda: manifest.write_text("{}"),
        lambda: manifest.write_text(json.dumps({"columns": [], "files": ["nothing.parquet"]})),
        lambda: manifest.write_text(whole[:-9]),
        manifest.unlink,
    ):
        damage()
        with pytest.raises(DestinationLost) as lost:
            rows_of(place)
        assert lost.value.title == "The mirror cannot be read"
        assert "full refresh" in lost.value.advice
        assert str(root) not in str(lost.value)


def test_a_question_that_takes_too_much_memory_is_given_up(publish, place):
    publish({"a": Kind.INTEGER}, [("1", 1)])
    place.named("thing")
    with pytest.raises(DestinationLost, match="more memory"):
        place.fetch("SELECT list(i) FROM range(100000000) AS r(i)", ())
    assert rows_of(place, "a") == [(1,)]


def test_a_question_reaches_nothing_but_the_files_of_the_mirror(publish, place, root, tmp_path):
    store = publish({"a": Kind.INTEGER}, [("1", 1)])
    other = tmp_path / "other.parquet"
    pq.write_table(store.rows(), other)
    place.named("thing")
    for text in (
        f"SELECT * FROM read_parquet('{other}')",
        f"SELECT * FROM read_text('{root}/thing/manifest.json')".replace("o'dd", "o''dd"),
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('https://localhost/x.csv')",
        "SELECT * FROM glob('/etc/*')",
        f"COPY (SELECT 1) TO '{tmp_path}/written'",
        f"ATTACH '{tmp_path}/written'",
        f"EXPORT DATABASE '{tmp_path}/written'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET allowed_paths = ['/etc/hostname']",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
    ):
        with pytest.raises(DestinationLost):
            place.fetch(text, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([root.name, other.name])


def test_cursors_carry_every_kind_of_value_exactly(publish, place):
    publish(
        {name: kind_of(_attribute(name)) for name in NEAR},
        [(str(at), *row) for at, row in enumerate([*zip(*NEAR.values(), strict=True), NONE, NONE])],
    )
    held = {name: Held(_attribute(name), name) for name in NEAR}
    for name in NEAR:
        twins = name == "fine"
        assert _walk(place, held, (name, "asc")) == "450123", name
        assert _walk(place, held, (name, "desc")) == ("230145" if twins else "321045"), name


def _attribute(name):
    kind_of_date = {"clock": "TimeZoneIndependent", "day": "DateOnly"}.get(name, "")
    return Attribute(logical_name=name, name=name, type=TYPES[name], behavior=kind_of_date)


def _walk(place, held, by):
    """The ids as they come on pages of one row."""
    table, order, seen, values = place.named("thing"), keys(place.dialect, held, [by]), "", None
    columns = ", ".join(place.dialect.key(each.compared) for each in order)
    listed = ", ".join(each.term for each in order)
    while True:
        where = after(order, values) if values else Sql("TRUE")
        text = f"SELECT id, {columns} FROM {table} WHERE {where.text} ORDER BY {listed} LIMIT 1"
        rows = place.fetch(text, where.values)
        if not rows:
            return seen
        seen += rows[0][0]
        values = json.loads(json.dumps(rows[0][1:]))
