"""File columns: small and chunked uploads, downloads and their ranges, limits and errors."""

import base64
import uuid

import pytest

from tests.sandbox.dataverse.multipart import operation, read, send

COLUMN = "smp_contract"
CHUNK = 4 * 1024 * 1024
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def path(api):
    record = api.create("smp_projects", {"smp_name": "with a file", "smp_code": uuid.uuid4().hex})
    return f"smp_projects({record})/{COLUMN}"


def upload(api, path, content=b"hello", name="a.txt", **headers):
    return api.send("PATCH", path, data=content, headers={**BINARY, "x-ms-file-name": name, **headers})


def begin(api, path, name="large.bin"):
    response = api.send("PATCH", f"{path}?x-ms-file-name={name}", headers={"x-ms-transfer-mode": "chunked"})
    assert response.status_code == 200, response.text
    assert response.content == b""
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["x-ms-chunk-size"] == str(CHUNK)
    assert response.headers["Location"].startswith(f"{api.root}/{path}?sessiontoken=")
    return response.headers["Location"]


def chunk(api, location, content, start, total, end=None):
    last = start + len(content) - 1 if end is None else end
    headers = {**BINARY, "x-ms-file-name": "large.bin", "Content-Range": f"bytes {start}-{last}/{total}"}
    return api.send("PATCH", location, data=content, headers=headers)


def test_up_and_down(api, path):
    assert api.send("GET", f"{path}/$value").status_code == 204
    assert upload(api, path, **{"If-None-Match": "null"}).status_code == 204

    raw = api.send("GET", f"{path}/$value")
    assert (raw.status_code, raw.content) == (200, b"hello")
    assert raw.headers["Content-Type"] == "application/octet-stream"
    assert raw.headers["x-ms-file-name"] == "a.txt"
    assert raw.headers["x-ms-file-size"] == "5"
    assert raw.headers["mimetype"] == "text/plain"

    row = api.get(path.rpartition("/")[0], select=f"{COLUMN},{COLUMN}_name")
    assert uuid.UUID(row[COLUMN])
    assert row[f"{COLUMN}_name"] == "a.txt"


def test_the_row_changes_with_its_file(api, path):
    before = api.get(path.rpartition("/")[0])["@odata.etag"]
    upload(api, path)
    first = api.get(path.rpartition("/")[0])
    assert first["@odata.etag"] != before
    upload(api, path, b"other", "b.pdf", **{"If-Match": "*"})
    second = api.get(path.rpartition("/")[0])
    assert second[COLUMN] != first[COLUMN]
    assert api.send("GET", f"{path}/$value").headers["mimetype"] == "application/pdf"
    stale = upload(api, path, **{"If-Match": first["@odata.etag"]})
    api.error(stale, 412, "0x80060882")


def test_names_beyond_ascii_come_in_the_query(api, path):
    assert (
        api.send("PATCH", f"{path}?x-ms-file-name=%C3%A9t%C3%A9.txt", data=b"x", headers=BINARY).status_code
        == 204
    )
    assert api.get(path.rpartition("/")[0])[f"{COLUMN}_name"] == "été.txt"
    assert api.send("GET", f"{path}/$value").headers["x-ms-file-name"] == "%C3%A9t%C3%A9.txt"
    headers = {**BINARY, "x-ms-file-name": "header.txt"}
    api.send("PATCH", f"{path}?x-ms-file-name=query.txt", data=b"x", headers=headers)
    assert api.get(path.rpartition("/")[0])[f"{COLUMN}_name"] == "header.txt"


def test_base64_without_value(api, path):
    assert api.send("GET", path).status_code == 204
    upload(api, path)
    found = api.send("GET", f"{path}?size=full")
    assert base64.b64decode(found.json()["value"]) == b"hello"
    assert found.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert found.headers["x-ms-file-size"] == "5"


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ("bytes=0-1", b"he", "bytes 0-1/5"),
        ("bytes=3-99", b"lo", "bytes 3-4/5"),
        ("bytes=1-", b"ello", "bytes 1-4/5"),
        ("bytes=-2", b"lo", "bytes 3-4/5"),
    ],
)
def test_ranges(api, path, asked, content, told):
    upload(api, path)
    found = api.send("GET", f"{path}/$value", headers={"Range": asked})
    assert (found.status_code, found.content) == (206, content)
    assert found.headers["Content-Range"] == told
    assert found.headers["x-ms-chunk-size"] == str(CHUNK)
    assert base64.b64decode(api.send("GET", path, headers={"Range": asked}).json()["value"]) == content


def test_a_range_behind_the_end(api, path):
    """DynamicsWebApi asks once more when the size is a multiple of its chunks."""
    upload(api, path)
    again = api.send("GET", f"{path}?size=full", headers={"Range": "bytes=5-9"})
    assert (again.status_code, again.json()["value"]) == (206, "")
    beyond = api.send("GET", f"{path}/$value", headers={"Range": "bytes=5-9"})
    api.error(beyond, 416, "0x80090005")


def test_chunks(api, path):
    content = bytes(range(256)) * (CHUNK // 256) * 2 + b"the end"
    location = begin(api, path)
    for start in (0, CHUNK):
        part = chunk(api, location, content[start : start + CHUNK], start, len(content))
        assert (part.status_code, part.headers["x-ms-chunk-size"]) == (206, str(CHUNK))
        assert part.headers["Location"] == location
    assert api.send("GET", f"{path}/$value").status_code == 204, "not before it is whole"
    again = chunk(api, location, content[CHUNK : 2 * CHUNK], CHUNK, len(content))
    assert again.status_code == 206, "a chunk whose answer was lost comes twice"
    assert chunk(api, location, content[2 * CHUNK :], 2 * CHUNK, len(content)).status_code == 204
    assert api.send("GET", f"{path}/$value").content == content
    span = {"Range": f"bytes={CHUNK - 3}-{CHUNK + 2}"}
    assert api.send("GET", f"{path}/$value", headers=span).content == content[CHUNK - 3 : CHUNK + 3]


def test_an_empty_chunk_behind_the_last(api, path):
    location = begin(api, path)
    assert chunk(api, location, b"12345", 0, 5).status_code == 204
    assert chunk(api, location, b"", 5, 5, end=4).status_code == 204
    assert api.send("GET", f"{path}/$value").content == b"12345"


@pytest.mark.parametrize(
    ("content", "start", "total", "end", "code"),
    [
        (b"12345", 0, 10, 3, "0x80090005"),
        (b"12345", 3, 10, None, "0x80090005"),
        (b"12345", 0, 4, None, "0x80090005"),
        (b"", 0, 10, -1, "0x80090005"),
        (b"x" * (CHUNK + 1), 0, CHUNK * 2, None, "0x80090008"),
        (b"12345", 0, 40 * 1024 * 1024, None, "0x80044A02"),
    ],
)
def test_bad_chunks(api, path, content, start, total, end, code):
    api.error(chunk(api, begin(api, path), content, start, total, end), 400, code)


def test_chunks_without_a_range_or_a_session(api, path):
    location = begin(api, path)
    api.error(api.send("PATCH", location, data=b"1", headers=BINARY), 400, "0x80090005")
    api.error(chunk(api, f"{path}?sessiontoken=nix", b"1", 0, 1), 400, "0x80040203")
    assert chunk(api, location, b"12345", 0, 10).status_code == 206
    api.error(chunk(api, location, b"67890", 5, 11), 400, "0x80090005")


def test_too_large(api, path):
    message = api.error(upload(api, path, b"\0" * (32 * 1024 * 1024 + 1)), 400, "0x80044A02")
    assert "33554432" in message


@pytest.mark.parametrize("name", ["", "a\tb", "x" * 300])
def test_names_that_are_none(api, path, name):
    api.error(upload(api, path, name=name), 400, "0x80040203")


def test_a_name_cannot_forge_headers(api, path):
    api.error(
        api.send("PATCH", f"{path}?x-ms-file-name=a%0d%0ab", data=b"x", headers=BINARY), 400, "0x80040203"
    )


def test_removing(api, path):
    upload(api, path)
    assert api.send("DELETE", path).status_code == 204
    assert api.send("GET", f"{path}/$value").status_code == 204
    row = api.get(path.rpartition("/")[0])
    assert (row[COLUMN], row[f"{COLUMN}_name"]) == (None, None)


def test_rows_that_are_gone_and_rights(api, cleo, path):
    nowhere = f"smp_projects({uuid.uuid4()})/{COLUMN}"
    for method, more in (("GET", "/$value"), ("PATCH", ""), ("DELETE", "")):
        response = api.send(method, nowhere + more, data=b"x", headers={**BINARY, "x-ms-file-name": "a"})
        api.error(response, 404, "0x80040217")
    assert upload(cleo, path).status_code == 403
    assert cleo.send("DELETE", path).status_code == 403
    upload(api, path)
    assert cleo.send("GET", f"{path}/$value").status_code == 403


def test_other_columns_and_verbs(api, path):
    assert api.send("POST", path).status_code == 405
    assert api.send("GET", f"{path}/nix").status_code == 404
    api.error(api.send("PUT", path, json={"value": "x"}), 400, "0x80040203")


def test_content_goes_with_its_row(api, path):
    row, record = path.rpartition("/")[0], path[13:49]
    upload(api, path)
    api.send("DELETE", row)
    api.create("smp_projects", {"smp_projectid": record, "smp_name": "again", "smp_code": record})
    assert api.send("GET", f"{path}/$value").status_code == 204


def test_a_download_in_a_batch(api, path):
    upload(api, path)
    [part] = read(send(api, operation("GET", path)))
    assert base64.b64decode(part.json["value"]) == b"hello"
