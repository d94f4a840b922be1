"""A worker that is killed in the middle of work on many records: no record is there twice, and none is missing."""

import csv
import io
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from entities.bulk.errors import error_file
from entities.models import BulkRow, Plan, RecordChange, StoredFile
from entities.services import bulk as bulks
from entities.storage import read_parts
from entities.tables.reading import open_table
from microsoft.wire import decode_json
from tests.broker_fixtures import ROOT, subprocess_environment
from tests.connections.crashes import restart
from tests.entities.test_bulk import (  # noqa: F401
    actor,
    csv_file,
    finished,
    lines,
    made,
    named,
    plan_import,
    selection_of,
    states,
    word,
)

State = BulkRow.State
WORKER = Path(__file__).with_name("killed_worker.py")
pytestmark = pytest.mark.services


@pytest.fixture
def killed(world):
    """`killed("after", "CreateMultiple", 2)`: let a worker of its own begin, and be killed at that request."""

    def run(when, where, at):
        app = world.front_app
        environment = {
            **subprocess_environment(),
            "CLOUD_FILE": str(world.cloud_file),
            "ENTRA_CLIENT_ID": app.client_id,
            "ENTRA_CLIENT_SECRET": app.client_secret,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, str(WORKER), when, where, str(at)]
        died = subprocess.run(command, env=environment, check=False, timeout=120, capture_output=True)
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]

    return run


@pytest.mark.long
@pytest.mark.parametrize(("when", "mode"), [("before", "create"), ("after", "upsert")])
def test_an_import_killed_in_the_middle(actor, accounts, word, killed, when, mode):  # noqa: F811
    rows = [["Account Name", "Account Number"], *([f"{word} {n:04}", f"{word}-{n}"] for n in range(350))]
    rows[40][1] = "x" * 30  # too long for an account number
    match = "accountnumber" if mode == "upsert" else ""
    bulk = plan_import(actor, accounts, csv_file(rows), mode=mode, match=match)
    bulk = bulks.begin(actor, bulk)
    killed(when, "CreateMultiple", 2)
    assert 0 < bulk.rows.filter(state=State.DONE).count() < 349
    assert bulk.rows.filter(state=State.SENT).exists()
    restart()
    bulk.refresh_from_db()
    assert bulk.run.state == "succeeded"
    assert states(bulk) == {State.DONE: 349, State.FAILED: 1}
    found = named(accounts, word)
    assert len(found) == len({record.values["name"] for record in found}) == 349
    assert RecordChange.objects.filter(run=bulk.run).count() == 349


@pytest.mark.parametrize(
    ("count", "failing", "at"), [(2000, 30, 8), pytest.param(20_000, 300, 12, marks=pytest.mark.long)]
)
def test_a_large_import_killed_in_the_middle(actor, accounts, word, killed, count, failing, at):  # noqa: F811
    """The good lines are there once, the bad ones in a file with the reason beside each."""
    bad = set(range(7, count, 65)[:failing])
    assert len(bad) == failing
    bulk = bulks.begin(actor, plan_import(actor, accounts, csv_file(lines(word, count, bad))))
    killed("after", "CreateMultiple", at)
    assert 0 < bulk.rows.filter(state=State.DONE).count() < count - failing
    restart()
    bulk.refresh_from_db()
    assert bulk.run.state == "succeeded"
    assert states(bulk) == {State.DONE: count - failing, State.FAILED: failing}
    found = named(accounts, word)
    assert len(found) == len({record.values["name"] for record in found}) == count - failing
    _, content = error_file(bulk, "csv")
    heads, *rest = csv.reader(io.StringIO(b"".join(content).decode("utf-8-sig"), newline=""))
    assert heads[-1] == "Problem"
    assert len(rest) == failing
    assert {row[0] for row in rest} == {f"{word} {number:05}" for number in bad}
    assert all(row[-1] for row in rest)


@pytest.mark.parametrize("form", ["csv", "json", pytest.param("xlsx", marks=pytest.mark.long)])
def test_an_export_killed_in_the_middle(actor, contacts, killed, form):  # noqa: F811
    """It goes on where it was; a workbook, which is written in one go, begins anew and says so by its figures."""
    bulk = bulks.plan_export(actor, contacts, Plan(format=form, attributes=("lastname",)))
    killed("before", "skiptoken", 3)
    run = bulk.run
    run.refresh_from_db()
    assert (run.done, run.total) == (3000, contacts.service.client.total("contact"))
    begun = StoredFile.objects.get()
    restart()
    bulk.refresh_from_db()
    assert bulk.run.state == "succeeded"
    assert StoredFile.objects.get() == bulk.file
    assert (bulk.file == begun) == (form != "xlsx")
    content = b"".join(read_parts(bulk.file))
    if form == "json":
        ids = [record["id"] for record in decode_json(content)]
    else:
        ids = [line.cells[0] for line in open_table(io.BytesIO(content)).rows()]
    assert len(ids) == len(set(ids)) == bulk.run.total == bulk.run.done > 5000


def test_a_change_killed_after_it_was_sent_can_still_be_undone(actor, accounts, made, word, killed):  # noqa: F811
    bulk = bulks.plan_edit(actor, accounts, selection_of(accounts, made), {"telephone1": "+1 new"})
    bulk = bulks.begin(actor, bulk)
    killed("after", "UpdateMultiple", 1)
    assert accounts.get(made[0]).values["telephone1"] == "+1 new"
    restart()
    bulk.refresh_from_db()
    assert states(bulk) == {State.DONE: 12}
    finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert {record.values["telephone1"] for record in named(accounts, word)} == {None}


def test_a_record_that_was_there_before_is_not_taken_for_an_imported_one(actor, accounts, made, word, killed):  # noqa: F811
    mine = str(uuid.uuid4())
    rows = [["Record id", "Account Name"], [made[0], f"{word} taken"], [mine, f"{word} brought"]]
    bulk = bulks.begin(actor, plan_import(actor, accounts, csv_file(rows), mode="create"))
    killed("before", "CreateMultiple", 1)
    restart()
    bulk.refresh_from_db()
    assert states(bulk) == {State.DONE: 1, State.FAILED: 1}
    finished(bulks.begin(actor, bulks.undo(actor, accounts, bulk)))
    assert accounts.get(made[0]).values["name"] == f"{word} 00"
