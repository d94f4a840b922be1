"""Several workers read one load: whoever dies or is late, every row is there once, and what was kept is not read again."""

import contextlib
import threading

import pytest

from sync.destinations import Fenced
from sync.engine import mirror
from sync.state import Phase
from tests.sync.comparing import assert_mirrors
from tests.sync.conftest import POSTGRESQL
from tests.sync.test_crashes import Crash, Points


@pytest.fixture
def shared(anywhere):
    """A table of about seven parts, of one page each, in a destination that takes several writers."""
    anywhere.parallel, anywhere.page_size = 3, 20
    return anywhere


several = pytest.mark.parametrize("anywhere", ["sqlite", POSTGRESQL], indirect=True)


class Kept:
    """Counts the rows of each worker's pages, and stops a worker behind its nth page."""

    def __init__(self, stop=0):
        self.rows, self.pages, self.stop = 0, 0, stop

    def __call__(self, rows):
        self.rows += rows
        self.pages += 1
        if self.pages == self.stop:
            raise Crash


def _lend(bench, kept, **more):
    def recruit(state, _parts):
        with contextlib.suppress(Crash):
            bench.help(state.load, report=kept, **more)

    return recruit


@several
@pytest.mark.parametrize("stop", [0, 2])
def test_what_a_helper_has_read_is_published_and_not_read_again(shared, api, stop):
    """It reads everything, or dies behind its second page; the leader has the rest."""
    kept, told = Kept(stop), []
    outcome = shared.run(lambda state: told.append((state.phase, state.read)), recruit=_lend(shared, kept))
    read = [rows for phase, rows in told if phase is Phase.LOAD and rows]
    assert kept.pages == (stop or kept.pages) > 1
    assert not read or read[0] > kept.rows
    assert outcome.rows == outcome.counts.added == outcome.read
    assert_mirrors(shared, api)


@several
def test_a_helper_that_was_replaced_writes_nothing(shared, api):
    """While it was stuck behind a page it was taken for dead, and the leader read its parts and published."""
    loads = []

    def stuck(_rows):
        if not loads[1:]:
            loads.append("overtaken")
            shared.run()

    def recruit(state, _parts):
        loads.append(state.load)
        raise Crash

    with pytest.raises(Crash):
        shared.run(recruit=recruit)
    with pytest.raises(Fenced):
        shared.help(loads[0], report=stuck)
    assert_mirrors(shared, api)


@several
def test_a_helper_of_a_load_that_was_begun_anew_writes_nothing(shared, api):
    loads = []

    def again(_rows):
        if not loads[1:]:
            loads.append("begun anew")
            with pytest.raises(Crash):
                shared.run(recruit=_raising, version="2")

    def recruit(state, _parts):
        loads.append(state.load)
        raise Crash

    def _raising(_state, _parts):
        raise Crash

    with pytest.raises(Crash):
        shared.run(recruit=recruit)
    with pytest.raises(Fenced):
        shared.help(loads[0], report=again)
    shared.help(loads[0], report=lambda _rows: pytest.fail("this load is no more"))
    shared.run(version="2")
    assert_mirrors(shared, api)


@several
def test_a_leader_waits_for_a_living_helper_and_takes_nothing_from_it(shared, api, monkeypatch):
    """Both at once, in two threads: the helper holds a part until the leader has read all others."""
    monkeypatch.setattr(mirror, "PAUSE", 0.01)
    begun, free = threading.Event(), threading.Event()
    kept, helpers = Kept(), []

    def slowly(rows):
        kept(rows)
        begun.set()
        assert free.wait(60)

    def recruit(state, _parts):
        thread = threading.Thread(
            target=shared.help,
            args=(state.load,),
            kwargs={"report": slowly, "living": lambda owners: owners},
        )
        helpers.append(thread)
        thread.start()
        assert begun.wait(60)

    def waiting(state):
        if state.phase is Phase.LOAD and state.read == waiting.before:
            free.set()  # told again of as much as before: the leader has nothing more to do
        waiting.before = state.read

    waiting.before = -1
    outcome = shared.run(waiting, recruit=recruit, living=lambda owners: owners & {"helper:1"})
    helpers[0].join(60)
    assert kept.pages >= 1
    assert outcome.rows == outcome.counts.added == outcome.read
    assert_mirrors(shared, api)


def test_a_destination_for_one_writer_asks_nobody(dataverse, project, tmp_path):
    from sync.destinations.parquet import ParquetStore
    from tests.sync.conftest import Bench

    bench = Bench(dataverse, project, lambda table, columns: ParquetStore(tmp_path / table, columns))
    bench.parallel, bench.page_size = 3, 20
    assert bench.run(recruit=lambda *_: pytest.fail("it was asked")).rows > 100


def _helper_dies(bench, points, at):
    """Whether there was such a point. The leader reads what is left; `points` counts the helper alone."""
    died = []

    def recruit(state, _parts):
        points.passed, points.at = 0, at
        try:
            bench.help(state.load)
        except Crash:
            died.append(at)
        finally:
            points.at = 0

    bench.run(recruit=recruit, full=True)
    return bool(died)


def _leader_dies(bench, points, at):
    """The leader is gone at a point, a helper goes on, and another attempt leads to the end."""
    loads, died = [], False
    points.passed, points.at = 0, at
    try:
        bench.run(recruit=lambda state, _parts: loads.append(state.load), full=True)
    except Crash:
        died = True
    points.at = 0
    if died and loads:
        bench.help(loads[0])
    bench.run()
    return died


@pytest.mark.parametrize("dies", [_helper_dies, _leader_dies])
def test_whoever_dies_at_a_point(bench, api, monkeypatch, dies):
    bench.parallel, bench.page_size = 3, 40
    _at_points(bench, api, Points(monkeypatch, bench), dies, every=5)


@pytest.mark.long
@several
@pytest.mark.parametrize("dies", [_helper_dies, _leader_dies])
def test_whoever_dies_at_any_point_anywhere(shared, api, monkeypatch, dies):
    _at_points(shared, api, Points(monkeypatch, shared), dies)


def _at_points(bench, api, points, dies, every=1):
    at = 1
    while dies(bench, points, at):
        at += every
        if at % 4 == 1:
            assert_mirrors(bench, api)
    assert at > 15
    assert_mirrors(bench, api)
