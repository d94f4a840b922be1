"""Importing by an alternate key of several attributes, which accounts have for the time of these tests."""

import pytest

from core.problems import BadInput
from entities.bulk.matching import Matcher
from entities.models import BulkRow, RecordChange
from entities.services import bulk as bulks
from integrations.bulk import BulkOperations
from integrations.metadata import catalogue
from integrations.metadata.related import Parts
from integrations.operations import Service
from integrations.services import drafts, publishing
from jobs.models import JobRun
from tests.connections.crashes import restart
from tests.entities.test_bulk import actor, csv_file, finished, named, plan_import, states, word  # noqa: F401
from tests.entities.test_bulk_crashes import killed  # noqa: F401
from tests.entities.test_bulk_pages import mapping_of, upload
from tests.sandbox.dataverse.api import Api
from tests.sandbox.dataverse.test_metadata_writes import delete, post

State = BulkRow.State
KEY = "accountnumber+address1_city"


@pytest.fixture(scope="module")
def composite(sandbox):
    api = Api(sandbox, "contoso-dev")
    body = {"SchemaName": "new_NumberCity", "KeyAttributes": ["accountnumber", "address1_city"]}
    address = post(api, "EntityDefinitions(LogicalName='account')/Keys", body)
    sandbox.clock.advance(2)
    yield
    delete(api, address)


@pytest.fixture
def keyed(composite, sample_integration, sample_owner):
    """The sample's accounts, published again with the key."""
    catalogue.for_actor(sample_owner, sample_integration.environment).refresh()
    account = sample_integration.draft.entity("account")
    shaped = drafts.shape_entity(
        sample_owner,
        sample_integration,
        sample_integration.revision,
        "account",
        operations=account.operations,
        chosen=[each.logical_name for each in account.attributes],
        called={},
        parts=Parts({"new_numbercity": "by_number_and_city"}, {}, {}),
    )
    publishing.publish(sample_owner, shaped, shaped.revision)
    return Service.on(sample_integration, "development", sample_owner).entity("account")


def file_of(word, *rows):  # noqa: F811
    return csv_file([["Account Number", "Address 1: City", "Account Name", "Annual Revenue"], *rows])


def test_lines_are_matched_by_several_attributes_and_bad_ones_left_out(actor, keyed, word):  # noqa: F811
    number = word[-10:]
    keyed.create({"accountnumber": number, "address1_city": "Oslo", "name": f"{word} a"})
    keyed.create({"accountnumber": number, "address1_city": "Bergen", "name": f"{word} b"})
    content = file_of(
        word,
        [number.upper(), "oslo", f"{word} a2", "1"],
        [number, "Bergen", f"{word} b2", "much"],
        [number, "Turku", f"{word} c", "3"],
        [number, "", f"{word} d", "4"],
        [number, "OSLO ", f"{word} e", "5"],
        [number, "T" * 90, f"{word} f", "6"],
    )
    bulk = plan_import(actor, keyed, content)
    assert bulk.plan.match == KEY, "offered, as the file has what it takes"
    bulk = bulks.replan_import(actor, keyed, bulk, bulk.plan.model_copy(update={"mode": "upsert"}))
    finished(bulks.check(actor, bulk))
    said = {
        row.number: row.verb if row.state == State.PLANNED else row.facts.reason for row in bulk.rows.all()
    }
    assert (said[2], said[4]) == ("update", "create")
    assert "is not a number" in said[3]
    assert "is empty, so no record can be found by it" in said[5]
    assert "Line 2 is for the same record" in said[6]
    assert "at most 80" in said[7]
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 2, State.FAILED: 4}
    assert [record.values["name"] for record in named(keyed, word)] == [
        f"{word} a2", f"{word} b", f"{word} c",
    ]  # fmt: skip
    finished(bulks.begin(actor, bulks.undo(actor, keyed, bulk)))
    assert [record.values["name"] for record in named(keyed, word)] == [f"{word} a", f"{word} b"]


def test_who_is_overtaken_changes_the_record_that_is_there_now(actor, keyed, word, monkeypatch):  # noqa: F811
    """Between looking and writing somebody makes records with the same keys: they are changed, not refused."""
    number = word[-10:]
    really = Matcher.__call__

    def match(self, judged):
        really(self, judged)
        if self.plan.mode == "upsert":
            for city in ("Oslo", "Turku"):
                keyed.create({"accountnumber": number, "address1_city": city, "name": f"{word} rival"})

    monkeypatch.setattr(Matcher, "__call__", match)
    rows = [[number, city, f"{word} {city}", "7"] for city in ("Oslo", "Bergen", "Turku")]
    bulk = plan_import(actor, keyed, file_of(word, *rows), mode="upsert", match=KEY)
    finished(bulks.begin(actor, bulk))
    assert states(bulk) == {State.DONE: 3}, [row.facts.reason for row in bulk.rows.all()]
    assert {row.number: row.verb for row in bulk.rows.all()} == {2: "update", 3: "create", 4: "update"}
    found = named(keyed, word)
    assert [record.values["name"] for record in found] == [
        f"{word} {city}" for city in ("Bergen", "Oslo", "Turku")
    ]
    assert {row.record_id for row in RecordChange.objects.filter(run=bulk.run, kind="update")} < {
        row.record_id for row in bulk.rows.all()
    }
    undoing = finished(bulks.begin(actor, bulks.undo(actor, keyed, bulk)))
    assert states(undoing) == {State.DONE: 1, State.FAILED: 2}
    assert len(named(keyed, word)) == 2, "what others have made is not taken away"


@pytest.mark.services
def test_no_line_is_there_twice_after_a_kill(actor, keyed, word, killed):  # noqa: F811
    number = word[-10:]
    rows = [[number, f"City {n}", f"{word} {n:03}", str(n)] for n in range(120)]
    rows[40][1] = "C" * 90
    keyed.create({"accountnumber": number, "address1_city": "City 3", "name": f"{word} before"})
    bulk = plan_import(actor, keyed, file_of(word, *rows), mode="upsert", match=KEY)
    bulk = bulks.begin(actor, bulk)
    killed("after", "CreateMultiple", 1)
    assert bulk.rows.filter(state=State.SENT).exists()
    restart()
    bulk.refresh_from_db()
    assert bulk.run.state == JobRun.State.SUCCEEDED
    assert states(bulk) == {State.DONE: 119, State.FAILED: 1}
    found = named(keyed, word)
    assert len(found) == len({record.values["name"] for record in found}) == 119
    finished(bulks.begin(actor, bulks.undo(actor, keyed, bulk)))
    assert [record.values["name"] for record in named(keyed, word)] == [f"{word} before"]


def test_the_page_offers_the_key(actor, keyed, ana, at, word):  # noqa: F811
    begun = upload(ana, at, file_of(word, [word[-10:], "Oslo", f"{word} a", "1"]))
    page = ana.get(begun["Location"])
    assert f'<option value="{KEY}" selected>Account Number + Address 1: City (a key)' in page.content.decode()
    data = {**mapping_of(page), "mode": "upsert", "column-1": ""}
    assert "map a column to each part of it" in ana.post(begun["Location"], data).content.decode()
    with pytest.raises(BadInput):
        plan_import(actor, keyed, csv_file([["Account Number"], ["1"]]), mode="update", match=KEY)


def test_upserts_by_key_are_one_request_and_isolate_the_bad(keyed, word):  # noqa: F811
    number = word[-10:]
    rows = [{"accountnumber": number, "address1_city": f"C{n}", "name": f"{word} {n:02}"} for n in range(20)]
    rows[7]["primarycontactid"] = {"entity": "contact", "id": "0a1b2c3d-0000-4000-8000-00000000dead"}
    rows[9]["nonsense"] = 1
    for _ in range(2):
        problems = BulkOperations(keyed).upsert(("accountnumber", "address1_city"), rows)
        assert [place for place, problem in enumerate(problems) if problem] == [7, 9]
        assert len(named(keyed, word)) == 18
