"""A full reading in parts, which any number of workers read together: each claims parts as it has readers for them.

How far a part is commits with its rows. A part in the hands of an attempt that no longer lives is claimed by the next
worker that looks; whoever lost it so is refused at its next page.
"""

from collections.abc import Callable, Iterator
from queue import SimpleQueue

from microsoft.dataverse import RowPage, RowReader
from sync.columns import modified_at
from sync.destinations.base import Store
from sync.engine.readahead import Admit, read_ahead
from sync.engine.source import Source
from sync.state import Part, Phase, State

Living = Callable[[set[str]], set[str]]


def nobody(_owners: set[str]) -> set[str]:
    """Which of these attempts live: none, where one worker does everything."""
    return set()


class Load:
    """One worker's share in the reading that `state` tells of. `report` is told how many rows a page had
    that is safe, and may raise to stop there.

    Of the requests that may be under way at once each worker takes an equal share; the rest is the leader's.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        reader: RowReader,
        state: State,
        owner: str,
        *,
        report: Callable[[int], None],
        living: Living = nobody,
        leads: bool = True,
    ) -> None:
        self.source, self.store, self.reader, self.owner = source, store, reader, owner
        self.load = state.load
        self.leads = leads
        self._tracked = state.tracked and not state.token
        self._report, self._living = report, living
        self._at = modified_at(store.columns)
        self._mine: set[int] = set()  # the parts that this object has claimed
        self._reading = 0  # those of them whose last page has not come yet
        self._head: list[RowPage] = []
        self._offers: SimpleQueue[Part | None] = SimpleQueue()

    def work(self, head: RowPage | None = None) -> None:
        """Read until there is no part left that nobody has. `head` is the first part's first page, read already."""
        self._head = [head] if head else []
        del head  # its room is another's once it is written
        self._offer()
        if not self._reading:
            return
        readers = self.source.parallel()
        pages = read_ahead([self._walk] * readers, threads=readers)
        try:
            for part, page in pages:
                self._keep(part, page)
                del page  # its room is another's now
        finally:
            self._offers.put(None)
            pages.close()

    def _offer(self) -> None:
        """Claim parts until as many are being read as this worker's share is; without any the readers end."""
        parts = [each for each in self.store.parts(self.load) if not each.done]
        others = {each.owner for each in parts} - {"", self.owner}
        living = self._living(others)
        share = self._share(len(living) + 1)
        for part in parts:
            if self._reading >= share:
                break
            # One that this attempt had before it was interrupted is as free as that of one which is gone.
            if part.position in self._mine or part.owner in living:
                continue
            if self.store.claim(part, self.owner):
                part.owner = self.owner
                self._mine.add(part.position)
                self._reading += 1
                self._offers.put(part)
        if not self._reading:
            self._offers.put(None)

    def _share(self, workers: int) -> int:
        parallel = self.source.parallel()
        return max(1, parallel - parallel // workers * (workers - 1) if self.leads else parallel // workers)

    def _walk(self, admit: Admit) -> Iterator[tuple[Part, RowPage]]:
        try:
            while (part := self._offers.get()) is not None:
                left = Part(filter=part.filter, link=part.link)  # the part itself moves while its pages wait
                if part.position == 0 and self._head:
                    left.link = self._head[0].next_link or ""
                    yield part, self._head.pop()
                    if not left.link:
                        continue
                for page in self.source.part(self.reader, left, admit, tracked=self._tracked):
                    yield part, page
                    del page  # nothing is held while the next one is fetched
        finally:
            self._offers.put(None)  # whoever waits for a part ends as well

    def _keep(self, part: Part, page: RowPage) -> None:
        part.link, part.token = page.next_link or "", page.delta_link or part.token
        part.done = not part.link
        rows = len(page.rows) + len(page.gone)
        part.read += rows
        if self._at is not None:
            part.latest = max([part.latest, *(row[self._at] for row in page.rows if row[self._at])])
        if part.done:
            self._reading -= 1
            self._offer()  # before the page is written: its reader need not wait for that
        self.store.keep(part, page.rows, page.gone)
        self._report(rows)


def lend_a_hand(
    source: Source,
    store: Store,
    owner: str,
    *,
    load: str,
    version: str,
    report: Callable[[int], None],
    living: Living,
) -> None:
    """Read parts of a reading that another attempt leads, as long as it is the one that was meant."""
    state = store.state()
    if (state.phase, state.load, state.version) == (Phase.LOAD, load, version):
        Load(
            source, store, source.reader(store), state, owner, report=report, living=living, leads=False
        ).work()
