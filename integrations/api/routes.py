"""From the path of a call to what answers it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse

from core.problems import Missing
from integrations.api import reading, writing
from integrations.api.calls import Call
from integrations.api.problems import WrongMethod

Handler = Callable[..., HttpResponse]
_VERSION = re.compile(r"v([1-9][0-9]{0,5})")
_WORDS: Mapping[str, Mapping[str, Handler]] = {
    "search": {"POST": reading.search},
    "count": {"POST": reading.count},
}
_ENTITY: Mapping[str, Handler] = {"GET": reading.listing, "POST": writing.create}
_RECORD: Mapping[str, Handler] = {"GET": reading.get, "PATCH": writing.update, "DELETE": writing.delete}
_CHOICES: Mapping[str, Handler] = {"GET": reading.choices}
_CALLED = {"listing": "search"}


@dataclass(frozen=True)
class Route:
    """The handlers at a place by method, and what the path says to them."""

    methods: Mapping[str, Handler]
    arguments: tuple[str, ...] = field(default=())

    def answer(self, call: Call) -> HttpResponse:
        """Let the right handler answer. Raises WrongMethod, and whatever that raises."""
        method = call.request.method or ""
        handler = self.methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise WrongMethod(sorted(self.methods))
        call.operation = _CALLED.get(handler.__name__, handler.__name__)
        return handler(call, *self.arguments)


def version_and_rest(path: str) -> tuple[int | None, tuple[str, ...]]:
    """`v2/account/…` as 2 and what follows; None where the path names no version."""
    parts = tuple(path.removesuffix("/").split("/")) if path else ()
    found = _VERSION.fullmatch(parts[0]) if parts else None
    return (int(found[1]), parts[1:]) if found else (None, parts)


def route(parts: tuple[str, ...]) -> Route:
    """Where these parts of a path lead. Raises Missing."""
    match parts:
        case (entity,) if entity:
            return Route(_ENTITY, (entity,))
        case (entity, word) if entity and word in _WORDS:
            return Route(_WORDS[word], (entity,))
        case (entity, record) if entity and record:
            return Route(_RECORD, (entity, record))
        case (entity, "choices", attribute) if entity and attribute:
            return Route(_CHOICES, (entity, attribute))
    raise Missing("The service has nothing at this address.", advice="Its openapi.json lists all addresses.")
