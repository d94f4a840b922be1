"""Reads pages in threads while the caller writes those before: bounded, and nothing that was read is thrown away."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from django.db import connections

Item = TypeVar("Item")
PATIENCE = 0.1


class _Done:
    """A thread has come to its end, for the reason given if it is one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def read_ahead(walks: Sequence[Callable[[], Iterator[Item]]], *, threads: int = 1) -> Iterator[Item]:
    """The items of all walks, those of one walk in order. One item waits, besides the one that each thread holds.

    When a walk fails the others stop after the item they are at; what they have read is still given out, and then
    the error is raised.
    """
    reading: _Reading[Item] = _Reading(walks, max(1, min(threads, len(walks))))
    try:
        yield from reading.items()
    finally:
        reading.abandon()


class _Reading(Generic[Item]):
    def __init__(self, walks: Sequence[Callable[[], Iterator[Item]]], threads: int) -> None:
        self._todo = deque(walks)
        self._ready: Queue[Item | _Done] = Queue(1)
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
                del found  # the consumer may be long at it; what waits behind is enough
        if failure is not None:
            raise failure

    def abandon(self) -> None:
        """Nobody wants the rest. Returns when every thread has ended."""
        self._stopping.set()
        self._abandoned.set()
        while any(thread.is_alive() for thread in self._threads):
            try:
                self._ready.get(timeout=PATIENCE)
            except Empty:
                continue

    def _work(self) -> None:
        done = _Done()
        try:
            while self._todo and not self._stopping.is_set():
                try:
                    walk = self._todo.popleft()
                except IndexError:
                    break
                for item in walk():
                    self._put(item)
                    del item
                    if self._stopping.is_set():
                        break
        except BaseException as error:  # noqa: BLE001  it is raised again where the items are taken
            self._stopping.set()
            done = _Done(error)
        finally:
            connections.close_all()
            self._put(done)

    def _put(self, item: Item | _Done) -> None:
        while not self._abandoned.is_set():
            try:
                self._ready.put(item, timeout=PATIENCE)
            except Full:
                continue
            return
