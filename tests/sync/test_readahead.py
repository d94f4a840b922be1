"""Pages in memory are bounded however many threads read, and nothing that was read is lost."""

import threading
import weakref

import pytest

from sync.engine.readahead import ROOM, read_ahead


class Page:
    """Counts how many of its kind are alive."""

    alive: weakref.WeakSet = weakref.WeakSet()

    def __init__(self, number):
        self.number = number
        self.alive.add(self)


def walk(*numbers):
    def pages(admit):
        for number in numbers:
            admit()
            page = Page(number)
            yield page
            del page

    return pages


def test_the_number_of_pages_does_not_grow_with_the_number_of_readers():
    found, most = [], 0
    for page in read_ahead([walk(*range(at, at + 10)) for at in range(0, 60, 10)], threads=6):
        most = max(most, len(Page.alive))
        found.append(page.number)
        del page
    assert sorted(found) == list(range(60))
    assert all(found.index(at) < found.index(at + 1) for at in range(59) if at % 10 != 9)
    assert most <= ROOM


def test_what_was_read_is_given_out_before_the_error_of_another_walk():
    read = threading.Event()

    def fails(admit):
        admit()
        read.wait(5)
        raise ValueError("lost")
        yield

    def one(admit):
        admit()
        read.set()
        yield Page(1)

    given = []
    with pytest.raises(ValueError, match="lost"):
        given.extend(page.number for page in read_ahead([one, fails], threads=2))
    assert given == [1]


def test_a_consumer_that_leaves_takes_every_thread_along():
    before = threading.active_count()
    pages = read_ahead([walk(*range(9)) for _ in range(5)], threads=5)
    next(pages)
    pages.close()
    assert threading.active_count() == before


def test_the_caller_works_while_the_first_answer_is_awaited():
    worked = threading.Event()

    def walk(_admit):
        assert worked.wait(10)
        yield "answer"

    assert list(read_ahead([walk], meanwhile=worked.set)) == ["answer"]
