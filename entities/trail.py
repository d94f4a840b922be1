"""Turning pages back and forth over a source that only knows “next”.

Dataverse has no $skip: each page names the next one. The cursors met on the way are kept in the person's
session, so that going back costs nothing; a link to a page far in is walked to, within a bound.
"""

from django.contrib.sessions.backends.base import SessionBase

from core.problems import BadInput
from entities.asking import filter_for
from entities.place import Place
from entities.query import GridQuery
from integrations.records import Result
from integrations.searching.cursors import same_place

PAGE_SIZE = 50
MAX_WALK = 40
KEPT_LISTS = 6
KEY = "grid_trails"


def read_page(place: Place, query: GridQuery, session: SessionBase, select: list[str]) -> Result:
    """The records of one page.

    Raises:
        BadInput: when the page does not exist, or lies further in than can be walked to.

    """
    trails: dict[str, list[str]] = session.get(KEY, {})
    key = _key(place, query)
    # A fresh look at the first page starts a fresh trail: records come and go.
    known = trails.get(key, []) if query.page > 1 else []
    try:
        result, trail = _follow(place, query, known, select)
    except BadInput:
        if not known:
            raise
        # Cursors age, and Dynamics may forget its own: walk there anew before giving up.
        result, trail = _follow(place, query, [], select)
    if not _same(trails.get(key), trail):
        session[KEY] = dict([*((k, v) for k, v in trails.items() if k != key), (key, trail)][-KEPT_LISTS:])
    return result


def _same(kept: list[str] | None, trail: list[str]) -> bool:
    """Looking at a list again need not be remembered: most pages are read without writing anything."""
    return kept is not None and len(kept) == len(trail) and all(map(same_place, kept, trail))


def _follow(place: Place, query: GridQuery, known: list[str], select: list[str]) -> tuple[Result, list[str]]:
    """The page, and the cursors of all pages up to the one after it."""
    trail = _walk(place, query, known, select)
    cursor = trail[query.page - 2] if query.page > 1 else None
    result = _search(place, query, cursor, select)
    return result, [*trail[: query.page - 1], *([result.next_cursor] if result.next_cursor else [])]


def _walk(place: Place, query: GridQuery, known: list[str], select: list[str]) -> list[str]:
    """Follow “next” until the cursor of the wanted page is known. A cursor is good for one query only,
    so the pages on the way are read with the columns of the one that is wanted.
    """
    trail = list(known)
    missing = query.page - 1 - len(trail)
    if missing > MAX_WALK:
        raise BadInput(
            f"Page {query.page} is too far in to be opened directly.",
            advice="Begin at the first page, or filter the list so that it is shorter.",
        )
    for _ in range(missing):
        result = _search(place, query, trail[-1] if trail else None, select)
        if not result.next_cursor:
            raise BadInput(f"There is no page {query.page}.", advice="Begin at the first page.")
        trail.append(result.next_cursor)
    return trail


def read_after(place: Place, query: GridQuery, cursor: str, select: list[str]) -> Result:
    """The page behind a cursor that the page before gave out. Raises BadInput when it is not one of this list."""
    return _search(place, query, cursor, select)


def _key(place: Place, query: GridQuery) -> str:
    """Another version or connection has cursors of its own."""
    service = place.service
    return ":".join(
        [*place.address, str(service.version.number), str(service.binding.connection_id), query.digest]
    )


def _search(place: Place, query: GridQuery, cursor: str | None, select: list[str]) -> Result:
    return place.records.search(
        where=filter_for(place.records, query),
        order_by=query.order_by,
        top=PAGE_SIZE,
        cursor=cursor,
        select=select,
    )
