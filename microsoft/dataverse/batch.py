"""Several requests in one: each is answered for itself, in order.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
"""

import email
import http.client
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from microsoft.errors import Invalid, MicrosoftError, Unreachable
from microsoft.odata import build_url
from microsoft.verdicts import error_of
from microsoft.wire import Response, encode_json

from .calls import Calls

MOST_PARTS = 1000
_LINE = "\r\n"


@dataclass(frozen=True)
class Part:
    """One request of a batch, relative to the Web API's root as `Calls.call` takes it."""

    method: str
    relative: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Batches(Calls):
    """Requests that travel together. They are no transaction: each succeeds or fails by itself."""

    def batch(self, parts: Sequence[Part]) -> list[Response | MicrosoftError]:
        """The answer to each part, or the error it means, in order.

        Raises, besides what the door raises: Invalid for more than 1,000 parts.
        """
        if len(parts) > MOST_PARTS:
            raise Invalid(f"A batch holds at most {MOST_PARTS} requests")
        if not parts:
            return []
        boundary = f"batch_{uuid.uuid4()}"
        answer = self.call(
            "POST",
            "$batch",
            data=b"".join(
                [*(self._framed(part, boundary) for part in parts), f"--{boundary}--{_LINE}".encode()]
            ),
            headers={
                "Content-Type": f"multipart/mixed; boundary={boundary}",
                "Prefer": "odata.continue-on-error",
            },
        )
        found = _split(answer)
        if len(found) != len(parts):
            raise Unreachable(
                f"The batch held {len(parts)} requests, and {len(found)} were answered",
                request_id=answer.request_id,
                correlation_id=answer.correlation_id,
            )
        return [response if response.status < 300 else error_of(response) for response in found]

    def _framed(self, part: Part, boundary: str) -> bytes:
        address = build_url(self.base, f"/{part.relative}", part.params)
        body = b"" if part.body is None else encode_json(part.body)
        headers = {"Accept": "application/json", **part.headers}
        if body:
            headers["Content-Type"] = "application/json; type=entry"
        head = [
            f"--{boundary}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            f"{part.method} {address} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        return _LINE.join(head).encode() + body + _LINE.encode()


def _split(answer: Response) -> list[Response]:
    head = f"Content-Type: {answer.headers.get('Content-Type', '')}{_LINE}{_LINE}".encode()
    message = email.message_from_bytes(head + answer.content)
    if not message.is_multipart():
        raise Unreachable("The answer to a batch is not one: something answers in Microsoft's place")
    return [_inner(part.get_payload(decode=True), answer) for part in message.get_payload()]  # type: ignore[union-attr, arg-type]


def _inner(content: bytes, outer: Response) -> Response:
    stream = io.BytesIO(content.lstrip())
    status = stream.readline().split()
    response = requests.Response()
    try:
        response.status_code = int(status[1])
    except (IndexError, ValueError):
        raise Unreachable("A part of the batch was answered with something that is not HTTP") from None
    response.headers.update(http.client.parse_headers(stream).items())
    response.raw = stream
    found = Response(response, outer.correlation_id)
    found.request_id = found.request_id or outer.request_id
    return found
