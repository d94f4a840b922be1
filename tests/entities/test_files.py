"""Files of records: up in pieces, on again after a break, down as nothing but a download."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEvent, Role
from entities.models import FileTransfer
from integrations.definition import READ_WRITE
from integrations.models import Integration
from integrations.operations import Service
from integrations.services import drafts, publishing
from jobs.testing import run_due
from tests.entities.pages import text

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def project(sample_integration, sample_owner):
    """A record with a file attribute, of an entity that the sample has been given for this test."""
    made = drafts.choose_entities(
        sample_owner, sample_integration, sample_integration.revision, ["account", "contact", "smp_project"]
    )
    made = drafts.shape_entity(
        sample_owner,
        made,
        made.revision,
        "smp_project",
        operations=READ_WRITE,
        chosen=["smp_contract", "smp_code"],
        called={},
    )
    publishing.publish(sample_owner, made, made.revision)
    run_due(early=True)
    service = Service.on(Integration.objects.get(), "development", sample_owner)
    projects = service.entity("smp_project")
    return projects.create({"smp_name": "With files", "smp_code": uuid.uuid4().hex})


@pytest.fixture
def files(at, project):
    return at("smp_project", project, "files")


def send(client, files, content=CONTENT, name="Vertrag “Ærø”.pdf", *, piece=4000):
    """Send a file as the page's script does; the last answer."""
    pieces = re.sub(r"[0-9a-f-]{36}/files/$", "files/", files)
    told = client.post(f"{files}smp_contract/upload/", {"name": name, "size": len(content)}).json()
    address = f"{pieces}{told['transfer']}/"
    answer = None
    for start in range(0, len(content), piece):
        body = content[start : start + piece]
        answer = client.post(f"{address}?start={start}", body, content_type="application/octet-stream")
    return address, answer


def test_up_down_and_away(ana, files, project):
    page = ana.get(files)
    assert "No file yet" in text(page)
    assert "At most" in text(page)
    _, answer = send(ana, files)
    assert answer.json() == {"done": True, "received": len(CONTENT)}
    assert not FileTransfer.objects.exists()
    page = text(ana.get(files))
    assert "Replace it by" in page
    assert "Vertrag “Ærø”.pdf" in page
    assert "Vertrag “Ærø”.pdf" in text(ana.get(files.removesuffix("files/")))
    got = ana.get(f"{files}smp_contract/")
    assert b"".join(got.streaming_content) == CONTENT
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert "%C3%86r%C3%B8" in got["Content-Disposition"]
    assert got["X-Content-Type-Options"] == "nosniff"
    assert AuditEvent.objects.filter(verb="replaced a file of", outcome="succeeded").count() == 1
    ana.post(f"{files}smp_contract/remove/")
    assert ana.get(f"{files}smp_contract/").status_code == 404


def test_without_scripts_a_form_does(ana, files):
    answer = ana.post(
        f"{files}smp_contract/upload/",
        {"file": SimpleUploadedFile("../../x.html", b"<script>alert(1)</script>")},
    )
    assert answer["Location"] == files
    got = ana.get(f"{files}smp_contract/")
    assert got["Content-Disposition"] == 'attachment; filename="x.html"'
    assert got["Content-Type"] == "application/octet-stream"


def test_it_goes_on_where_it_was(ana, files, world):
    pieces = re.sub(r"[0-9a-f-]{36}/files/$", "files/", files)
    told = ana.post(f"{files}smp_contract/upload/", {"name": "a.bin", "size": 300}).json()
    address = f"{pieces}{told['transfer']}/"
    binary = "application/octet-stream"
    assert ana.post(f"{address}?start=0", b"a" * 100, content_type=binary).json()["received"] == 100
    fault = world.faults.add({"kind": "drop_response", "path": "smp_contract", "count": 1})
    assert ana.post(f"{address}?start=100", b"b" * 100, content_type=binary).status_code == 503
    assert fault.hits == 1
    assert ana.get(address).json()["received"] == 100
    early = ana.post(
        f"{address}?start=200", b"c" * 100, content_type=binary, headers={"Accept": "application/json"}
    )
    assert early.status_code == 409
    assert ana.post(f"{address}?start=100", b"b" * 100, content_type=binary).json()["received"] == 200
    assert ana.post(f"{address}?start=200", b"c" * 100, content_type=binary).json()["done"]
    assert (
        b"".join(ana.get(f"{files}smp_contract/").streaming_content) == b"a" * 100 + b"b" * 100 + b"c" * 100
    )


@pytest.mark.parametrize(
    ("name", "size"),
    [("a.bin", "0"), ("a.bin", "99999999999"), ("", "5"), ("..", "5"), ("a.bin", "-5"), ("a.bin", "x")],
)
def test_what_does_not_fit_is_said_before_it_travels(ana, files, name, size):
    answer = ana.post(f"{files}smp_contract/upload/", {"name": name, "size": size})
    assert answer.status_code == 400
    assert not FileTransfer.objects.exists()


def test_pieces_that_are_none(ana, files):
    pieces = re.sub(r"[0-9a-f-]{36}/files/$", "files/", files)
    told = ana.post(f"{files}smp_contract/upload/", {"name": "a.bin", "size": 10}).json()
    address = f"{pieces}{told['transfer']}/"
    for start, body in (("0", b""), ("0", b"x" * 11), ("x", b"x"), ("-1", b"x")):
        answer = ana.post(f"{address}?start={start}", body, content_type="application/octet-stream")
        assert answer.status_code == 400, (start, body)


def test_only_editors_and_only_their_own_uploads(ana, files, person):
    pieces = re.sub(r"[0-9a-f-]{36}/files/$", "files/", files)
    told = ana.post(f"{files}smp_contract/upload/", {"name": "a.bin", "size": 10}).json()
    ben, cleo = person("ben", Role.OWNER), person("cleo", Role.VIEWER)
    assert ben.get(f"{pieces}{told['transfer']}/").status_code == 404
    assert (
        ben.post(
            f"{pieces}{told['transfer']}/?start=0", b"x", content_type="application/octet-stream"
        ).status_code
        == 404
    )
    assert cleo.get(files).status_code == 200
    assert "Choose a file" not in text(cleo.get(files))
    assert cleo.post(f"{files}smp_contract/upload/", {"name": "a.bin", "size": 10}).status_code == 403
    assert cleo.post(f"{files}smp_contract/remove/").status_code == 403
    for other in ("smp_code", "nosuch"):
        assert ana.get(f"{files}{other}/").status_code == 404
        assert ana.post(f"{files}{other}/upload/", {"name": "a", "size": 1}).status_code == 404


def test_another_site_cannot_send(ana, files):
    strict = type(ana)(ana.world, enforce_csrf_checks=True)
    strict.cookies = ana.cookies
    assert strict.post(f"{files}smp_contract/upload/", {"name": "a.bin", "size": 10}).status_code == 403
    assert strict.post(f"{files}smp_contract/remove/").status_code == 403
