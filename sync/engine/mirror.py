"""Brings one entity's mirror up to date, from wherever the attempt before left it.

A full reading goes KEYS → LOAD → CHANGES, later runs go through CHANGES alone. Every page commits together with the
place behind it; readers see the result when all of it is there. In LOAD other workers may read along.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core import clock
from microsoft.dataverse import LinkExpired, RowPage
from sync.columns import modified_at
from sync.destinations.base import Counts, Label, Store
from sync.engine.load import Living, Load, nobody
from sync.engine.memory import give_large_blocks_back
from sync.engine.readahead import Walk, read_ahead
from sync.engine.source import SAMPLE, Head, Source, cut_by_sample, cut_evenly, parts_between
from sync.engine.strategy import Strategy
from sync.state import Mode, Phase, State

COMPARE_AFTER = timedelta(days=1)  # without change tracking only a comparison finds what was deleted
PAUSE = 0.5  # seconds between looks whether the others have read their parts
START_OVER = 2  # times that one attempt begins anew because Dynamics does not know a link any more


@dataclass(frozen=True)
class Wanted:
    """How the entity is to be mirrored. `version` changes when the columns do; `full` asks for a comparison now."""

    strategy: Strategy
    version: str = ""
    full: bool = False
    soft: bool = True
    labels: Iterable[Label] = ()


@dataclass(frozen=True)
class Outcome:
    """What a run came to. `as_of` is the moment that the mirror now shows; `why` tells how it was read."""

    counts: Counts
    read: int
    rows: int
    mode: Mode
    as_of: datetime
    why: str


@dataclass
class Mirror:
    """One attempt. `report` is called after every page that is safe, and may raise to stop there.

    `recruit` is told of a reading with several parts, `living` which of the attempts that have parts are at work.
    """

    source: Source
    store: Store
    wanted: Wanted
    owner: str
    report: Callable[[State], None] = lambda _state: None
    recruit: Callable[[State, int], None] = lambda _state, _parts: None
    living: Living = nobody
    why: str = field(default="", init=False)
    _plainly: bool = field(default=False, init=False)
    _head: RowPage | None = field(default=None, init=False)

    def run(self) -> Outcome:
        """Raises what the door raises, DestinationLost, Fenced, and whatever `report` does."""
        give_large_blocks_back()
        self.state = self.store.take(self.owner)
        self.reader = self.source.reader(self.store)
        if self._can_go_on():
            self.why = "It went on where it had stopped."
        else:
            self._begin()
        for _ in range(START_OVER):
            try:
                self._advance()
                return self._published()
            except LinkExpired:
                self._start_over()
        self._advance()
        return self._published()

    def _can_go_on(self) -> bool:
        state, wanted = self.state, self.wanted
        enough = state.mode is Mode.FULL or not wanted.full
        if state.phase is Phase.IDLE or state.version != wanted.version or not enough:
            return False
        return state.phase is not Phase.LOAD or bool(self.store.parts(state.load))

    def _advance(self) -> None:
        if self.state.phase is Phase.KEYS:
            self._walk_keys()
        if self.state.phase is Phase.LOAD:
            self._load()
        self._follow()

    def _begin(self) -> None:
        reason = self._reason_for_full()
        if reason:
            self._begin_full(reason)
            return
        state = self.state
        self.why = "Only what changed since the last run was read."
        state.phase, state.mode = Phase.CHANGES, Mode.CHANGES
        state.tracked = self.wanted.strategy is Strategy.TRACKED
        self._fresh()

    def _reason_for_full(self) -> str:
        state, strategy = self.state, self.wanted.strategy
        compared = datetime.fromisoformat(state.compared) if state.compared else None
        if not state.compared:
            return "Everything was read: there was no complete mirror yet."
        if self.wanted.full:
            return "Everything was read and compared, as it was asked for."
        if state.version != self.wanted.version:
            return "Everything was read and compared, because the columns have changed."
        if strategy is Strategy.FULL:
            return "Everything was read and compared: Dynamics does not tell what changed in this entity."
        if strategy is Strategy.TRACKED and not state.token:
            return "Everything was read and compared, to begin with change tracking."
        due = strategy is Strategy.WATERMARK and compared and clock.now() - compared >= COMPARE_AFTER
        return "Everything was read and compared, which finds deleted records, once a day." if due else ""

    def _begin_full(self, reason: str) -> None:
        state = self.state
        self.why = reason
        state.mode, state.token, state.marks, state.load = Mode.FULL, "", [], uuid.uuid4().hex
        state.tracked = self.wanted.strategy is Strategy.TRACKED
        parallel = 1 if self._plainly else self.source.parallel()
        if state.tracked and parallel > 1 and self.source.created:
            state.phase = Phase.KEYS
            self._fresh()
        else:
            state.phase = Phase.LOAD
            head = self.source.head(self.store) if parallel > 1 and not state.tracked else None
            self._fresh()
            cuts: list[str] = []
            if head:
                state.total, cuts = head.total, self._cuts(head)
                self._head = head.apart if cuts else head.page
            self._deal(cuts)

    def _cuts(self, head: Head) -> list[str]:
        """Where to cut behind the head."""
        if head.since is None or head.until is None:
            return []
        # That count may be old; what is behind the first page is worth a part for each reader in any case.
        left = self.source.number_of_parts(head.total - len(head.page.rows))
        return cut_evenly(head.since, head.until, max(self.source.parallel(), left))

    def _fresh(self) -> None:
        state = self.state
        state.link, state.read, state.total, state.latest = "", 0, 0, ""
        state.began, state.version = clock.now().isoformat(), self.wanted.version
        self.store.begin(state)

    def _start_over(self) -> None:
        """Dynamics no longer knows a link. Rows that readers see stay until everything has been compared."""
        self._plainly = self.state.mode is Mode.FULL  # not even the links of this reading: no tricks any more
        self._begin_full("Dynamics had forgotten what changed, so everything was read and compared.")

    def _walk_keys(self) -> None:
        state = self.state
        link = state.link
        for page in read_ahead([lambda admit: self.source.keys(link, admit)]):
            state.marks += [row[1] for row in page.rows[::SAMPLE] if row[1]]
            state.total += len(page.rows)
            state.link = page.next_link or ""
            if state.link:
                self.store.write([], [], state)
            else:
                state.token = page.delta_link or ""
                cuts = cut_by_sample(state.marks, self.source.number_of_parts(state.total))
                state.marks, state.phase = [], Phase.LOAD
                self._deal(cuts)
            self.report(state)

    def _deal(self, cuts: list[str]) -> None:
        parts = parts_between(cuts)
        for position, part in enumerate(parts):
            part.load, part.position = self.state.load, position
        if self._head:
            parts[0].owner = self.owner
        self.store.deal(parts, self.state)

    def _load(self) -> None:
        state, store = self.state, self.store
        load = Load(
            self.source,
            store,
            self.reader,
            state,
            self.owner,
            report=lambda _rows: self._told(),
            living=self.living,
        )
        todo = [part for part in store.parts(state.load) if not part.done]
        if len(todo) > 1 and store.shared:
            self.recruit(state, len(todo))
        load.work(self._taken_head())
        while not all(part.done for part in store.parts(state.load)):
            self._told()
            time.sleep(PAUSE)
            load.work()
        parts = store.parts(state.load)
        state.read, state.latest = sum(part.read for part in parts), max(part.latest for part in parts)
        state.token = state.token or parts[-1].token
        state.phase = Phase.CHANGES
        store.write([], [], state)

    def _taken_head(self) -> RowPage | None:
        """Held by nobody but who takes it."""
        head, self._head = self._head, None
        return head

    def _told(self) -> None:
        self.state.read = self.store.read_so_far(self.state.load)
        self.report(self.state)

    def _follow(self) -> None:
        """What changed since the token or the watermark; after a full reading, what changed meanwhile."""
        walk = self._changes()
        if walk is None:
            return
        for page in read_ahead([walk], meanwhile=lambda: self.store.settle(self.state)):
            self.state.link = page.next_link or ""
            if page.delta_link:
                self.state.token = page.delta_link
            self._keep(page)
            del page

    def _changes(self) -> Walk[RowPage] | None:
        state, source, reader = self.state, self.source, self.reader
        link = state.link
        if state.tracked:  # as it was begun, whatever is wanted by now
            start = link or state.token
            return lambda admit: source.changes(reader, start, admit)
        if not source.modified:
            return None
        since = state.began if state.mode is Mode.FULL else state.watermark or state.began
        return lambda admit: source.since(reader, since, link, admit)

    def _keep(self, page: RowPage) -> None:
        state = self.state
        state.read += len(page.rows) + len(page.gone)
        at = modified_at(self.store.columns)
        if at is not None:
            state.latest = max([state.latest, *(row[at] for row in page.rows if row[at])])
        self.store.write(page.rows, page.gone, state)
        self.report(state)

    def _published(self) -> Outcome:
        state = self.state
        state.phase, state.link = Phase.IDLE, ""
        state.as_of = state.began
        state.watermark = max(state.latest, state.watermark) or state.began
        if state.mode is Mode.FULL:
            state.compared = state.began
        full = state.mode is Mode.FULL
        counts = self.store.publish(state, full=full, soft=self.wanted.soft, labels=self.wanted.labels)
        return Outcome(
            counts, state.read, counts.rows, state.mode, datetime.fromisoformat(state.as_of), self.why
        )
