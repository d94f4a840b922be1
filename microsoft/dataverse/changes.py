"""Reading whole tables quickly, and afterwards only what changed in them.

A page becomes tuples without a Python object for every value: the decoder knows the columns beforehand and skips
what nobody asked for.
https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems
"""
# ruff: noqa: A002 (filter is the word of OData and of everybody who uses it)

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from microsoft.errors import (
    CredentialRejected,
    Duplicate,
    Forbidden,
    InteractionRequired,
    Invalid,
    Refused,
    SignInExpired,
    Unauthorized,
    Unreachable,
)
from microsoft.http import Response
from microsoft.odata import name

from .calls import Calls
from .rows import FORMATTED, LOOKUP_NAME

MAX_PAGE = 5000
EXPIRED = "0x80044352"
NOT_TRACKED = "0x80072491"
# What says nothing about a link: the first three are the sign-in service's words.
_OF_SOMETHING_ELSE = (
    CredentialRejected,
    SignInExpired,
    InteractionRequired,
    Forbidden,
    Unauthorized,
    Duplicate,
)
_ANNOTATIONS = f'odata.include-annotations="{FORMATTED},{LOOKUP_NAME}"'
_SELECT = re.compile(r"([?&](?:\$|%24)select=)[^&]*")
_LABELS = ("@" + FORMATTED, "@" + LOOKUP_NAME)


class LinkExpired(Refused):
    """The server no longer knows what happened since this link was given: everything has to be compared."""

    default_advice = "Dynamics has forgotten the changes since the last time, so all records are read again."


@dataclass(frozen=True)
class Field:
    """One value of each row: the key under which it travels, and what it is decoded to.

    `type` is str, int, float, bool, Decimal or msgspec.Raw (bytes with the JSON text as it came, for exact numbers
    that are passed on as text). Anything but Raw may be None.
    """

    key: str
    type: Any


@dataclass(frozen=True)
class RowPage:
    """Rows in the order of the reader's fields, and the ids of what was deleted.

    `next_link` leads to the next page; on the last one of a tracked listing `delta_link` leads to the changes.
    """

    rows: list[tuple[Any, ...]]
    gone: list[str]
    next_link: str | None
    delta_link: str | None


class RowReader:
    """Decodes pages of one shape. The first field must be the primary id. May be shared by threads."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self._width = len(self.fields)
        self._raw = [f"f{at}" for at, field in enumerate(self.fields) if field.type is msgspec.Raw]
        self._annotated = any(field.key.endswith(_LABELS) for field in self.fields)
        self._plain = _decoder(self.fields)
        # A removal is an entry with an id of its own and nothing else.
        self._changes = _decoder((*self.fields, Field("id", str)))

    @property
    def select(self) -> tuple[str, ...]:
        """The properties to ask for; annotations come along with theirs."""
        return tuple(dict.fromkeys(field.key.partition("@")[0] for field in self.fields))

    @property
    def prefer(self) -> str:
        return _ANNOTATIONS if self._annotated else ""

    def read(self, answer: Response, *, changes: bool = False) -> RowPage:
        """The rows of an answer.

        Raises:
            Unreachable: it is not JSON.
            Invalid: a value is not of the type that its field says.

        """
        try:
            page = (self._changes if changes else self._plain).decode(answer.content)
        except msgspec.ValidationError as error:
            raise Invalid(
                f"Dynamics sent a value of an unexpected type: {error}", request_id=answer.request_id
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Unreachable(
                "The answer is not JSON: something between here and Microsoft answers in its place",
                status=answer.status,
                request_id=answer.request_id,
                correlation_id=answer.correlation_id,
            ) from None
        for at in self._raw:
            for row, value in zip(page.value, map(bytes, map(attrgetter(at), page.value)), strict=True):
                setattr(row, at, value)  # a view of the answer would keep all of it in memory
        rows = list(map(msgspec.structs.astuple, page.value))
        gone: list[str] = []
        if changes:
            gone = [row[-1].lower() for row in rows if row[0] is None]
            rows = [row[:-1] for row in rows if row[0] is not None]
        return RowPage(rows, gone, page.next_link, page.delta_link)


class Changes(Calls):
    """Listings of typed rows, with or without change tracking, and what followed since."""

    def rows(
        self,
        set_name: str,
        reader: RowReader,
        *,
        filter: str = "",
        orderby: Sequence[str] = (),
        page_size: int = MAX_PAGE,
        tracked: bool = False,
        admit: Callable[[], None] | None = None,
    ) -> RowPage:
        """The first page of a listing. A tracked one ends with a delta link, and takes neither filter nor order.

        `admit` may wait until there is room for the page, see Door.request; here and in the two below.

        Raises the errors of the door; Invalid with the code NOT_TRACKED where the entity is not tracked.
        """
        params = {"$select": ",".join(reader.select), "$filter": filter, "$orderby": ",".join(orderby)}
        headers = _prefer(reader, page_size, tracked=tracked)
        return reader.read(self.call("GET", name(set_name), params, headers=headers, admit=admit))

    def more_rows(
        self,
        link: str,
        reader: RowReader,
        *,
        page_size: int = MAX_PAGE,
        tracked: bool = False,
        admit: Callable[[], None] | None = None,
    ) -> RowPage:
        """The page behind a `next_link` of such a listing; repeat its arguments, the link does not hold them.

        Raises:
            LinkExpired: the place is no longer known; begin anew.

        """
        return reader.read(self._walk(link, _prefer(reader, page_size, tracked=tracked), admit))

    def changed_rows(
        self,
        link: str,
        reader: RowReader,
        *,
        page_size: int = MAX_PAGE,
        admit: Callable[[], None] | None = None,
    ) -> RowPage:
        """What was created, changed and deleted since a `delta_link` was given, or the next page of that.

        A link that was won while other properties were read (ids alone, say) asks for those of the reader instead.

        Raises:
            LinkExpired: the server has forgotten what happened since; read everything.

        """
        link = _selecting(link, reader.select)
        return reader.read(self._walk(link, _prefer(reader, page_size, tracked=True), admit), changes=True)

    def _walk(self, link: str, headers: dict[str, str], admit: Callable[[], None] | None) -> Response:
        try:
            return self.follow(link, headers=headers, admit=admit)
        except _OF_SOMETHING_ELSE:
            raise
        except Refused as error:
            # The code is EXPIRED, but which status and code a real server uses is not documented for certain.
            if error.status is None or not 400 <= error.status < 500:
                raise
            raise LinkExpired(
                error.message, code=error.code, status=error.status, request_id=error.request_id
            ) from None


def _prefer(reader: RowReader, page_size: int, *, tracked: bool) -> dict[str, str]:
    if not 1 <= page_size <= MAX_PAGE:
        raise Invalid(f"page_size must be from 1 to {MAX_PAGE}")
    wanted = ["odata.track-changes"] if tracked else []
    wanted += [f"odata.maxpagesize={page_size}", *([reader.prefer] if reader.prefer else [])]
    return {"Prefer": ",".join(wanted)}


def _selecting(link: str, select: Sequence[str]) -> str:
    return _SELECT.sub(lambda found: found[1] + ",".join(select), link, count=1)


def _decoder(fields: Sequence[Field]) -> msgspec.json.Decoder[Any]:
    names = [f"f{number}" for number in range(len(fields))]
    row = msgspec.defstruct(
        "Row",
        [
            (at, field.type, msgspec.Raw(b"null"))
            if field.type is msgspec.Raw
            else (at, field.type | None, None)
            for at, field in zip(names, fields, strict=True)
        ],
        rename={at: field.key for at, field in zip(names, fields, strict=True)},
        gc=False,
    )
    page = msgspec.defstruct(
        "Page",
        [("value", list[row]), ("next_link", str | None, None), ("delta_link", str | None, None)],  # type: ignore[valid-type]
        rename={"next_link": "@odata.nextLink", "delta_link": "@odata.deltaLink"},
        gc=False,
    )
    return msgspec.json.Decoder(page)
