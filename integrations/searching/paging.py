"""Pages of a search, and Skip, which Dataverse does not have: what is skipped is read and left out."""

from collections.abc import Callable
from typing import Any

from core.problems import BadInput
from integrations.searching.cursors import Place
from microsoft.dataverse import Dataverse, Page

MAX_PAGE = 5000
MAX_SKIP = 10_000

Rows = list[dict[str, Any]]
FirstPage = Callable[[int], Page]


def require_bounds(top: int, skip: int, cursor: str | None) -> None:
    """Raises BadInput for a page or a skip beyond what is offered."""
    if not 1 <= top <= MAX_PAGE:
        raise BadInput(f"A page holds 1 to {MAX_PAGE:,} records.", fields={"top": f"1 to {MAX_PAGE:,}"})
    if skip and cursor:
        raise BadInput(
            "A cursor goes on where the page before ended, so there is nothing to skip.",
            fields={"skip": "Not together with a cursor."},
        )
    if not 0 <= skip <= MAX_SKIP:
        raise BadInput(
            f"At most {MAX_SKIP:,} records can be skipped: Dynamics reads all of them to leave them out.",
            advice="Go from page to page with next_cursor instead; that is as quick at the end as at the start.",
            fields={"skip": f"0 to {MAX_SKIP:,}"},
            code="skip_too_far",
        )


def begin(client: Dataverse, first: FirstPage, top: int, skip: int) -> tuple[Rows, Place | None]:
    """The first `top` records after the skipped ones, and where to go on."""
    size = min(MAX_PAGE, skip + top)
    return _collect(client, first(size), Place("", size), top, skip)


def go_on(client: Dataverse, place: Place, top: int) -> tuple[Rows, Place | None]:
    """The next `top` records from a place, and where to go on."""
    page = client.next_page(place.link, page_size=place.size)
    return _collect(client, page, place, top, place.offset)


def _collect(client: Dataverse, page: Page, place: Place, top: int, skip: int) -> tuple[Rows, Place | None]:
    rows: Rows = []
    while True:
        taken = page.records[skip : skip + top - len(rows)]
        rows += taken
        end = skip + len(taken)
        if len(rows) == top and end < len(page.records):
            return rows, Place(place.link, place.size, end)
        if page.next_link is None:
            return rows, None
        place = Place(page.next_link, place.size)
        if len(rows) == top:
            return rows, place
        skip = max(0, skip - len(page.records))
        page = client.next_page(place.link, page_size=place.size)
