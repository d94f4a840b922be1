"""What a caller sends: JSON with exact numbers, of a bounded size, and queries without surprises."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from core.problems import BadInput
from integrations.api.problems import LengthMissing, TooLarge, WrongMediaType
from microsoft.wire import decode_json

MAX_BODY = 8 * 1024 * 1024  # two of the longest texts that Dataverse stores, in the widest letters
Shape = TypeVar("Shape", bound=msgspec.Struct)


def json_of(request: HttpRequest) -> Any:
    """The body as Python values; numbers with a point are Decimals.

    Raises:
        BadInput and its kinds: no JSON, not said to be JSON, too large, without a length.

    """
    content = _content(request)
    kind = request.content_type or ""
    if content and kind != "application/json" and not kind.endswith("+json"):
        raise WrongMediaType(f"The body is said to be {kind[:80] or 'of no type'}.")
    try:
        return decode_json(content)
    except (ValueError, RecursionError):
        raise BadInput(
            "The body cannot be read as JSON." if content else "The body is empty; JSON is expected.",
            title="Malformed JSON",
            advice="Check quotes, commas and brackets; the encoding is UTF-8.",
            code="malformed_json",
        ) from None


def object_of(request: HttpRequest) -> dict[str, Any]:
    """The body, which must be an object. Raises as `json_of`."""
    found = json_of(request)
    if not isinstance(found, dict):
        raise BadInput("The body must be a JSON object.", advice='Send {"attribute": value, …}.')
    return found


def shaped(found: Any, shape: type[Shape]) -> Shape:
    """The values as a Struct. Raises BadInput whose `fields` names the place that does not fit."""
    try:
        return msgspec.convert(found, shape)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        name = place.strip("`.").replace("[...]", "") or "body"
        raise BadInput(f"{name}: {what}.", fields={name: f"{what}."}) from None
    except RecursionError:
        raise BadInput("The body is nested too deeply.") from None


def query_of(request: HttpRequest, known: Iterable[str]) -> Mapping[str, str]:
    """The parameters of the address, each given once. Raises BadInput for others: a typing error is not ignored."""
    allowed = set(known)
    wrong = {name[:60]: "There is no such parameter here." for name in request.GET if name not in allowed}
    wrong |= {name: "Give this once." for name in allowed if len(request.GET.getlist(name)) > 1}
    if wrong:
        offered = ", ".join(sorted(allowed)) or "none"
        raise BadInput(
            f"The address has parameters that mean nothing here: {', '.join(wrong)}.",
            advice=f"Those that work here: {offered}.",
            fields=wrong,
        )
    return request.GET.dict()


def listed(text: str | None) -> list[str] | None:
    """`a,b` as a list; None where nothing was said."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of the query. Raises BadInput."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(f"{name} is a whole number.", fields={name: "This must be a whole number."})
    return int(text)


def _content(request: HttpRequest) -> bytes:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise LengthMissing("The body comes in chunks, without saying how long it is.")
    declared = request.headers.get("Content-Length") or "0"
    if declared.isdigit() and int(declared) > MAX_BODY:
        raise _too_large()
    try:
        content = request.read(MAX_BODY + 1)
    except UnreadablePostError:
        raise BadInput("The body broke off before its end.") from None
    if len(content) > MAX_BODY:
        raise _too_large()
    return content


def _too_large() -> TooLarge:
    return TooLarge(f"The body is larger than {MAX_BODY // 1024 // 1024} MiB.")
