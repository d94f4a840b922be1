"""Where a search goes on. Opaque to callers, signed, and good only for the very query it came from.

What Dataverse gives is an address; were it taken from a caller as it stands, the caller could send our
token, under our definition's nose, to any other query of the environment.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core import signing

from core.problems import BadInput

_SALT = "integrations.cursor"
# Dataverse keeps no state for a page; the bound is there so that old links die with the secrets of their day.
MAX_AGE = 24 * 3600


def fingerprint(*parts: Any) -> str:
    """A short name for a query: the same parts give the same name, in every process."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Place:
    """Where to go on: a link of Dataverse's, the size its pages have, and how many records of it were given."""

    link: str
    size: int
    offset: int = 0


def wrap(place: Place, query: str) -> str:
    """The cursor for a place in the answer to this query."""
    return signing.dumps([query, place.link, place.size, place.offset], salt=_SALT, compress=True)


def same_place(cursor: str, other: str) -> bool:
    """Whether two cursors lead to the same place; every one bears the moment it was made, and so its own signature."""
    return cursor.partition(":")[0] == other.partition(":")[0]


def unwrap(cursor: str, query: str) -> Place:
    """The place inside a cursor.

    Raises:
        BadInput: when it is not a cursor of ours, belongs to another query, or is a day old.

    """
    try:
        made_for, link, size, offset = signing.loads(cursor, salt=_SALT, max_age=MAX_AGE)
    except signing.SignatureExpired:
        raise BadInput(
            "This place in the list is too old to go on from.",
            advice="Start again.",
            fields=_wrong("Too old."),
        ) from None
    except (signing.BadSignature, ValueError, UnicodeError):
        raise BadInput(
            "This is not a place in a list that Isthmus gave out.",
            advice="Start again.",
            fields=_wrong("Not one that Isthmus gave out."),
        ) from None
    if made_for != query:
        raise BadInput(
            "This place belongs to a different list: another filter, order, size or set of attributes.",
            advice="Start again at the first page.",
            fields=_wrong("It belongs to a different query."),
        )
    return Place(link, size, offset)


def _wrong(text: str) -> dict[str, str]:
    return {"cursor": text}
