"""JSON answers. Whatever a service says about records is for its caller alone."""

from typing import Any

import msgspec
from django.http import HttpResponse

_encoder = msgspec.json.Encoder(decimal_format="string")


def json_answer(body: Any, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """The body as JSON; decimals become strings, digit for digit."""
    return guarded(HttpResponse(_encoder.encode(body), status=status, content_type=content_type))


def empty(status: int = 204) -> HttpResponse:
    answer = HttpResponse(status=status)
    del answer.headers["Content-Type"]
    return guarded(answer)


def guarded(answer: HttpResponse) -> HttpResponse:
    """Nothing on the way may keep it."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
