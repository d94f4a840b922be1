"""Batches as raw bytes, and their answers taken apart."""

import json
import re
from dataclasses import dataclass, field


@dataclass
class Part:
    """`content_id` is the part's own; `status` 0 stands for a nested changeset."""

    status: int
    headers: dict
    body: bytes
    content_id: str | None = None
    nested: list = field(default_factory=list)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]["code"], self.json["error"]["message"]


def operation(method, url, body=None, *, content_id=None, **headers) -> list[str]:
    """The lines of one part, without delimiter."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id is not None:
        lines.append(f"Content-ID: {content_id}")
    lines += ["", f"{method} {url} HTTP/1.1"]
    if body is not None:
        lines.append("Content-Type: application/json; type=entry")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return [*lines, "", *([json.dumps(body)] if body is not None else [])]


def changeset(*operations, boundary="changeset_Y") -> list[str]:
    lines = [f"Content-Type: multipart/mixed; boundary={boundary}", ""]
    for part in operations:
        lines += [f"--{boundary}", *part]
    return [*lines, f"--{boundary}--"]


def batch(*parts, end="\r\n", boundary="batch_X") -> bytes:
    lines = [line for part in parts for line in (f"--{boundary}", *part)]
    return (end.join([*lines, f"--{boundary}--"]) + end).encode()


def send(api, *parts, headers=None, data=None, **options):
    headers = {"Content-Type": 'multipart/mixed; boundary="batch_X"', **(headers or {})}
    return api.send("POST", "$batch", headers=headers, data=data or batch(*parts, **options))


def read(response) -> list[Part]:
    """The parts of an answer, taken apart as strictly as a client would."""
    found = re.fullmatch(
        r"multipart/mixed; boundary=(batchresponse_[0-9a-f-]{36})", response.headers["Content-Type"]
    )
    assert found, response.headers["Content-Type"]
    return _parts(response.content, found.group(1))


def _parts(content: bytes, boundary: str) -> list[Part]:
    mark = b"--" + boundary.encode()
    assert content.startswith(mark), "a preamble"
    assert content.rstrip(b"\r\n").endswith(mark + b"--")
    assert b"\n" not in content.replace(b"\r\n", b""), "bare line feeds"
    pieces = content.split(mark)[1:-1]
    return [_part(piece.removeprefix(b"\r\n").removesuffix(b"\r\n")) for piece in pieces]


def _part(piece: bytes) -> Part:
    head, rest = piece.split(b"\r\n\r\n", 1)
    headers = _headers(head)
    nested = re.fullmatch(
        r"multipart/mixed; boundary=(changesetresponse_[0-9a-f-]{36})", headers["Content-Type"]
    )
    if nested:
        assert set(headers) == {"Content-Type"}
        return Part(0, headers, b"", nested=_parts(rest, nested.group(1)))
    assert headers["Content-Type"] == "application/http"
    assert headers["Content-Transfer-Encoding"] == "binary"
    line, _, rest = rest.partition(b"\r\n")
    status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z ]+", line.decode())
    assert status, line
    inner, _, body = rest.partition(b"\r\n\r\n")
    assert b"{" not in inner
    return Part(int(status.group(1)), _headers(inner), body, headers.get("Content-ID"))


def _headers(head: bytes) -> dict:
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
