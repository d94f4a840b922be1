"""From the path of a call to what answers it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpResponse

from core.problems import Missing
from integrations.api import carrying, describing, reading, writing
from integrations.api.calls import Call
from integrations.api.problems import WrongMethod

Handler = Callable[..., HttpResponse]
_VERSION = re.compile(r"v([1-9][0-9]{0,5})")
_ROOT: Mapping[str, Handler] = {"GET": reading.index}
_DOCUMENT: Mapping[str, Handler] = {"GET": describing.describe}
_WORDS: Mapping[str, Mapping[str, Handler]] = {
    "search": {"POST": reading.search},
    "count": {"POST": reading.count},
    "upsert": {"POST": writing.upsert},
}
_ENTITY: Mapping[str, Handler] = {"GET": reading.listing, "POST": writing.create}
_RECORD: Mapping[str, Handler] = {"GET": reading.get, "PATCH": writing.update, "DELETE": writing.delete}
_CHOICES: Mapping[str, Handler] = {"GET": reading.choices}
_FILE: Mapping[str, Handler] = {
    "GET": carrying.read_file,
    "PUT": carrying.replace_file,
    "DELETE": carrying.remove_file,
}
# What usage calls a handler, where that is not its own name.
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
    if not all(parts):
        raise _nothing()
    match parts:
        case ():
            methods = _ROOT
        case ("openapi.json",):
            methods = _DOCUMENT
        case (_,):
            methods = _ENTITY
        case (_, word) if word in _WORDS:
            return Route(_WORDS[word], parts[:1])
        case (_, _):
            methods = _RECORD
        case (entity, "choices", attribute):
            return Route(_CHOICES, (entity, attribute))
        case (_, _, _):
            methods = _FILE
        case _:
            raise _nothing()
    return Route(methods, () if parts == ("openapi.json",) else parts)


def _nothing() -> Missing:
    return Missing("The service has nothing at this address.", advice="Its openapi.json lists all addresses.")
