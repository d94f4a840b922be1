"""A cursor goes on with the query it came from, and with no other."""

import pytest
from time_machine import travel

from core.problems import BadInput
from integrations.searching import cursors
from integrations.searching.cursors import Place

LINK = Place("https://org.example/api/data/v9.2/accounts?$skiptoken=%3Ccookie%20pagenumber=%222%22", 50, 7)


def test_it_brings_the_link_back():
    query = cursors.fingerprint("v1", ["name"], "name eq 'a'", 50)
    assert cursors.unwrap(cursors.wrap(LINK, query), query) == LINK


def test_another_query_cannot_use_it():
    cursor = cursors.wrap(LINK, cursors.fingerprint("a"))
    with pytest.raises(BadInput, match="different list"):
        cursors.unwrap(cursor, cursors.fingerprint("b"))


@pytest.mark.parametrize("forged", ["", "x", "ü", LINK.link, "eyJhIjoxfQ:1tXyz:abc"])
def test_nobody_else_can_write_one(forged):
    with pytest.raises(BadInput, match="gave out"):
        cursors.unwrap(forged, "q")


def test_a_changed_one_is_refused():
    cursor = cursors.wrap(LINK, "q")
    with pytest.raises(BadInput):
        cursors.unwrap(("A" if cursor[3] != "A" else "B").join((cursor[:3], cursor[4:])), "q")


def test_it_does_not_live_for_ever():
    with travel("2025-01-01T00:00:00Z", tick=False):
        cursor = cursors.wrap(LINK, "q")
    with travel("2025-01-02T00:00:01Z", tick=False), pytest.raises(BadInput, match="too old"):
        cursors.unwrap(cursor, "q")
