"""What is asked of a mirror is answered as Dynamics answers it, and nothing that is typed becomes SQL."""

import uuid
from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import override_settings

from core.problems import BadInput
from entities.spans import DAYS, in_persons_days
from integrations.filters import LISTS, WHO, AllOf, AnyOf, Not, Operator, Where, operators_for
from integrations.kinds import BLOBS, DATES, TEXTS, UNSORTABLE, Kind, kind_of
from integrations.metadata.snapshot import choosable, chosen_entity
from integrations.metadata.targets import Target
from integrations.searching.conditions import odata_filter
from integrations.searching.query import ordering
from integrations.values.reading import record_reader
from sync import drift
from sync.columns import mirrored
from sync.destinations import DestinationLost, open_store
from sync.facts import facts_from
from sync.models import Sync, SyncEntity
from sync.reading.dialects import sortable
from sync.reading.held import held
from sync.reading.reader import Reader
from tests.sync.conftest import POSTGRESQL, Bench

O = Operator  # noqa: E741
ODD = ["100%_sure\\ [x]", "ÆRØSKØBING Ö", "O'Neill\"; DROP TABLE project; --", "under_score", "underXscore"]
HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE "project"; --',
    "%",
    "_",
    "\\",
    "%%s",
    "?",
    "{0}",
    "a\\%",
    "')) OR ((1=1",
]


@pytest.fixture(scope="module")
def project(dataverse):
    """smp_project with everything chosen, its lookups leading somewhere."""
    found = dataverse.entity("smp_project")
    names = {"account": "accounts", "contact": "contacts", "systemuser": "systemusers", "team": "teams"}
    names |= {
        "smp_project": "smp_projects",
        "businessunit": "businessunits",
        "transactioncurrency": "transactioncurrencies",
    }
    sets = {name: Target(entity_set, "") for name, entity_set in names.items()}
    return chosen_entity(found, [each.logical_name for each in choosable(found)], sets, name="project")


@pytest.fixture(scope="module")
def odd_rows(api):
    """Records whose texts mean something to SQL, and one of big numbers."""
    keys = [
        api.create("smp_projects", {"smp_name": name, "smp_code": f"odd-{at}", "smp_budget": 10**9 + at})
        for at, name in enumerate(ODD)
    ]
    yield keys
    for key in keys:
        api.send("DELETE", f"smp_projects({key})")


@pytest.fixture(scope="module")
def live(dataverse, project, odd_rows):
    """What Dynamics has, and what it answers."""
    read = record_reader(project, project.attributes)

    def pages(where=None, order=()):
        text = odata_filter(project, where) if where else None
        found = dataverse.pages(project.entity_set, filter=text, orderby=ordering(project, order))
        return [read(raw) for page in found for raw in page.records]

    return SimpleNamespace(pages=pages, records=pages())


@pytest.fixture(scope="module", params=["sqlite", "parquet", POSTGRESQL])
def reader(request, dataverse, project, tmp_path_factory, odd_rows):
    """One mirror for all: nobody can change it through this."""
    if request.param == "postgres":
        request.getfixturevalue("django_db_setup")  # before the mirror, which lies in the tests' database
    sync = Sync(destination=request.param, schema=f"mirror_{uuid.uuid4().hex[:8]}")
    bench = Bench(dataverse, project, lambda table, columns: open_store(sync, table, columns), page_size=500)
    row = SyncEntity(
        sync=sync,
        logical_name=project.logical_name,
        table=project.name,
        facts=facts_from(dataverse.entity(project.logical_name)).as_json(),
        accepted=drift.accepted_from(mirrored(project), []).model_dump(mode="json"),
    )
    with override_settings(DATA_DIR=tmp_path_factory.mktemp("mirror")):
        bench.run()
        yield Reader(row, project)
        store = bench.store()
        store.drop()
        store.close()


def ids(reader, where=None, order=(), top=1000):
    found, cursor = [], None
    while True:
        page = reader.page(where, order, top, cursor, ["smp_name"], whose=None)
        found += [each.id for each in page.records]
        cursor = page.next_cursor
        if not cursor:
            return found


def questions(attribute, records):
    """Everything that can be asked of an attribute, with values that some of the records have."""
    there = [each.values[attribute.name] for each in records if each.values[attribute.name] not in (None, [])]
    some = [there[0], there[len(there) // 2]] if there else []
    for operator in operators_for(attribute):
        if operator in (O.EMPTY, O.NOT_EMPTY):
            yield Where(attribute.name, operator)
        elif operator not in WHO and some:
            for value in _values(attribute, operator, some):
                yield in_persons_days(attribute, Where(attribute.name, operator, value), UTC)


def _values(attribute, operator, some):
    kind = kind_of(attribute)
    if operator in DAYS and kind in DATES:
        days = sorted(value.isoformat()[:10] for value in some)
        return {O.BETWEEN: ["..".join(days)], O.LAST_DAYS: ["900"], O.NEXT_DAYS: ["900"]}.get(operator, days)
    if operator in (O.HAS_ANY, O.HAS_NONE):
        return [",".join(map(str, some[0]))]
    if operator is O.BETWEEN:
        return ["..".join(map(str, sorted(some)))]
    typed = (
        [{"entity": link.entity, "id": link.id} for link in some]
        if kind is Kind.LOOKUP
        else [_typed(value) for value in some]
    )
    if operator in LISTS:
        return [typed]
    part = str(some[-1])[:4].swapcase().strip() or "x"
    return [*typed, part] if kind in TEXTS else typed


def _typed(value):
    """A value as it is typed; moments are handed over as they are."""
    if isinstance(value, datetime):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_filters_of_every_kind_find_what_dynamics_finds(reader, live, project):
    asked = 0
    for attribute in mirrored(project):
        for where in questions(attribute, live.records):
            wanted = sorted(each.id for each in live.pages(where))
            assert sorted(ids(reader, where)) == wanted, where
            if asked % 8 == 0:  # it asks in the same words
                assert reader.count(where) == len(wanted), where
            asked += 1
    assert asked > 150


def test_filters_are_joined_and_turned_around_as_dynamics_does(reader, live):
    named, dear = Where("smp_name", O.CONTAINS, "a"), Where("smp_budget", O.GT, "1000")
    empty = Where("smp_summary", O.EMPTY)
    for where in (
        AllOf((named, dear)),
        AnyOf((named, dear)),
        Not(dear),
        AllOf((AnyOf((named, empty)), Not(AllOf((dear, empty))))),
    ):
        assert sorted(ids(reader, where)) == sorted(each.id for each in live.pages(where)), where


def test_what_means_something_to_sql_is_only_text(reader, live):
    before = reader.count(None)
    texts = {each.id: str(each.values["smp_name"]).lower() for each in live.records}
    meanings = {
        O.CONTAINS: lambda name, it: it in name,
        O.NOT_CONTAINS: lambda name, it: it not in name,
        O.STARTS_WITH: str.startswith,
        O.ENDS_WITH: str.endswith,
        O.EQ: str.__eq__,
    }
    for operator, holds in meanings.items():
        for text in [*HOSTILE, *ODD, "æRØ", "ö", ODD[1].swapcase()]:
            found = set(ids(reader, Where("smp_name", operator, text)))
            assert found == {key for key, name in texts.items() if holds(name, text.lower())}, (
                operator,
                text,
            )
    assert reader.count(None) == before == len(live.records)


def test_numbers_beyond_all_that_there_are_are_compared_too(reader):
    there = reader.count(Where("smp_budget", O.NOT_EMPTY))
    for digits in ("9" * 28, "9" * 29, "1" + "0" * 50):
        found = {
            (operator, sign): reader.count(Where("smp_budget", operator, sign + digits))
            for operator in (O.LT, O.EQ, O.GT)
            for sign in ("", "-")
        }
        assert found == {
            (O.LT, ""): there,
            (O.LT, "-"): 0,
            (O.EQ, ""): 0,
            (O.EQ, "-"): 0,
            (O.GT, ""): 0,
            (O.GT, "-"): there,
        }


def test_what_cannot_be_asked_is_refused_and_not_guessed(reader):
    for where in (
        Where("smp_budget", O.GT, "1; DROP TABLE project"),
        Where("smp_name", O.CONTAINS, "\x00"),
        Where("smp_name\" = '' OR \"", O.EQ, "1"),
        Where("nonesuch", O.EMPTY),
        Where("smp_budget", O.CONTAINS, "1"),
        Where("ownerid", O.ME),
        Where("smp_name", O.EQ, ""),
    ):
        with pytest.raises(BadInput):
            reader.count(where)


def test_every_order_gives_every_record_once_and_as_dynamics_orders_them(reader, live, project):
    everything = sorted(each.id for each in live.records)
    for attribute in mirrored(project):
        if kind_of(attribute) in UNSORTABLE | BLOBS:
            continue
        for direction in ("asc", "desc"):
            order = [(attribute.name, direction)]
            found = ids(reader, None, order, top=60)
            assert sorted(found) == everything, order
            if kind_of(attribute) in (Kind.TEXT, Kind.LONG_TEXT, Kind.LOOKUP):
                continue  # how each database collates text is its own business
            values = {each.id: each.values[attribute.name] for each in live.records}
            there = [values[each.id] for each in live.pages(None, order)]
            assert [values[key] for key in found] == there, order


def test_several_columns_sort_one_within_the_other(reader, live):
    order = [("statuscode", "desc"), ("smp_budget", "asc"), ("smp_name", "desc")]
    found = ids(reader, None, order, top=11)
    values = {each.id: (each.values["statuscode"], each.values["smp_budget"]) for each in live.records}
    assert len(set(found)) == len(found) == len(live.records)
    assert [values[key] for key in found] == [values[each.id] for each in live.pages(None, order[:2])]


def test_going_on_is_by_what_was_seen_so_new_rows_shift_nothing(reader):
    first = reader.page(None, [("smp_name", "asc")], 5, None, ["smp_name"], whose=7)
    again = reader.page(None, [("smp_name", "asc")], 5, first.next_cursor, ["smp_name"], whose=7)
    assert not {each.id for each in first.records} & {each.id for each in again.records}
    for wrong in (
        {"whose": 8},
        {"where": Where("smp_name", O.NOT_EMPTY)},
        {"order_by": [("smp_name", "desc")]},
        {"cursor": "x" * 40},
    ):
        given = {
            "where": None,
            "order_by": [("smp_name", "asc")],
            "top": 5,
            "cursor": first.next_cursor,
            "select": ["smp_name"],
            "whose": 7,
        } | wrong
        with pytest.raises(BadInput):
            reader.page(**given)


def test_records_are_those_of_a_live_search(reader, live, project):
    names = list(reader.held)
    found = {each.id: each for each in reader.page(None, (), 1000, None, names, whose=None).records}
    for record in live.records:
        here = found[record.id]
        assert here.values == {name: record.values[name] for name in names}
        for name, link in here.links.items():
            assert str(link) == str(record.links[name])
        for attribute in mirrored(project):
            if kind_of(attribute) is Kind.CHOICE:
                assert here.labels.get(attribute.name) == record.labels.get(attribute.name)


def test_only_what_is_published_and_mirrored_as_it_is_now_can_be_read(reader, project):
    less = project.model_copy(update={"attributes": project.attributes[:3]})
    assert set(held(reader.row, less)) <= {each.name for each in project.attributes[:3]}
    number = next(each for each in project.attributes if each.type == "Money")
    retyped = project.model_copy(update={"attributes": (number.model_copy(update={"type": "String"}),)})
    assert held(reader.row, retyped) == {}
    renamed = project.model_copy(update={"attributes": (number.model_copy(update={"name": "price"}),)})
    assert held(reader.row, renamed)["price"].value == number.name


def test_a_mirror_that_is_away_is_said_to_be(reader):
    elsewhere = copy(reader.row)
    elsewhere.table = "nonesuch"
    with pytest.raises(DestinationLost):
        Reader(elsewhere, reader.entity).count(None)


def test_a_reader_cannot_write(reader):
    from sync.reading.places import open_place

    with open_place(reader.row.sync) as place, pytest.raises(DestinationLost):
        place.fetch(f"DELETE FROM {place.named(reader.row.table)} RETURNING id", ())
    assert reader.count(None) > 100


def test_exact_numbers_sort_as_numbers():
    numbers = ["-922337203685477.5808", "-2", "-1.5", "0", "0.0000000001", "9", "10", "922337203685477.5807"]
    assert sorted(numbers, key=sortable) == numbers == sorted(numbers, key=Decimal)
    assert sortable(None) is None
    assert sortable("9" * 90) > sortable("1")


def test_a_question_that_takes_too_long_is_given_up(reader, monkeypatch):
    from sync.reading import places

    monkeypatch.setattr(places, "PATIENCE", 0.2)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT max(i) FROM n"
    )
    began = datetime.now(UTC)
    with places.open_place(reader.row.sync) as place:
        place.named(reader.row.table)
        with pytest.raises(DestinationLost, match="longer"):
            place.fetch(endless, ())
    assert datetime.now(UTC) - began < timedelta(seconds=10)
