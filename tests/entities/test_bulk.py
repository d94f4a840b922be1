"""Work on many records: changing, deleting, undoing, importing and exporting, by jobs in front of the sandbox."""

import csv
import io
import uuid
from decimal import Decimal

import pytest
from django.http import QueryDict

from accounts.actors import Actor
from accounts.models import Role, User
from core import clock
from core.problems import Clash, Missing
from entities.bulk.changing import UndoJudge
from entities.models import Bulk, BulkRow, FilePart, Plan, RecordChange, StoredFile
from entities.place import Place
from entities.selection import read_selection
from entities.services import bulk as bulks
from entities.storage import read_parts
from entities.tables.reading import open_table
from entities.tasks import FORGET
from integrations.filters import Operator, Where
from integrations.records import Link
from jobs import services as jobs
from jobs.models import JobRun
from jobs.testing import run_due
from microsoft.wire import decode_json
from tests.people import PEOPLE

State = BulkRow.State


@pytest.fixture
def actor(sample_owner):
    return sample_owner


@pytest.fixture
def word():
    return f"Bulk {uuid.uuid4().hex[:10]}"


@pytest.fixture
def made(accounts, word):
    """Ids of twelve accounts whose names begin with `word`."""
    return [accounts.create({"name": f"{word} {number:02}", "revenue": number}) for number in range(12)]


def selection_of(records, ids="all", **more):
    place = Place(records.service, records)
    data = QueryDict(mutable=True)
    data.update({"selection": ids if isinstance(ids, str) else ",".join(ids), **more})
    return read_selection(place, data)


def finished(bulk):
    runs = run_due(early=True)
    bulk.refresh_from_db()
    assert runs, "nothing ran"
    assert runs[-1].state == "succeeded", runs[-1].error
    return bulk


def states(bulk):
    return {state: bulk.rows.filter(state=state).count() for state in State if bulk.rows.filter(state=state)}


def named(records, word):
    found, cursor = [], None
    while True:
        page = records.search(Where("name", Operator.STARTS_WITH, word), top=5000, cursor=cursor)
        found += page.records
        cursor = page.next_cursor
        if not cursor:
            return sorted(found, key=lambda record: record.values["name"])


def test_edit_all_of_a_list_and_undo_it(actor, accounts, made, word):
    query = f"where=name~starts_with~{word}"
    selection = selection_of(accounts, query=query, **{"except": made[3]})
    bulk = bulks.plan_edit(actor, accounts, selection, {"telephone1": "+44 20", "creditonhold": True})
    assert accounts.get(made[0]).values["telephone1"] is None
    bulk = finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 11}
    assert {r.id for r in named(accounts, word) if r.values["telephone1"] == "+44 20"} == set(made) - {
        made[3]
    }
    changes = RecordChange.objects.filter(run=bulk.run)
    assert changes.count() == 11
    assert changes.first().values.before["telephone1"] is None
    with pytest.raises(Clash):
        bulks.begin(actor, bulk)

    accounts.update(made[0], {"telephone1": "somebody else"})
    undoing = bulks.undo(actor, accounts, bulk)
    finished(bulks.begin(actor, undoing))
    assert states(undoing) == {State.DONE: 10, State.FAILED: 1}
    failed = undoing.rows.get(state=State.FAILED)
    assert "Somebody has changed it since" in failed.facts.reason
    assert {r.values["telephone1"] for r in named(accounts, word)} == {None, "somebody else"}
    with pytest.raises(Clash):
        bulks.undo(actor, accounts, bulk)


def test_what_fails_can_be_tried_again(actor, accounts, made, world):
    gone = str(uuid.uuid4())
    bulk = bulks.plan_edit(actor, accounts, selection_of(accounts, [*made[:4], gone]), {"telephone1": "1"})
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 4, State.FAILED: 1}
    service = accounts.service
    service.client.create("accounts", {"accountid": gone, "name": "Late"})
    finished(bulks.retry_failures(actor, bulk))
    assert states(bulk) == {State.DONE: 5}
    assert accounts.get(gone).values["telephone1"] == "1"
    with pytest.raises(Clash):
        bulks.retry_failures(actor, bulk)


def test_delete_and_make_again(actor, accounts, made, word):
    accounts.update(made[0], {"description": "Zeile 1\nسطر 2 🌊"})
    bulk = bulks.plan_delete(actor, accounts, selection_of(accounts, made[:5]))
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 5}
    assert len(named(accounts, word)) == 7
    finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert len(named(accounts, word)) == 12
    assert accounts.get(made[0]).values["description"] == "Zeile 1\nسطر 2 🌊"


def test_a_cancelled_run_stops_and_goes_on(actor, accounts, made, monkeypatch):
    bulk = bulks.begin(
        actor, bulks.plan_edit(actor, accounts, selection_of(accounts, made), {"telephone1": "2"})
    )
    jobs.cancel(actor, bulk.run)
    run_due(early=True)
    bulk.refresh_from_db()
    assert bulk.run.state == "cancelled"
    jobs.retry(actor, bulk.run)
    finished(bulk)
    assert states(bulk) == {State.DONE: 12}


def csv_file(rows, **options):
    buffer = io.StringIO()
    csv.writer(buffer, **options).writerows(rows)
    return buffer.getvalue().encode()


def plan_import(actor, records, content, name="accounts.csv", **changes):
    bulk = bulks.plan_import(actor, records, name, len(content), [content])
    if changes:
        bulk = bulks.replan_import(actor, records, bulk, bulk.plan.model_copy(update=changes))
    return bulk


def lines(word, count, bad):
    """A file in which the given lines are wrong in one of three ways, the last found by Dynamics alone."""
    yield ["Account Name", "Annual Revenue", "Industry", "Primary Contact", "Account Number"]
    for number in range(count):
        row = [f"{word} {number:05}", f"{number}.50", "Accounting", "", f"{number:05}"]
        if number in bad:
            place, wrong = [(1, "a lot"), (2, "No such trade"), (3, str(uuid.uuid4()))][number % 3]
            row[place] = wrong
        yield row


def test_an_import_keeps_the_good_rows_and_says_why_not_the_bad(actor, accounts, word):
    bad = set(range(7, 2000, 67))
    assert len(bad) == 30
    bulk = plan_import(actor, accounts, csv_file(lines(word, 2000, bad)))
    assert [column.attribute for column in bulk.plan.columns] == [
        "name", "revenue", "industrycode", "primarycontactid", "accountnumber",
    ]  # fmt: skip
    finished(bulks.check(actor, bulk))
    said = states(bulk)
    assert said[State.PLANNED] == 1980
    assert said[State.FAILED] == 20
    assert named(accounts, word) == []
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 1970, State.FAILED: 30}
    records = named(accounts, word)
    assert len(records) == 1970
    assert records[0].values["accountnumber"] == "00000"
    reasons = [row.facts.reason for row in bulk.rows.filter(state=State.FAILED)]
    assert all(reasons)
    assert sum("a lot" in reason for reason in reasons) == 10


def test_a_file_that_was_made_elsewhere(actor, accounts, word):
    rows = [
        ["Account Name", "account name", "", "Annual Revenue", "Credit Hold", "Industry"],
        [f"{word} Ærø", "x", "y", "1.234.567,89 €", "Yes", "accounting"],
        ["", "", "", "", "", ""],
        [f"{word} =1+1", "", "", "5", "no", "1"],
    ]
    content = csv_file(rows, delimiter=";").decode().encode("windows-1252")
    bulk = plan_import(actor, accounts, content, decimal=",")
    assert [column.header for column in bulk.plan.columns][:3] == [
        "Account Name",
        "account name (2)",
        "Column 3",
    ]
    assert bulk.plan.columns[1].attribute == ""
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 2}, [row.facts.reason for row in bulk.rows.all()]
    first, second = sorted(named(accounts, word), key=lambda record: record.values["revenue"], reverse=True)
    assert first.values["revenue"] == Decimal("1234567.89")
    assert first.values["creditonhold"] is True
    assert first.values["industrycode"] == second.values["industrycode"] == 1


def test_upsert_by_a_key_and_lookups_by_name(actor, accounts, contacts, word):
    accounts.create({"name": f"{word} old", "accountnumber": f"{word}-1"})
    for name in ("One", "Two", "Two"):
        contacts.create({"lastname": f"{word} {name}"})
    rows = [
        ["Account Number", "Account Name", "Primary Contact"],
        [f"{word}-1", f"{word} renamed", f"{word} One"],
        [f"{word}-2", f"{word} new", f"{word} one"],
        [f"{word}-3", f"{word} vague", f"{word} Two"],
        [f"{word}-4", f"{word} lost", f"{word} Nobody"],
        [f"{word}-1", f"{word} twice", ""],
        ["", f"{word} keyless", ""],
    ]
    bulk = plan_import(actor, accounts, csv_file(rows), mode="upsert", match="accountnumber")
    finished(bulks.check(actor, bulk))
    verbs = {
        row.number: (row.verb if row.state == State.PLANNED else row.facts.reason) for row in bulk.rows.all()
    }
    assert verbs[2] == "update"
    assert verbs[3] == "create"
    assert "2 records are called" in verbs[4]
    assert "There is no" in verbs[5]
    assert "Line 2 is for the same record" in verbs[6]
    assert "is empty" in verbs[7]
    finished(bulks.begin(actor, bulk))
    assert [record.values["name"] for record in named(accounts, word)] == [f"{word} new", f"{word} renamed"]
    assert {str(record.values["primarycontactid"]) for record in named(accounts, word)} == {f"{word} One"}


def test_undo_of_an_import_leaves_what_somebody_has_worked_on(actor, accounts, contacts, word):
    rows = [["Account Name", "Account Number"], *([f"{word} {n}", f"{word}-{n}"] for n in range(5))]
    accounts.create({"name": f"{word} old", "accountnumber": f"{word}-4"})
    bulk = plan_import(actor, accounts, csv_file(rows), mode="upsert", match="accountnumber")
    finished(bulks.begin(actor, bulk))
    there = {record.values["name"]: record.id for record in named(accounts, word)}
    # An attribute that the import did not write, and one that it changed.
    accounts.update(there[f"{word} 1"], {"description": "worked on"})
    accounts.update(there[f"{word} 4"], {"name": f"{word} mine"})
    accounts.delete(there[f"{word} 2"])
    undoing = finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert states(undoing) == {State.DONE: 2, State.UNCHANGED: 1, State.FAILED: 2}
    left = {row.facts.title: row.facts.reason for row in undoing.rows.filter(state=State.FAILED)}
    assert set(left) == {f"{word} 1", f"{word} 4"}
    assert all("Somebody has changed it since" in reason for reason in left.values())
    assert [record.values["name"] for record in named(accounts, word)] == [f"{word} 1", f"{word} mine"]
    assert accounts.get(there[f"{word} 1"]).values["description"] == "worked on"


@pytest.mark.parametrize("kind", ["create", "update"])
def test_work_that_comes_between_looking_and_undoing_is_not_overwritten(
    actor, accounts, made, word, kind, monkeypatch
):
    """Between the look at the records and the request somebody else is quicker: Dynamics itself has to say so."""
    if kind == "create":
        bulk = plan_import(
            actor, accounts, csv_file([["Account Name"], *([f"{word} n{n}"] for n in range(3))])
        )
        title = f"{word} n1"
    else:
        bulk = bulks.plan_edit(actor, accounts, selection_of(accounts, made[:3]), {"telephone1": "+44"})
        title = f"{word} 01"
    finished(bulks.begin(actor, bulk))
    target = next(record.id for record in named(accounts, word) if record.values["name"] == title)
    really = UndoJudge.__call__

    def judge(self, rows):
        judged = really(self, rows)
        accounts.update(target, {"telephone1": "quicker"})
        return judged

    monkeypatch.setattr(UndoJudge, "__call__", judge)
    undoing = finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert states(undoing) == {State.DONE: 2, State.FAILED: 1}
    assert "Somebody has changed it since" in undoing.rows.get(state=State.FAILED).facts.reason
    assert accounts.get(target).values["telephone1"] == "quicker"


def test_an_undone_lookup_points_to_where_it_did(actor, accounts, contacts, made, word):
    """A link that was read knows how its target is called, a stored one does not: they mean the same."""
    old, new = (contacts.create({"lastname": f"{word} {name}"}) for name in ("old", "new"))
    accounts.update(made[0], {"primarycontactid": {"entity": "contact", "id": old}})
    value = {"primarycontactid": Link(new, "contact")}
    bulk = bulks.plan_edit(actor, accounts, selection_of(accounts, made[:3]), value)
    finished(bulks.begin(actor, bulk))
    again = finished(
        bulks.begin(actor, bulks.plan_edit(actor, accounts, selection_of(accounts, made[:3]), value))
    )
    assert states(again) == {State.UNCHANGED: 3}
    undoing = finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert states(undoing) == {State.DONE: 3}, [row.facts.reason for row in undoing.rows.all()]
    links = [accounts.get(each).values["primarycontactid"] for each in made[:3]]
    assert [link and link.id for link in links] == [old, None, None]


def test_what_cannot_be_read_is_not_cleared_by_undoing(actor, accounts, made, word):
    bulk = plan_import(
        actor,
        accounts,
        csv_file([["Record id", "Account Name", "Description"], [made[0], f"{word} 00", "new"]]),
    )
    finished(bulks.begin(actor, bulk))
    row = bulk.rows.get()
    assert (row.facts.before, row.facts.after) == ({"description": None}, {"description": "new"})
    # As if the attribute could be written but not read.
    row.facts = row.facts.model_copy(update={"before": {}})
    row.save()
    undoing = finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert "not known" in undoing.rows.get().facts.reason
    assert accounts.get(made[0]).values["description"] == "new"


def test_a_lookup_that_cannot_be_looked_for_is_left_out(actor, accounts, word, sample_owner):
    """The sample does not offer users: by name each line would fail, by ids none."""
    named_owner = csv_file([["Account Name", "Owner", "Primary Contact"], [f"{word} a", "Ana Alvarez", ""]])
    bulk = plan_import(actor, accounts, named_owner)
    assert [column.attribute for column in bulk.plan.columns] == ["name", "", "primarycontactid"]
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 1}
    owner = named(accounts, word)[0].values["ownerid"]
    for text in (owner.id, f"systemuser:{owner.id}"):
        by_id = csv_file([["Account Name", "Owner"], [f"{word} b", ""], [f"{word} c", text]])
        bulk = plan_import(actor, accounts, by_id)
        assert [column.attribute for column in bulk.plan.columns] == ["name", "ownerid"]
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 2}, [row.facts.reason for row in bulk.rows.all()]


def test_a_second_person_finds_nothing(actor, accounts, made, person, at):
    bulk = bulks.plan_edit(actor, accounts, selection_of(accounts, made[:1]), {"telephone1": "3"})
    person("ben", Role.OWNER)
    ben = Actor.person(User.objects.get(username=PEOPLE["ben"]))
    with pytest.raises(Missing):
        bulks.find_bulk(ben, accounts, bulk.pk)
    for act in (bulks.begin, bulks.check, bulks.retry_failures, bulks.discard):
        with pytest.raises(Missing):
            act(ben, bulk)


def test_nobody_goes_on_with_somebody_elses_work(actor, accounts, made, person):
    person("ben", Role.OWNER)
    ben = Actor.person(User.objects.get(username=PEOPLE["ben"]))
    bulk = bulks.begin(
        actor, bulks.plan_edit(actor, accounts, selection_of(accounts, made), {"telephone1": "2"})
    )
    jobs.cancel(actor, bulk.run)
    jobs.retry(ben, bulk.run)
    run_due(early=True)
    bulk.refresh_from_db()
    assert bulk.run.state == "failed"
    assert "Only they can go on" in bulk.run.error["message"]
    jobs.retry(actor, bulk.run)
    bulk = finished(bulk)
    bulks.discard(actor, bulk)
    assert not BulkRow.objects.exists()


def test_records_are_created_under_the_ids_of_the_file(actor, accounts, made, word):
    mine = str(uuid.uuid4())
    rows = [
        ["Record id", "Account Name"],
        [mine, f"{word} brought"],
        [made[0], f"{word} taken"],
        ["x", f"{word} x"],
    ]
    bulk = plan_import(actor, accounts, csv_file(rows), mode="create")
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 1, State.FAILED: 2}
    assert accounts.get(mine).values["name"] == f"{word} brought"
    assert accounts.get(made[0]).values["name"] == f"{word} 00"


def test_a_file_that_brings_ids_is_taken_for_one_of_changes(actor, accounts, made, word):
    bulk = plan_import(actor, accounts, csv_file([["Record id", "Account Name"], [made[0], f"{word} x"]]))
    assert (bulk.plan.mode, bulk.plan.match) == ("update", "record-id")
    finished(bulks.begin(actor, bulk))
    assert accounts.get(made[0]).values["name"] == f"{word} x"
    assert plan_import(actor, accounts, csv_file([["Account Name"], ["y"]])).plan.mode == "create"


def exported(actor, records, **plan):
    bulk = finished(bulks.plan_export(actor, records, Plan(**plan)))
    return bulk, b"".join(read_parts(bulk.file))


def test_old_results_and_files_are_forgotten(actor, accounts, made):
    exported(actor, accounts, ids=tuple(made))
    Bulk.objects.update(expires_at=clock.now())
    StoredFile.objects.update(expires_at=clock.now())
    jobs.request(FORGET, actor=actor)
    run_due(early=True)
    assert not Bulk.objects.exists()
    assert not StoredFile.objects.exists()
    assert not FilePart.objects.exists()
    assert JobRun.objects.get(kind=FORGET).result == {"files": 1, "uploads": 0, "results": 1}


HARD = ("0012 🌊", "=1+1", "עִבְרִית", "'quoted'", "+49 30", "a,b;c")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export_edit_import(actor, accounts, contacts, word, form):
    """Unchanged cells touch nothing, changed ones arrive, a line without an id becomes a record."""
    link = contacts.create({"lastname": f"{word} Lind", "birthdate": "1753-01-01"})
    for number, text in enumerate(HARD):
        accounts.create(
            {
                "name": f"{word} {text}",
                "description": f"{text}\nline two",
                "revenue": Decimal("1000000000000.99"),
                "accountnumber": f"000{number}",
                "primarycontactid": link,
                "creditonhold": True,
                "industrycode": 1,
            }
        )
    before = named(accounts, word)
    _, content = exported(actor, accounts, query=f"where=name~starts_with~{word}", format=form)
    bulk = plan_import(
        actor, accounts, content, f"back.{form}", mode="upsert", match="record-id", blanks="clear"
    )
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.UNCHANGED: len(HARD)}, [row.facts.reason for row in bulk.rows.all()]
    assert [r.etag for r in named(accounts, word)] == [r.etag for r in before]

    table = open_table(io.BytesIO(content))
    rows = [line.cells for line in table.rows()]
    where = {header: number for number, header in enumerate(table.headers)}
    rows[0][where["Description"]] = ""
    rows[1][where["Annual Revenue"]] = "2000000000000.55"
    added = ["" for _ in table.headers]
    added[where["Account Name"]] = f"{word} zz new"
    changed = csv_file([table.headers, *rows, added])
    bulk = plan_import(actor, accounts, changed, mode="upsert", match="record-id", blanks="clear")
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 3, State.UNCHANGED: len(HARD) - 2}
    after = {record.id: record for record in named(accounts, word)}
    assert len(after) == len(HARD) + 1
    assert after[rows[0][0]].values["description"] is None
    assert after[rows[1][0]].values["revenue"] == Decimal("2000000000000.55")
    untouched = {record.id: record.values for record in before}
    assert all(after[row[0]].values["accountnumber"] == untouched[row[0]]["accountnumber"] for row in rows)


def test_an_export_as_json_is_exact(actor, accounts, made):
    _, content = exported(actor, accounts, ids=tuple(made[:2]), format="json", attributes=("name", "revenue"))
    records = decode_json(content)
    assert [record["id"] for record in records] == made[:2]
    assert [record["revenue"] for record in records] == [Decimal(0), Decimal(1)]
    assert set(records[0]) == {"id", "name", "revenue"}
