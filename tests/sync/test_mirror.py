"""The engine against the sandbox: every strategy ends with mirror = source, after anything that happens meanwhile."""

from datetime import timedelta

import psycopg
import pytest

from microsoft import errors
from sync.destinations import DestinationLost, own_database
from sync.destinations.parquet import ParquetStore
from sync.destinations.postgres import PostgresStore
from sync.engine import mirror
from sync.engine.strategy import Strategy
from sync.state import Mode, Phase
from tests.sync.comparing import assert_mirrors, deleted_in, rows_of

ALL = list(Strategy)


def create(api, name, **more):
    return api.create("smp_projects", {"smp_name": name, "smp_code": name, **more})


def patch(api, key, **values):
    assert api.send("PATCH", f"smp_projects({key})", json=values).status_code == 204


def delete(api, key):
    assert api.send("DELETE", f"smp_projects({key})").status_code == 204


@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("strategy", ALL)
def test_a_first_reading_mirrors_every_type_exactly(anywhere, api, strategy, parallel):
    anywhere.strategy, anywhere.parallel, anywhere.page_size = strategy, parallel, 40
    outcome = anywhere.run()
    assert outcome.mode is Mode.FULL
    assert outcome.counts.added == outcome.rows > 100
    assert_mirrors(anywhere, api)


def test_a_table_of_one_page_is_not_cut(bench, api):
    bench.strategy, bench.parallel, bench.page_size = Strategy.WATERMARK, 8, 5000
    recruited = []
    bench.run(recruit=lambda _state, parts: recruited.append(parts))
    assert not recruited
    assert_mirrors(bench, api)


@pytest.mark.parametrize(
    ("rows", "parts"), [(0, 1), (100, 1), (4_500, 1), (5_000, 2), (100_000, 22), (10_000_000, 24)]
)
def test_there_are_parts_for_all_readers_but_none_for_less_than_a_page(bench, rows, parts):
    bench.parallel, bench.page_size = 4, 5000
    assert bench.source().number_of_parts(rows) == parts


def test_a_count_that_is_behind_still_leaves_a_part_for_each_reader(bench, api, monkeypatch):
    bench.strategy, bench.parallel, bench.page_size = Strategy.WATERMARK, 3, 20
    monkeypatch.setattr(type(bench.dataverse), "total", lambda *_: 4)
    recruited = []
    bench.run(recruit=lambda _state, parts: recruited.append(parts))
    assert recruited == [4]  # the oldest page and a part for each reader
    assert_mirrors(bench, api)


@pytest.mark.parametrize("strategy", ALL)
def test_later_runs_carry_what_was_created_changed_and_deleted(anywhere, api, strategy):
    anywhere.strategy, anywhere.page_size = strategy, 50
    kept, gone = create(api, f"kept {strategy}"), create(api, f"gone {strategy}")
    anywhere.run()
    new = create(api, f"new {strategy}", smp_channels="727000002,727000000", smp_budget=99999999.99)
    patch(api, kept, smp_summary="O'Neill\t\\N\nÆrø \U0001f600", smp_isbillable=True)
    delete(api, gone)
    outcome = anywhere.run(full=strategy is Strategy.WATERMARK)  # deletions wait for the comparison
    assert (outcome.counts.added, outcome.counts.changed, outcome.counts.deleted) == (1, 1, 1)
    assert_mirrors(anywhere, api)
    again = anywhere.run()
    assert (again.counts.added, again.counts.changed, again.counts.deleted) == (0, 0, 0)
    for each in (kept, new):
        delete(api, each)


def test_deleted_rows_are_marked_or_removed_as_chosen(anywhere, api):
    first, second = create(api, "marked"), create(api, "removed")
    anywhere.run()
    delete(api, first)
    anywhere.run(soft=True)
    delete(api, second)
    anywhere.run(soft=False)
    assert deleted_in(anywhere) == [first]
    assert_mirrors(anywhere, api)


def test_a_record_that_comes_back_under_its_id_lives_again(bench, api):
    key = create(api, "phoenix")
    bench.run()
    delete(api, key)
    bench.run()
    create(api, "phoenix again", smp_projectid=key)
    assert bench.run().counts.added == 1
    assert_mirrors(bench, api)
    delete(api, key)


def test_what_changes_while_everything_is_read_is_not_lost(anywhere, api):
    doomed, changed = create(api, "doomed"), create(api, "changed")
    late = []

    def meddle(state):
        if state.phase is Phase.LOAD and not late:
            late.append(create(api, "late"))
            patch(api, changed, smp_summary="meanwhile")
            delete(api, doomed)

    anywhere.parallel, anywhere.page_size = 3, 20
    anywhere.run(meddle)
    assert late
    assert_mirrors(anywhere, api)
    for each in (*late, changed):
        delete(api, each)


def test_an_expired_token_leads_to_a_comparison_that_never_empties_the_table(bench, api, sandbox):
    gone = create(api, "forgotten")
    bench.run()
    delete(api, gone)
    seen = []
    try:
        sandbox.clock.advance(8 * 86400)
        api.token = api.person_token("ana")
        bench.dataverse._tokens.value = api.token
        outcome = bench.run(lambda _state: seen.append(len(rows_of(bench.store()))))
    finally:
        sandbox.clock.advance(-8 * 86400)
        api.token = api.person_token("ana")
        bench.dataverse._tokens.value = api.token
    assert outcome.mode is Mode.FULL
    assert "forgotten" in outcome.why
    assert outcome.counts.deleted == 1
    assert min(seen) > 100, "readers had the rows of the run before all the time"
    assert_mirrors(bench, api)


def test_without_tracking_deletions_are_found_once_a_day(bench, api, monkeypatch):
    bench.strategy = Strategy.WATERMARK
    key = create(api, "ghost")
    bench.run()
    delete(api, key)
    assert bench.run().mode is Mode.CHANGES
    monkeypatch.setattr(mirror, "COMPARE_AFTER", timedelta(0))  # a day has passed
    outcome = bench.run()
    assert (outcome.mode, outcome.counts.deleted) == (Mode.FULL, 1)
    assert_mirrors(bench, api)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 429, "retry_after": 60}, {"kind": "reset"}])
def test_a_run_that_meets_trouble_goes_on_where_it_was(bench, api, sandbox, fault):
    pages = []
    sandbox.faults.add({**fault, "path": "smp_projects", "skip": 3})
    try:
        with pytest.raises(errors.Transient):
            bench.run(lambda state: pages.append(state.read))
    finally:
        sandbox.faults.remove()
    assert pages == [4, 8, 12]
    bench.run(lambda state: pages.append(state.read))
    assert pages[3] == 16, "no page that was kept is read again"
    assert_mirrors(bench, api)


def test_a_database_that_goes_away_is_an_outage_and_not_a_failure(anywhere, api):
    opened = []
    store_of = anywhere.store_of

    def remembered(table, columns):
        opened.append(store_of(table, columns))
        return opened[-1]

    anywhere.store_of = remembered
    pages = []

    def lose(state):
        pages.append(state.read)
        if len(pages) == 3:
            _lose(opened[-1])

    anywhere.page_size = 20
    with pytest.raises(DestinationLost):
        anywhere.run(lose)
    anywhere.run(lambda state: pages.append(state.read))
    assert pages[3] == 80, "it goes on where it was"
    assert_mirrors(anywhere, api)


def _lose(store):
    if isinstance(store, PostgresStore):
        with psycopg.connect(own_database(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [store._connection.info.backend_pid])
    elif isinstance(store, ParquetStore):
        store.staged = store.folder / "state.json" / "not a folder"
    else:
        store._connection.execute("PRAGMA query_only=ON")


def test_a_full_refresh_is_not_lost_to_an_interrupted_run(bench, api):
    keys = [create(api, f"interrupted {number}") for number in range(2)]
    bench.run()
    for key in keys:
        patch(api, key, smp_summary="changed")
    bench.page_size = 1

    class StoppedError(Exception):
        pass

    def stop(_state):
        raise StoppedError

    with pytest.raises(StoppedError):
        bench.run(stop)
    bench.page_size = 100
    assert bench.run(full=True).mode is Mode.FULL
    assert_mirrors(bench, api)
    for key in keys:
        delete(api, key)
