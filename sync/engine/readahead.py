"""Reads pages in threads while the caller writes those before: bounded, and nothing that was read is thrown away."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

from django.db import connections

Item = TypeVar("Item")
Admit = Callable[[], None]
Walk = Callable[[Admit], Iterator[Item]]
ROOM = 2  # pages in memory, however many threads wait for answers: one is written while another comes
PATIENCE = 0.1


class _Abandoned(Exception):  # noqa: N818
    """Nobody wants what this thread would read next."""


class _Done:
    """A thread has come to its end, for the reason given if it is one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def read_ahead(
    walks: Sequence[Walk[Item]], *, threads: int = 1, meanwhile: Callable[[], None] = lambda: None
) -> Generator[Item]:
    """The items of all walks, those of one walk in order.

    A walk is given `admit`, to call before it takes what an item is made of into memory: it returns when there is
    room. The thread's next item takes that room, and leaves it when the consumer asks for another one.

    `meanwhile` is done by the caller's thread while the first answers are awaited.

    When a walk fails the others stop after the item they are at; what they have read is still given out, and then
    the error is raised.
    """
    reading: _Reading[Item] = _Reading(walks, max(1, min(threads, len(walks))))
    try:
        meanwhile()
        yield from reading.items()
    finally:
        reading.abandon()


class _Reading(Generic[Item]):
    def __init__(self, walks: Sequence[Walk[Item]], threads: int) -> None:
        self._todo = deque(walks)
        self._ready: SimpleQueue[Item | _Done] = SimpleQueue()
        self._room = threading.Semaphore(ROOM)
        self._mine = threading.local()
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def items(self) -> Iterator[Item]:
        working, failure = len(self._threads), None
        while working:
            found = self._ready.get()
            if isinstance(found, _Done):
                working -= 1
                failure = failure or found.error
            else:
                yield found
                del found  # nothing may hold it when its room is given to another
                self._room.release()
        if failure is not None:
            raise failure

    def abandon(self) -> None:
        """Nobody wants the rest. Returns when every thread has ended."""
        self._stopping.set()
        self._abandoned.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        done = _Done()
        self._mine.room = False
        try:
            while self._todo and not self._stopping.is_set():
                try:
                    walk = self._todo.popleft()
                except IndexError:
                    break
                for item in walk(self._admit):
                    self._admit()
                    self._mine.room = False
                    self._ready.put(item)
                    del item
                    if self._stopping.is_set():
                        break
        except _Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001  it is raised again where the items are taken
            self._stopping.set()
            done = _Done(error)
        finally:
            if self._mine.room:
                self._room.release()
            connections.close_all()
            self._ready.put(done)

    def _admit(self) -> None:
        while not self._mine.room:
            if self._abandoned.is_set():
                raise _Abandoned
            self._mine.room = self._room.acquire(timeout=PATIENCE)
