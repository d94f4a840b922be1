"""A worker that dies: at every page and every numbered point around its checkpoint, in a first load and in a delta.

The points are those of the destination: before a transaction, inside it before the state is written, and after the
commit. The mirror is compared with the source after the next attempt, row by row and type by type.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sync.engine.strategy import Strategy
from tests.sync.comparing import assert_mirrors
from tests.sync.test_mirror import create, delete, patch


class Crash(BaseException):
    """What nothing catches: the process is gone."""


class Points:
    """Counts the points that a worker passes and dies at one of them."""

    def __init__(self, monkeypatch, anywhere):
        self.passed, self.at = 0, 0
        store = anywhere.store()
        store.close()
        kind = type(store)
        if hasattr(kind, "_remember"):
            self._around(monkeypatch, kind, "_remember")
        else:
            self._around(monkeypatch, kind, "_keep")
            self._around(monkeypatch, kind, "_replace")
        for name in ("begin", "write", "deal", "claim", "keep", "publish"):
            self._around(monkeypatch, kind, name)
        if hasattr(kind, "_move"):
            self._around(monkeypatch, kind, "_move")
            self._around(monkeypatch, kind, "insert")

    def _around(self, monkeypatch, kind, name):
        real = getattr(kind, name)

        def passing(*args, **options):
            self._pass()
            answer = real(*args, **options)
            self._pass()
            return answer

        monkeypatch.setattr(kind, name, passing)

    def _pass(self):
        self.passed += 1
        if self.passed == self.at:
            raise Crash


def _dies(bench, points, at, **wanted):
    points.passed, points.at = 0, at
    try:
        bench.run(**wanted)
    except Crash:
        return True
    finally:
        points.at = 0
    return False


def _every_point(bench, points, every, **wanted):
    """Crash at each point in turn (or each third), until an attempt passes them all."""
    at = 1
    while _dies(bench, points, at, **wanted):
        yield at
        at += every


@pytest.mark.parametrize(("strategy", "parallel"), [(Strategy.TRACKED, 1), (Strategy.WATERMARK, 3)])
def test_first_load_and_comparison(bench, api, monkeypatch, strategy, parallel):
    _load_and_die(bench, api, monkeypatch, strategy, parallel, every=3 * parallel)


@pytest.mark.long
@pytest.mark.parametrize(
    ("strategy", "parallel"), [(Strategy.TRACKED, 1), (Strategy.TRACKED, 3), (Strategy.WATERMARK, 3)]
)
def test_first_load_and_comparison_anywhere(anywhere, api, monkeypatch, strategy, parallel):
    _load_and_die(anywhere, api, monkeypatch, strategy, parallel)


@pytest.mark.long
def test_first_load_of_a_single_page_anywhere(anywhere, api, monkeypatch):
    _load_and_die(anywhere, api, monkeypatch, Strategy.WATERMARK, parallel=3, page_size=5000)


def _load_and_die(anywhere, api, monkeypatch, strategy, parallel, *, every=1, page_size=50):
    anywhere.strategy, anywhere.parallel, anywhere.page_size = strategy, parallel, page_size
    points = Points(monkeypatch, anywhere)
    died = 0
    for _ in _every_point(anywhere, points, every, full=True):
        died += 1
        assert anywhere.run().rows > 100
        if died % 4 == 1:
            assert_mirrors(anywhere, api)
    assert died > 8 // every
    assert_mirrors(anywhere, api)


def test_delta(bench, api, monkeypatch):
    _change_and_die(bench, api, monkeypatch, every=3)


@pytest.mark.long
def test_delta_anywhere(anywhere, api, monkeypatch):
    _change_and_die(anywhere, api, monkeypatch)


def _change_and_die(anywhere, api, monkeypatch, every=1):
    anywhere.page_size = 3
    keys = [create(api, f"crash {number}") for number in range(6)]
    anywhere.run()
    points = Points(monkeypatch, anywhere)
    died, at, more = 0, 1 - every, True
    while more:
        at += every
        for key in keys[1:]:
            patch(api, key, smp_summary=f"at {at}")
        delete(api, keys[0])
        keys = [*keys[1:], create(api, f"crash again {at}")]
        more = _dies(anywhere, points, at)
        died += more
        anywhere.run()
        if at % 4 == 1 or not more:
            assert_mirrors(anywhere, api)
    assert died > 10 // every
    for key in keys:
        delete(api, key)


def test_a_worker_that_wakes_up_late_can_change_nothing(anywhere, api):
    """Another attempt has taken over while one was stuck after a page: its next write is refused."""
    from sync.destinations import Fenced

    def overtaken(state):
        if state.read:
            anywhere.run()

    with pytest.raises(Fenced):
        anywhere.run(overtaken)
    assert_mirrors(anywhere, api)


def _loading(sandbox, api, tmp_path, *, point):
    """A process of its own that loads, prints how far it is, and is gone at a point if one is given."""
    script = tmp_path / "load.py"
    script.write_text(LOADING.format(root=str(Path.cwd())))
    arguments = [
        str(sandbox.cloud_file),
        api.environment.origin,
        api.token,
        str(tmp_path / "m.sqlite3"),
        str(point),
    ]
    return subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.long
@pytest.mark.parametrize("point", [1, 4, 5, 7, 10])
def test_a_process_that_is_gone_at_a_point_is_continued_by_the_next(bench, api, sandbox, tmp_path, point):
    """Nothing is rolled back, closed or flushed by anybody: `os._exit` runs no handler."""
    process = _loading(sandbox, api, tmp_path, point=point)
    process.communicate(timeout=60)
    assert process.returncode == GONE
    assert bench.run().rows > 100
    assert_mirrors(bench, api)


def test_kill_minus_nine_in_the_middle_of_a_page(bench, api, sandbox, tmp_path):
    """A real process, killed while it loads; its file is opened by the next."""
    process = _loading(sandbox, api, tmp_path, point=0)
    for line in process.stdout:
        if int(line) >= 40:
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait(20) == -signal.SIGKILL
    process.stdout.close()
    pages = []
    bench.run(lambda state: pages.append(state.read))
    assert pages[0] >= 40, "what was kept is not read again"
    assert_mirrors(bench, api)


GONE = 77
LOADING = """
import os
import sys
sys.path.insert(0, {root!r})
import tests.conftest
from integrations.metadata.snapshot import choosable, chosen_entity
from pathlib import Path
from microsoft.clouds import load_custom
from microsoft.dataverse import Dataverse
from microsoft.http import Door
from sync.destinations.sqlite import SqliteStore
from tests.sync.conftest import Bench, Token
cloud, origin, token, path, point = sys.argv[1:]
left = int(point)
def passing(real):
    def around(*args, **options):
        step()
        answer = real(*args, **options)
        step()
        return answer
    return around
def step():
    global left
    left -= 1
    if left == 0:
        os._exit(77)
for name in ("_remember", "_move", "insert", "begin", "deal", "claim", "keep", "publish"):
    setattr(SqliteStore, name, passing(getattr(SqliteStore, name)))
client = Dataverse(Door(load_custom(cloud)), origin, Token(token))
found = client.entity("smp_project")
entity = chosen_entity(found, [each.logical_name for each in choosable(found)], {{}}, name="project")
bench = Bench(client, entity, lambda table, columns: SqliteStore(Path(path), table, columns))
bench.run(lambda state: print(state.read, flush=True))
"""
