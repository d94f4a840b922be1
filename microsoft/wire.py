"""Bodies and headers as they travel: JSON with exact decimals, ids of requests, waits."""

import email.utils
import io
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import requests

from .errors import Invalid, Unreachable

WHOLE = 1 << 30  # bytes: a body of known length comes in one piece, others as the server cuts them
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode_json(content: bytes) -> Any:
    """JSON to Python; numbers with a point become Decimal, digit for digit. Raises ValueError."""
    return _decoder.decode(content)


def encode_json(value: Any) -> bytes:
    """Python to JSON; Decimals are written as numbers, digit for digit. Raises Invalid for what JSON cannot hold."""
    try:
        return _encoder.encode(value)
    except (TypeError, OverflowError, UnicodeEncodeError) as error:
        raise Invalid(f"A value cannot be sent as JSON: {type(error).__name__}") from None


class Response:
    """An answer: `status`, `headers` (case-insensitive), `content`, and who to quote to Microsoft support."""

    def __init__(self, answer: requests.Response, correlation_id: str, content: bytes | None = None) -> None:
        self.status = answer.status_code
        self.headers: Mapping[str, str] = answer.headers
        self.content: bytes = answer.content if content is None else content
        self.request_id = request_id_of(answer.headers)
        self.correlation_id = correlation_id

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.content)} bytes>"

    def json(self) -> Any:
        """The body as Python values with exact decimals; raises Unreachable when it is not JSON."""
        try:
            return decode_json(self.content)
        except ValueError:
            raise Unreachable(
                "The answer is not JSON: something between here and Microsoft answers in its place",
                status=self.status,
                request_id=self.request_id,
                correlation_id=self.correlation_id,
            ) from None

    @property
    def text(self) -> str:
        """The body as text, without the byte-order mark that Dataverse likes to put before counts."""
        return self.content.decode("utf-8-sig", errors="replace")


def taken(answer: requests.Response, admit: Callable[[], None]) -> bytes:
    """The body of a streamed answer, fetched when `admit` returns, and in memory only once."""
    try:
        if answer.ok:
            admit()
        pieces = answer.iter_content(WHOLE)
        body = io.BytesIO(next(pieces, b""))  # not copied unless something is added to it
        body.seek(0, io.SEEK_END)
        for piece in pieces:
            body.write(piece)
        return body.getvalue()
    except BaseException:
        answer.close()  # what is left of it must not stand before the next answer
        raise


def request_id_of(headers: Mapping[str, str]) -> str:
    """The server's id of a request; Dataverse may put two into one header, the first is its own."""
    for header in ("x-ms-service-request-id", "req_id", "x-ms-request-id", "request-id"):
        value = headers.get(header, "").partition(",")[0].strip()
        if value:
            return value
    return ""


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a Retry-After header in either of its two forms; None when there is none."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
