"""Where the rows of one entity come from, and by which way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from microsoft import odata
from microsoft.dataverse import Dataverse, Field, RowPage, RowReader
from microsoft.errors import Forbidden, Invalid, NotFound
from sync.columns import MODIFIED
from sync.destinations.base import Store
from sync.engine.readahead import Admit, Walk, read_ahead
from sync.state import Part

CREATED = "createdon"
OVERLAP = timedelta(minutes=5)  # a change may become visible later than the moment it bears
PARTS_PER_READER = 6
SAMPLE = 250  # one of so many rows says where to cut


@dataclass(frozen=True)
class Head:
    """The oldest rows, a page of them. What follows can be cut between `since`, the second in which the last of these
    was created, and `until`, when the newest row was; `apart` are the rows before `since` as a part of their own.
    `total` is about how many rows there are in all, 0 for unknown.
    """

    page: RowPage
    apart: RowPage
    since: datetime | None
    until: datetime | None
    total: int


@dataclass(frozen=True)
class Source:
    """One entity. `created` says that it can be cut by the moment of creation, `modified` that changes can be found
    by theirs; `parallel` how many requests may be under way at once.
    """

    client: Dataverse
    set_name: str
    logical_name: str
    primary_id: str
    created: bool = True
    modified: bool = True
    page_size: int = 5000
    parallel: Callable[[], int] = lambda: 1

    def reader(self, store: Store) -> RowReader:
        return RowReader(_fields(store))

    def keys(self, link: str, admit: Admit | None = None) -> Iterator[RowPage]:
        """All ids with the moments of creation, from the beginning or a link on, tracked."""
        fields = [Field(self.primary_id, str)] + ([Field(CREATED, str)] if self.created else [])
        return self._walk(RowReader(fields), link, admit, tracked=True)

    def part(
        self, reader: RowReader, part: Part, admit: Admit | None = None, *, tracked: bool = False
    ) -> Iterator[RowPage]:
        """The rows of a part, from where it was left."""
        return self._walk(reader, part.link, admit, filter=part.filter, tracked=tracked)

    def changes(self, reader: RowReader, link: str, admit: Admit | None = None) -> Iterator[RowPage]:
        """What happened since a delta link was given."""
        while link:
            page = self.client.changed_rows(link, reader, page_size=self.page_size, admit=admit)
            link = page.next_link or ""
            yield page
            del page  # nothing is held while the next one is fetched

    def since(
        self, reader: RowReader, moment: str, link: str, admit: Admit | None = None
    ) -> Iterator[RowPage]:
        """What was changed since a moment, in the order in which it was."""
        start = datetime.fromisoformat(moment).astimezone(UTC) - OVERLAP
        order = (f"{MODIFIED} asc", f"{self.primary_id} asc")
        return self._walk(
            reader, link, admit, filter=odata.ge(MODIFIED, start.replace(microsecond=0)), orderby=order
        )

    def head(self, store: Store) -> Head | None:
        """The first page of a reading by moment of creation, and beside it what it takes to cut the rest; None where
        such moments are not known.
        """
        if not self.created:
            return None
        fields = _fields(store)
        known = next((at for at, each in enumerate(fields) if each.key == CREATED), None)
        at = len(fields) if known is None else known
        whole = RowReader(fields if known is not None else [*fields, Field(CREATED, str)])
        newest = RowReader([Field(self.primary_id, str), Field(CREATED, str)])
        asked = [self._end(whole, "asc", self.page_size), self._end(newest, "desc", 1), self._total]
        found: dict[str, Any] = dict(read_ahead(asked, threads=len(asked)))
        page, last = found["asc"], found["desc"].rows
        created = [_moment(row[at]) for row in page.rows]
        since = created[-1].replace(microsecond=0) if page.next_link and created and created[-1] else None
        until = _moment(last[0][1]) if last else None
        if known is None:
            page.rows[:] = [row[:-1] for row in page.rows]
        before = sum(since is not None and (each is None or each < since) for each in created)
        return Head(page, RowPage(page.rows[:before], [], None, None), since, until, found["total"])

    def number_of_parts(self, rows: int) -> int:
        """Into how many parts to cut so many rows: enough to keep all readers busy to the end, but none for less than
        a page. The ranges are not quite even, so a part is to be a little less than full pages.
        """
        readers = self.parallel()
        wanted = -(-rows * 11 // (10 * self.page_size))
        return max(min(wanted, readers * PARTS_PER_READER), 1)

    def _total(self, _admit: object) -> Iterator[tuple[str, int]]:
        """How many rows there are, by a count that may be a day old; 0 where Dynamics does not say."""
        try:
            yield "total", self.client.total(self.logical_name)
        except (Forbidden, Invalid, NotFound):
            yield "total", 0

    def _end(self, reader: RowReader, direction: str, size: int) -> Walk[tuple[str, Any]]:
        """A page from one end; both ends are asked for at once."""
        order = (f"{CREATED} {direction}", f"{self.primary_id} {direction}")

        def walk(_admit: object) -> Iterator[tuple[str, RowPage]]:
            yield direction, self.client.rows(self.set_name, reader, orderby=order, page_size=size)

        return walk

    def _walk(
        self,
        reader: RowReader,
        link: str,
        admit: Admit | None,
        *,
        filter: str = "",  # noqa: A002
        orderby: tuple[str, ...] = (),
        tracked: bool = False,
    ) -> Iterator[RowPage]:
        size = self.page_size
        first = not link
        while first or link:
            if first:
                page = self.client.rows(
                    self.set_name,
                    reader,
                    filter=filter,
                    orderby=orderby,
                    page_size=size,
                    tracked=tracked,
                    admit=admit,
                )
            else:
                page = self.client.more_rows(link, reader, page_size=size, tracked=tracked, admit=admit)
            first, link = False, page.next_link or ""
            yield page
            del page  # nothing is held while the next one is fetched


def cut_evenly(since: datetime, until: datetime, number: int) -> list[str]:
    """The moments that begin `number` equal ranges, `since` the first of them; none where they lie too close."""
    step = (until - since) / number
    if step < timedelta(seconds=1):
        return []
    return sorted({_text(since + step * at) for at in range(number)})


def cut_by_sample(moments: list[str], number: int) -> list[str]:
    """The moments that cut a sample into `number` parts of like size."""
    ordered = sorted(moments)
    return sorted({ordered[len(ordered) * at // number] for at in range(1, number)}) if ordered else []


def parts_between(moments: list[str]) -> list[Part]:
    """Ranges that hold every row exactly once, also one without a moment of creation."""
    if not moments:
        return [Part()]
    marks = [datetime.fromisoformat(each) for each in moments]
    first = odata.or_(odata.eq(CREATED, None), odata.lt(CREATED, marks[0]))
    between = [odata.and_(odata.ge(CREATED, start), odata.lt(CREATED, end)) for start, end in pairwise(marks)]
    return [Part(filter=text) for text in (first, *between, odata.ge(CREATED, marks[-1]))]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _fields(store: Store) -> list[Field]:
    kinds = [store.wire(each.kind) if each.part == "value" else str for each in store.columns]
    return [Field(each.key, kind) for each, kind in zip(store.columns, kinds, strict=True)]
