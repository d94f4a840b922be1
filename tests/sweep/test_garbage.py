"""Garbage in every query and every form: it is refused in words, and nothing half-written stays behind."""

import pytest

from tests.sweep import state
from tests.sweep.answers import owes
from tests.sweep.conftest import front
from tests.sweep.expectations import PORTAL, headers_of, portal_addresses, url_of
from tests.sweep.test_gate import books

ADDRESSES = portal_addresses()
VALUES = {
    "control": "a\x00\x1f\x7f\u202e",
    "enormous": "9" * 40,
    "digits that are none": "²٣",
    "overlong markup": "<script>'\"{{ 7 }}{% x %}" + "é" * 5000,
    "query": "name~eq~' or 1 eq 1--~",
    "unknown": state.UNKNOWN["uuid"],
}
WORST = [VALUES["control"], VALUES["digits that are none"], VALUES["overlong markup"]]
HTMX = {"HX-Request": "true"}


def _ids(address):
    return address.name


@pytest.mark.parametrize("address", [one for one in ADDRESSES if PORTAL[one.name].asks], ids=_ids)
def test_in_the_query(ours, address):
    row = PORTAL[address.name]
    browser = front(state.user("ana"), headers=headers_of(row))
    url = url_of(address, ours)
    ask = browser.get if row.get is not None else browser.post
    for value in VALUES.values():
        for name in row.asks if value in WORST else ():
            answer = owes(ask(url, query_params={name: value}))
            assert "<script>'" not in answer.content.decode()
        owes(ask(url, query_params=dict.fromkeys(row.asks, value)))
        for name in row.parts:
            owes(ask(url, query_params={name: value, **dict.fromkeys(row.asks, value)}, headers=HTMX))
    owes(ask(url, query_params={name: ["x", "y"] for name in row.asks}))


with_a_form = pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if PORTAL[one.name].post], ids=_ids
)


@with_a_form
def test_in_the_form(ours, address):
    """Wrong all over, and each field in turn wrong in the worst way, then missing."""
    row = PORTAL[address.name]
    row.first(ours)
    browser = front(state.user("ana"), headers=headers_of(row))
    form, url = row.form(ours), url_of(address, ours)
    for value in VALUES.values() if form else ():
        owes(browser.post(url, dict.fromkeys(form, value)))
    for name in form:
        owes(browser.post(url, {**form, name: VALUES["control"]}))
        owes(browser.post(url, {key: value for key, value in form.items() if key != name}))
    owes(browser.post(url, {}))
    owes(browser.post(url, b"{", content_type="application/json"))
    owes(browser.post(url, b"--x\r\n\x00", content_type="multipart/form-data; boundary=x"))


@pytest.mark.long
@with_a_form
def test_every_value_in_every_field(ours, address):
    row = PORTAL[address.name]
    row.first(ours)
    browser = front(state.user("ana"), headers=headers_of(row))
    form, url = row.form(ours), url_of(address, ours)
    for name in form:
        for value in VALUES.values():
            answer = owes(browser.post(url, {**form, name: value}))
            assert "<script>'" not in answer.content.decode()


@pytest.mark.parametrize("address", [one for one in ADDRESSES if PORTAL[one.name].taken], ids=_ids)
def test_a_name_that_is_taken(ours, address):
    row = PORTAL[address.name]
    row.first(ours)
    before = books()
    answer = owes(front(state.user("ana")).post(url_of(address, ours), row.taken(ours)), 409, 422)
    text = answer.content.decode()
    assert any(word in text for word in ("already", "taken", "another name", "two ", "same name")), text
    assert books() == before
