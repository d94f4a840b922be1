"""One operation on the wire: a request of its own or a part of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload, bad_query
from sandbox.dataverse.web.preferences import Preferences, parse_preferences

ENCODER = msgspec.json.Encoder(decimal_format="number")
EXACT = msgspec.json.Decoder(float_hook=Decimal)
# What stays of OData's control information at the level `none`: links, counts, and what a reference consists of.
KEPT = ("@odata.nextLink", "@odata.count", "@odata.deltaLink", "@odata.id")
JSON_TYPE = "application/json; odata.metadata=minimal"


@dataclass
class Call:
    """`path` is decoded and relative to the service root; `base` is that root as the client calls it.

    `references` are the rows that a changeset's Content-IDs stand for, as relative addresses.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base: str
    references: Mapping[str, str] = field(default_factory=dict)
    in_batch: bool = False

    def __post_init__(self) -> None:
        self.preferences: Preferences = parse_preferences(self.headers)
        self.options, self.aliases = _options(self.query)

    def option(self, name: str) -> str | None:
        return self.options.get(name)

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def json(self) -> dict[str, Any]:
        """The body as an object, numbers exact. Raises a 400."""
        found = self.json_value()
        if not isinstance(found, dict):
            raise bad_payload("An error occurred while validating input parameters: an object was expected.")
        return found

    def json_value(self) -> Any:
        if not self.body.strip():
            raise bad_payload("Empty Payload. JSON content expected.")
        return decode(self.body)


@dataclass
class Answer:
    """`body` is bytes already, or something to be encoded as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    def at_level(self, metadata: str) -> "Answer":
        """The same answer with OData's `full` or `none` metadata; what is not JSON stays as it is."""
        if metadata == "minimal" or self.content_type != JSON_TYPE:
            return self
        body = bared(self.body) if metadata == "none" else self.body
        return Answer(self.status, body, self.headers, JSON_TYPE.replace("minimal", metadata))

    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else ENCODER.encode(self.body)


def bared(value: Any) -> Any:
    """A body without the control information that OData leaves out at the level `none`."""
    if isinstance(value, list):
        return [bared(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: bared(item) for key, item in value.items() if "@odata." not in key or key.endswith(KEPT)}


def no_content(entity_id: str | None = None) -> Answer:
    return Answer(204, headers={"OData-EntityId": entity_id} if entity_id else {})


def error_answer(error: ApiError) -> Answer:
    return Answer(error.status, error.body(), dict(error.headers))


def decode(body: bytes) -> Any:
    """JSON with exact numbers. Raises a 400 for anything else."""
    try:
        return EXACT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise bad_payload(f"An error occurred while validating input parameters: {error}") from error


def _options(query: str) -> tuple[dict[str, str], dict[str, str]]:
    """Options and parameter aliases, decoded the way forms are. Raises a 400 for an option given twice."""
    options: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if not name:
            continue
        target = aliases if name.startswith("@") else options
        if name in target and name.startswith("$"):
            raise bad_query(
                f"Query option '{name}' was specified more than once, but it must be specified at most once."
            )
        target[name] = unquote_plus(value)
    return options, aliases
