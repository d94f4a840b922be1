"""The staging area of a database: without a key while everything is read, which it gets afterwards."""

from datetime import UTC, datetime

import pytest
import time_machine

from sync.destinations.sql import ID
from sync.state import Mode, Part, Phase
from tests.sync.conftest import POSTGRESQL

FIRST, SECOND = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"


@pytest.fixture
def store(anywhere):
    store = anywhere.store()
    yield store
    store.drop()
    store.close()


def _row(store, key, name):
    values = {"id": key, "smp_name": name}
    return tuple(values.get(each.name) for each in store.columns)


def _load(store, state, rows):
    """As a part of a full reading."""
    part = Part(load="a load", owner=store.owner, position=len(store.parts("a load")))
    store.deal([part], state)
    store.keep(part, rows, [])


def _named(store):
    found = store.execute(f"SELECT {ID}, smp_name FROM {store.target} ORDER BY {ID}").fetchall()
    return [(str(key), name) for key, name in found]


databases = pytest.mark.parametrize("anywhere", ["sqlite", POSTGRESQL], indirect=True)


@databases
@pytest.mark.parametrize("again", [False, True])
def test_of_an_id_that_was_read_twice_the_later_row_stays(store, again):
    state = store.take("a worker")
    for _ in range(1 + again):  # the second time by way of a comparison
        state.phase, state.mode = Phase.LOAD, Mode.FULL
        store.begin(state)
        _load(store, state, [_row(store, FIRST, "first"), _row(store, SECOND, "other")])
        _load(store, state, [_row(store, FIRST, "later")])
        store.publish(state, full=True, soft=True, labels=[])
    assert _named(store) == [(FIRST, "later"), (SECOND, "other")]


@databases
def test_what_changed_meanwhile_wins_and_what_is_gone_is_taken_out(store):
    state = store.take("a worker")
    store.begin(state)
    _load(store, state, [_row(store, FIRST, "first"), _row(store, SECOND, "other")])
    store.write([_row(store, FIRST, "changed")], [SECOND], state)
    store.publish(state, full=True, soft=True, labels=[])
    assert _named(store) == [(FIRST, "changed")]


@databases
def test_a_mirror_has_one_row_for_an_id(store):
    state = store.take("a worker")
    store.begin(state)
    _load(store, state, [_row(store, FIRST, "first")])
    store.publish(state, full=True, soft=True, labels=[])
    with pytest.raises(store.clash), store.transaction():
        store.execute(f"INSERT INTO {store.target} ({ID}) VALUES ({store.mark})", FIRST)


class Listening:
    """A connection that tells which statements it was asked for."""

    def __init__(self, connection):
        self._connection, self.asked = connection, []

    def execute(self, text, *values):
        self.asked.append(text)
        return self._connection.execute(text, *values)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def test_statements_are_the_same_ones_at_another_time(bench):
    """Each other text would be one more prepared statement, which SQLite keeps: half a MiB with many columns."""
    store = bench.store()
    state = store.take("a worker")
    store.begin(state)
    store._connection = Listening(store._connection)
    for second in range(2):
        with time_machine.travel(datetime(2026, 1, 1, second=second, tzinfo=UTC), tick=False):
            _load(store, state, [_row(store, f"{second}", "row")])
    store.close()
    assert len({each for each in store._connection.asked if each.startswith("INSERT OR")}) == 1
