"""Every address of the portal is in the table, and each does what its row says when nothing is wrong."""

import pytest

from tests.addresses import every_address
from tests.sweep import state
from tests.sweep.answers import owes
from tests.sweep.conftest import front
from tests.sweep.expectations import PORTAL, headers_of, portal_addresses, url_of

ADDRESSES = portal_addresses()
each_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: one.name)


@pytest.mark.parametrize("address", every_address(), ids=lambda one: one.name)
def test_it_is_in_the_table(address):
    assert address.name in PORTAL, f"say in tests/sweep/expectations.py what {address.name} is for"


def test_nothing_else_is_in_the_table():
    assert set(PORTAL) == {address.name for address in every_address()}


@each_address
def test_opened(ours, address):
    row = PORTAL[address.name]
    answer = front(state.user("ana"), headers=headers_of(row)).get(url_of(address, ours))
    owes(answer, row.get or 405)


@each_address
def test_sent(ours, address):
    row = PORTAL[address.name]
    row.first(ours)
    answer = front(state.user("ana"), headers=headers_of(row)).post(url_of(address, ours), row.form(ours))
    owes(answer, *row.posted)
