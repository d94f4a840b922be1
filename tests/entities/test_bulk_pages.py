"""The pages about work on many records, as a browser without scripts uses them."""

import io
import re
import uuid
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Role
from entities.models import Bulk, StoredFile
from jobs.testing import run_due
from tests.entities.pages import text


@pytest.fixture
def word():
    return f"Pages {uuid.uuid4().hex[:10]}"


@pytest.fixture
def made(accounts, word):
    return [accounts.create({"name": f"{word} {number}"}) for number in range(3)]


def upload(client, at, content, name="accounts.csv"):
    return client.post(at("account", "import"), {"file": SimpleUploadedFile(name, content)})


def mapping_of(answer):
    """What a browser would send from the mapping page as it stands."""
    page = answer.content.decode()
    data = {}
    for name, body in re.findall(
        r'<select class="[^"]*" id="[^"]+" name="(column-\d+|found-\d+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        data[name] = chosen[1] if chosen else ""
    for name in ("decimal", "dates", "blanks", "encoding", "delimiter", "match", "sheet"):
        body = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
        if body:
            chosen = re.search(r'value="([^"]*)" selected', body[0])
            data[name] = chosen[1] if chosen else ""
    return data


def test_change_by_the_pages(ana, at, made, accounts, word):
    chosen = {"selection": ",".join(made), "query": ""}
    form = ana.post(at("account", "bulk", "edit"), chosen)
    assert "3 records selected" in text(form)
    nothing = ana.post(at("account", "bulk", "edit"), {**chosen, "plan": "1"})
    assert nothing.status_code == 422
    assert "Nothing is to be changed" in text(nothing)
    wrong = ana.post(
        at("account", "bulk", "edit"),
        {**chosen, "plan": "1", "change-these": "numberofemployees", "numberofemployees": "many"},
    )
    assert wrong.status_code == 422
    assert "This must be a whole number" in text(wrong)
    told = ana.post(
        at("account", "bulk", "edit"),
        {
            **chosen,
            "plan": "1",
            "change-these": ["telephone1"],
            "telephone1": "+44 1",
            "numberofemployees": "many",
        },
    )
    assert told.status_code == 302
    page = ana.get(told["Location"])
    assert "3 records would be changed" in text(page)
    assert f"{word} 0" in text(page)
    assert "+44 1" in text(page)
    begun = ana.post(told["Location"] + "begin/")
    assert begun["Location"] == told["Location"]
    run_due(early=True)
    assert accounts.get(made[1]).values["telephone1"] == "+44 1"
    result = ana.get(told["Location"], {"state": "done"})
    assert "All done" in text(result)
    assert ana.post(told["Location"] + "begin/").status_code == 409
    undone = ana.post(told["Location"] + "undo/")
    assert "This takes back what was done" in text(ana.get(undone["Location"]))
    ana.post(undone["Location"] + "begin/")
    run_due(early=True)
    assert accounts.get(made[1]).values["telephone1"] is None
    assert "Undo" in text(ana.get(at("account", "bulk")))


def test_delete_by_the_pages(ana, at, made):
    told = ana.post(
        at("account", "bulk", "delete"),
        {"selection": "all", "query": "where=name~starts_with~Pages", "except": made[0]},
    )
    assert "would be deleted" in text(ana.get(told["Location"]))
    forgotten = ana.post(told["Location"] + "discard/")
    assert forgotten["Location"] == at("account", "bulk")
    assert ana.get(told["Location"]).status_code == 404


def test_import_by_the_pages(ana, at, accounts, word):
    content = f"Account Name;Annual Revenue;Nonsense\r\n{word} ä;1,5;x\r\n{word} b;viel;\r\n".encode()
    begun = upload(ana, at, content)
    assert begun.status_code == 302, text(begun)
    page = ana.get(begun["Location"])
    data = mapping_of(page)
    assert (data["column-0"], data["column-1"], data["column-2"], data["delimiter"]) == (
        "name",
        "revenue",
        "",
        ";",
    )
    assert "viel" in text(page)
    wrong = ana.post(begun["Location"], {**data, "mode": "upsert"})
    assert wrong.status_code == 422
    assert "Choose how to find the record" in text(wrong)
    twice = ana.post(begun["Location"], {**data, "mode": "create", "column-1": "name"})
    assert "Two columns go into the same attribute" in text(twice)
    checked = ana.post(begun["Location"], {**data, "mode": "create", "decimal": ","})
    assert checked.status_code == 302, text(checked)
    run_due(early=True)
    page = ana.get(checked["Location"])
    assert "1 line would go through" in text(page)
    assert ">Import 1 line</button>" in page.content.decode()
    assert "is not a number" in text(page)
    ana.post(checked["Location"] + "begin/")
    run_due(early=True)
    page = ana.get(checked["Location"], {"state": "failed"})
    assert "viel" in text(page)
    for form in ("csv", "xlsx"):
        answer = ana.get(checked["Location"] + "errors/", {"format": form})
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content)
    failed = b"".join(ana.get(checked["Location"] + "errors/").streaming_content).decode("utf-8-sig")
    assert failed.splitlines()[0] == "Account Name,Annual Revenue,Nonsense,Problem"
    again = upload(ana, at, failed.replace("viel", "3").encode(), "corrected.csv")
    data = mapping_of(ana.get(again["Location"]))
    assert data["column-3"] == ""
    assert ana.post(again["Location"], {**data, "mode": "create"}).status_code == 302
    assert StoredFile.objects.count() == 2


def test_a_lookup_to_what_is_not_offered_says_so(ana, at, word):
    begun = upload(ana, at, f"Account Name,Owner\n{word} a,Ana Alvarez\n".encode())
    page = ana.get(begun["Location"])
    assert mapping_of(page)["column-1"] == ""
    assert "A lookup to systemuser" in text(page)
    assert '<option value="ownerid"' not in page.content.decode()
    begun = upload(ana, at, f"Account Name,Owner\n{word} a,systemuser:{uuid.uuid4()}\n".encode())
    page = ana.get(begun["Location"])
    assert mapping_of(page)["column-1"] == "ownerid"
    assert "A lookup to systemuser" not in text(page)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "The first line of the file is empty"),
        ("binary.csv", b"\x00\x01\x02\x03", "neither a text nor an Excel file"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", "cannot be read"),
    ],
)
def test_files_that_cannot_be_imported(ana, at, name, content, why):
    answer = upload(ana, at, content, name)
    assert answer.status_code == 400
    assert why in text(answer) or "empty" in text(answer)
    assert not StoredFile.objects.exists()
    assert not Bulk.objects.exists()


def test_export_by_the_pages(ana, at, made, word):
    page = ana.get(at("account", "export"), {"where": f"name~starts_with~{word}", "columns": "name,revenue"})
    assert "The 2 that the list shows" in text(page)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    told = ana.post(
        at("account", "export"),
        {
            **hidden,
            "query": hidden["query"].replace("&amp;", "&"),
            "export": "1",
            "format": "csv",
            "columns": "shown",
        },
    )
    run_due(early=True)
    assert "Download" in text(ana.get(told["Location"]))
    answer = ana.get(told["Location"] + "download/")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "Record id,Account Name,Annual Revenue"
    assert len(lines) == 4
    assert answer["Content-Disposition"].startswith("attachment")


def test_nobody_else_reaches_it(ana, at, person, made):
    told = ana.post(
        at("account", "bulk", "edit"),
        {"selection": made[0], "plan": "1", "change-these": "telephone1", "telephone1": "1"},
    )
    ben, viewer = person("ben", Role.OWNER), person("cleo", Role.VIEWER)
    for path in ("", "download/", "errors/", "mapping/"):
        assert ben.get(told["Location"] + path).status_code == 404
    for path in ("begin/", "check/", "retry/", "undo/", "discard/"):
        assert ben.post(told["Location"] + path).status_code == 404
    assert Bulk.objects.get().stage == "draft"
    for path in ("bulk/edit", "bulk/delete"):
        assert viewer.post(at("account", path), {"selection": made[0]}).status_code == 403
    assert upload(viewer, at, b"Account Name\nx\n").status_code == 403
    assert viewer.get(at("account", "export")).status_code == 200


def test_names_of_files_lead_nowhere(ana, at):
    begun = upload(ana, at, b"Account Name\nx\n", '..\\..\\etc/pass"wd<b>.csv')
    assert begun.status_code == 302
    assert StoredFile.objects.get().name == "passwdb.csv"


def test_a_bomb_is_not_unpacked(ana, at):
    import zipfile

    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as member,
    ):
        for _ in range(160):
            member.write(b"0" * 1024 * 1024)
    answer = upload(ana, at, made.getvalue(), "bomb.xlsx")
    assert answer.status_code == 400
    assert "would unpack to 160 MB" in text(answer)


def links_of(answer):
    return [
        unescape(link) for link in re.findall(r'(?:href|hx-get)="([^"]*\?[^"]*)"', answer.content.decode())
    ]


def test_failures_are_listed_page_by_page_and_tried_again(ana, at, accounts, word):
    """The list that comes by itself while it moves leads to whole pages, and keeps to what was chosen."""
    gone = [str(uuid.uuid4()) for _ in range(60)]
    there = accounts.create({"name": f"{word} there"})
    told = ana.post(
        at("account", "bulk", "edit"),
        {"selection": ",".join([there, *gone]), "plan": "1", "change-these": "telephone1", "telephone1": "1"},
    )
    here = told["Location"]
    ana.post(f"{here}begin/")
    moving = ana.get(here, {"state": "failed"})
    assert f"{here}?live=1&state=failed" in links_of(moving)
    run_due(early=True)
    for asked in ({"state": "failed"}, {"state": "failed", "live": "1"}):
        page = ana.get(here, asked)
        assert "1 went through, 60 failed" in text(page)
        assert "1 to 50 of 60" in text(page)
        onward = [link for link in links_of(page) if "page=2" in link]
        assert onward == ["?state=failed&page=2"]
    second = ana.get(here + onward[0])
    assert "51 to 60 of 60" in text(second)
    assert f"{word} there" not in text(second)
    accounts.service.client.create("accounts", {"accountid": gone[0], "name": f"{word} late"})
    again = ana.post(f"{here}retry/")
    assert again["Location"] == here
    run_due(early=True)
    page = ana.get(here)
    assert "2 went through, 59 failed" in text(page)
    assert accounts.get(gone[0]).values["telephone1"] == "1"
