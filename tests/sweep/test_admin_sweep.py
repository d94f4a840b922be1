"""Every page of Django's admin, by whoever may and may not, with what is wrong in the address."""

import pytest

from tests.sweep import state
from tests.sweep.admin_table import LOOK, MODELS, Desk, pages_of, registered, staff
from tests.sweep.answers import leads_to_sign_in, owes
from tests.sweep.conftest import front

each_desk = pytest.mark.parametrize(
    "desk", [Desk(label) for label in sorted(MODELS)], ids=lambda one: one.label
)
GARBAGE = [
    "q=%00",
    "p=99999999999999999999",
    "o=x.y",
    "id__exact=x",
    "team__id__exact=x",
    "all=&_popup=x",
    "state__exact=%ED%A0%80",
    "_changelist_filters=%00",
]


def test_every_model_of_the_admin_is_in_the_table():
    assert registered() == sorted(MODELS)


@each_desk
def test_administrators_can_open_it(ours, desk):
    root = front(state.user("root"))
    for url in pages_of(desk):
        owes(root.get(url), 200, 403)
    assert root.get(desk.url("changelist")).status_code == 200


@each_desk
def test_others_cannot_enter(ours, desk):
    urls = list(pages_of(desk))
    for browser in (front(None), front(state.user("cleo"))):
        assert all(leads_to_sign_in(owes(browser.get(url), 302)) for url in urls)


@each_desk
def test_staff_see_what_is_theirs(ours, theirs, desk):
    """Somebody of the team who is let into the admin, but administers nothing."""
    browser = front(staff("ana"))
    for url in pages_of(desk):
        answer = owes(browser.get(url), 200, 403)
        assert "Hugo" not in answer.content.decode() or "session" in url


@each_desk
def test_nothing_there(ours, desk):
    root = front(state.user("root"))
    for pk in ("987654", state.UNKNOWN["uuid"], "9" * 30):
        owes(root.get(desk.url("change", pk)), 302, 404, 403)
        owes(root.get(desk.url("history", pk)), 302, 404, 403)
        owes(root.post(desk.url("delete", pk), {"post": "yes"}), 302, 404, 403)


@each_desk
def test_garbage(ours, desk):
    root = front(state.user("root"))
    for query in GARBAGE:
        owes(root.get(f"{desk.url('changelist')}?{query}"))
    for form in (
        {"action": "nonesuch", "_selected_action": ["x"]},
        {"action": "delete_selected"},
        {"index": "x"},
    ):
        owes(root.post(desk.url("changelist"), form))
    owes(root.post(desk.url("add"), {"name": "\x00", "username": "x" * 5000, "tenant_id": "x", "role": "x"}))


@each_desk
def test_what_is_only_to_be_looked_at_stays(ours, desk):
    row = desk.row()
    if MODELS[desk.label] != LOOK or row is None:
        return
    root, before = front(state.user("root")), list(desk.model._base_manager.order_by("pk").values())
    answers = [
        root.post(desk.url(page, row.pk), {"post": "yes", "name": "x"}) for page in ("change", "delete")
    ]
    answers.append(root.post(desk.url("add"), {"name": "x"}))
    assert {owes(answer).status_code for answer in answers} == {403}
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    owes(root.post(desk.url("changelist"), bulk))
    assert list(desk.model._base_manager.order_by("pk").values()) == before
