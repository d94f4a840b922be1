"""The framing of batches: multipart/mixed in and out.

Microsoft's format is strict, its clients are not: lines end in LF or CRLF, boundaries come with and without quotes,
and request lines hold raw spaces.
https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from sandbox.dataverse.errors import ApiError, bad_payload

BOUNDARY = re.compile(r"""multipart/mixed\s*;.*?\bboundary\s*=\s*(?:"([^"]+)"|([^\s";,]+))""", re.IGNORECASE)
BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass
class Part:
    """Headers (names in lower case) and what follows them."""

    headers: dict[str, str]
    content: bytes


@dataclass
class InnerRequest:
    """An HTTP request as it stands in a part."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def boundary_of(content_type: str) -> str | None:
    """The boundary of a multipart/mixed content type; None for any other."""
    found = BOUNDARY.match(content_type.strip())
    return (found.group(1) or found.group(2)) if found else None


def split_parts(body: bytes, boundary: str) -> list[Part]:
    """The parts between the delimiters. Raises a 400 when the closing one is missing."""
    delimiter = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    parts: list[Part] = []
    start: int | None = None
    for found in delimiter.finditer(body):
        if start is not None:
            parts.append(read_part(body[start : found.start()]))
        if found.group(1):
            return parts
        start = found.end()
    raise ApiError(
        "PayloadInvalid",
        "An error occurred while validating input parameters: Microsoft.OData.ODataException: "
        "The batch has no closing delimiter. Stream was not readable.",
    )


def read_part(content: bytes) -> Part:
    """Headers up to the first blank line; a part that begins with one has none."""
    text = content.removeprefix(b"\r\n") if content.startswith(b"\r\n") else content.removeprefix(b"\n")
    if text.startswith((b"\r\n", b"\n")):
        return Part({}, text.lstrip(b"\r\n"))
    head, rest = _at_blank(text)
    return Part(_headers(head), rest)


def read_request(content: bytes) -> InnerRequest:
    """The request in a part of type application/http. Raises a 400."""
    head, body = _at_blank(content.lstrip(b"\r\n \t"))
    line, _, rest = head.partition(b"\n")
    text = line.decode("utf-8", "replace").strip()
    method, _, target = text.partition(" ")
    # The URL may hold raw spaces: only a version at the very end is cut off.
    url, _, version = target.rpartition(" ")
    if not version.upper().startswith("HTTP/"):
        url = target
    url = url.strip()
    if not method.isalpha() or not url:
        raise bad_payload(
            "An error occurred while validating input parameters: Microsoft.OData.ODataException: "
            f"The request line '{text[:100]}' is invalid. The request line at the start of each operation must be "
            "of the format 'HttpMethod RequestUrl HttpVersion'."
        )
    return InnerRequest(method.upper(), url, _headers(rest), body)


def _at_blank(content: bytes) -> tuple[bytes, bytes]:
    found = BLANK.search(content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def _headers(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def new_boundary(kind: str) -> str:
    """batchresponse_… or changesetresponse_…; clients look at how it begins."""
    return f"{kind}_{uuid.uuid4()}"


def multipart(boundary: str, parts: Iterable[bytes]) -> bytes:
    """Parts between delimiters, without preamble."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def http_part(status: int, headers: Mapping[str, str], body: bytes, content_id: str | None) -> bytes:
    """An answer as a part. One without body keeps the blank line that would precede it."""
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id is not None:
        head.append(f"Content-ID: {content_id}")
    # Clients want letters and spaces only in the reason.
    reason = re.sub(r"[^A-Za-z ]", " ", HTTPStatus(status).phrase)
    lines = [*head, "", f"HTTP/1.1 {status} {reason}"]
    lines.extend(f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join([*lines, "", ""]).encode() + body


def nested_part(boundary: str, parts: Iterable[bytes]) -> bytes:
    """A changeset's answer."""
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()
    return head + multipart(boundary, parts).removesuffix(b"\r\n")
