"""Many records, batches and files against the sandbox."""

import uuid

import pytest

from microsoft import errors
from microsoft.dataverse import Dataverse, Pace, Part, Row
from microsoft.errors import Duplicate, Invalid, NotFound
from microsoft.odata import eq, startswith


@pytest.fixture
def environment(sandbox_door, ana, world):
    return Dataverse(sandbox_door, world.places.environments["contoso"], ana)


@pytest.fixture
def prefix():
    return f"Bulk {uuid.uuid4()}"


def rows_of(prefix, count, **more):
    return [Row(str(uuid.uuid4()), {"name": f"{prefix} {number}", **more}) for number in range(count)]


def names(environment, prefix):
    found = environment.pages("accounts", select=("name",), filter=startswith("name", prefix), page_size=5000)
    return sorted(record["name"] for page in found for record in page.records)


def create(environment, rows, pace=None):
    return environment.create_rows("account", "accounts", "accountid", rows, pace)


def test_bad_rows_are_isolated_and_the_good_ones_go_in(environment, prefix):
    rows = rows_of(prefix, 60)
    bad = {3, 30, 31, 59}
    for number in bad:
        nowhere = f"/contacts({uuid.uuid4()})"
        rows[number] = Row(rows[number].id, {**rows[number].body, "primarycontactid@odata.bind": nowhere})
    verdicts = create(environment, rows, Pace(size=40))
    assert {number for number, verdict in enumerate(verdicts) if verdict} == bad
    assert len(names(environment, prefix)) == 56
    # Whoever does not know how it went repeats it all, and no record is there twice.
    again = create(environment, rows)
    assert all(isinstance(verdict, errors.Refused) for verdict in again)
    assert isinstance(again[0], Duplicate)
    assert len(names(environment, prefix)) == 56


def test_update_and_delete_many(environment, prefix):
    rows = rows_of(prefix, 12)
    assert create(environment, rows) == [None] * 12
    gone = Row(str(uuid.uuid4()), {"telephone1": "1"})
    changes = [Row(row.id, {"telephone1": "+44 20"}) for row in rows]
    verdicts = environment.update_rows("account", "accounts", "accountid", [*changes[:5], gone, *changes[5:]])
    assert [type(verdict) for verdict in verdicts if verdict] == [NotFound]
    assert verdicts[5] is not None
    page = environment.list("accounts", select=("telephone1",), filter=startswith("name", prefix))
    assert {record["telephone1"] for record in page.records} == {"+44 20"}
    # One that is gone already is no failure.
    assert environment.delete_rows("accounts", [*(row.id for row in rows), gone.id]) == [None] * 13
    assert names(environment, prefix) == []


def test_the_parts_of_a_batch_are_answered_in_order(environment, prefix):
    name = f"{prefix} “Ærø” 🌊"
    answers = environment.batch(
        [
            Part("POST", "accounts", body={"name": name}),
            Part("GET", "accounts", {"$filter": eq("name", name), "$select": "name"}),
            Part("GET", f"accounts({uuid.uuid4()})"),
            Part("POST", "accounts", body={"nosuch": 1}),
        ]
    )
    assert answers[0].status == 204
    assert [record["name"] for record in answers[1].json()["value"]] == [name]
    assert isinstance(answers[2], NotFound)
    assert isinstance(answers[3], Invalid)
    assert environment.batch([]) == []
    with pytest.raises(Invalid):
        environment.batch([Part("GET", "accounts")] * 1001)


def test_trouble_with_the_service_is_not_taken_for_a_bad_row(environment, prefix, world):
    world.faults.add(
        {"kind": "status", "status": 429, "path": "CreateMultiple", "retry_after": 60, "count": 1}
    )
    pace = Pace(size=20)
    with pytest.raises(errors.Throttled):
        create(environment, rows_of(prefix, 20), pace)
    assert pace.size == 10
    assert names(environment, prefix) == []


def test_the_pace_is_steered_to_the_servers_speed():
    pace = Pace()
    for _ in range(6):
        pace.learn(pace.size, 0.5)
    assert pace.size == 1000
    pace.learn(1000, 40.0)
    assert pace.size == 500
    pace.learn(500, 20.0)
    assert pace.size == 250
    pace.learn(3, 9.0)  # the rest of a file
    assert pace.size == 250
    pace.learn(250, 10.0)
    assert pace.size == 250


def test_fetch_short_and_long(environment, prefix):
    create(environment, rows_of(prefix, 3))
    many = "".join(f"<value>{prefix} {number}</value>" for number in range(200))
    for condition in (
        f'<condition attribute="name" operator="eq" value="{prefix} 1"/>',
        f'<condition attribute="name" operator="in">{many}</condition>',
    ):
        query = (
            '<fetch top="50"><entity name="account"><attribute name="name"/>'
            f'<order attribute="name"/><filter>{condition}</filter></entity></fetch>'
        )
        assert f"{prefix} 1" in {row["name"] for row in environment.fetch("accounts", query).records}
    with pytest.raises(Invalid):
        environment.fetch("accounts", '<fetch><entity name="account"><attribute name="no"/></entity></fetch>')


@pytest.fixture
def project(environment):
    return environment.create("smp_projects", {"smp_name": "Files", "smp_code": uuid.uuid4().hex})


def send(environment, upload, content, *, piece):
    for start in range(0, len(content), piece):
        upload = (
            environment.upload_piece(upload, content[start : start + piece], start, len(content)) or upload
        )
    return upload


@pytest.mark.parametrize("file_name", ["Vertrag “Ærø” عقد.pdf", "a&b=c #1 100%.txt"])
def test_a_file_goes_up_and_down_in_pieces(environment, project, file_name):
    content = bytes(range(256)) * 2000
    upload = environment.begin_upload("smp_projects", project, "smp_contract", file_name)
    assert upload.piece_size == 4 * 1024 * 1024
    assert environment.read_piece("smp_projects", project, "smp_contract") is None
    send(environment, upload, content, piece=200_000)
    piece = environment.read_piece("smp_projects", project, "smp_contract", 100_000, 50_000)
    assert (piece.content, piece.size) == (content[100_000:150_000], len(content))
    assert piece.file_name == file_name
    assert (
        b"".join(p.content for p in environment.read_file("smp_projects", project, "smp_contract")) == content
    )
    environment.delete_file("smp_projects", project, "smp_contract")
    assert list(environment.read_file("smp_projects", project, "smp_contract")) == []


def test_an_upload_goes_on_after_a_lost_answer(environment, project, world):
    content = b"x" * 300
    upload = environment.begin_upload("smp_projects", project, "smp_contract", "a.txt")
    environment.upload_piece(upload, content[:100], 0, 300)
    world.faults.add({"kind": "drop_response", "path": "smp_contract", "count": 1})
    with pytest.raises(errors.Unreachable):
        environment.upload_piece(upload, content[100:200], 100, 300)
    environment.upload_piece(upload, content[100:200], 100, 300)
    assert environment.upload_piece(upload, content[200:], 200, 300) is None
    assert environment.read_piece("smp_projects", project, "smp_contract").content == content


def test_a_piece_is_sent_only_to_the_environment(environment, project):
    upload = environment.begin_upload("smp_projects", project, "smp_contract", "a.txt")
    elsewhere = type(upload)("https://elsewhere.example/x", upload.piece_size, "a.txt")
    with pytest.raises(errors.OriginRefused):
        environment.upload_piece(elsewhere, b"x", 0, 1)


def test_a_file_that_is_too_large_is_refused(environment, project):
    upload = environment.begin_upload("smp_projects", project, "smp_contract", "a.bin")
    with pytest.raises(Invalid) as refused:
        environment.upload_piece(upload, b"x", 0, 10**10)
    assert refused.value.code == "0x80044A02"
