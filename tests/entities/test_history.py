"""Changes by field, by whom, as whom; and taking one of them back."""

import re

import pytest

from accounts.models import Role
from entities.models import RecordChange
from integrations.definition import READ_ONLY
from tests.entities.pages import filled, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def changed(ana, at, accounts):
    """An account that Ana has made and changed in the portal."""
    record_id = accounts.create({"name": "Takes back", "telephone1": "+44 1", "revenue": "10.50"})
    url = at("account", record_id, "edit")
    form = filled(ana.get(url)) | {"telephone1": "+44 2", "revenue": "0099.1"}
    assert ana.post(url, form).status_code == 302
    return record_id


def latest(record_id, **facts):
    return RecordChange.objects.filter(record_id=record_id, **facts).first()


def hidden(answer):
    return re.search(r'name="form-origin" value="([^"]*)"', answer.content.decode())[1]


def test_a_change_is_told_by_field(ana, at, changed):
    page = text(ana.get(at("account", changed, "history")))

    assert "changed this" in page
    assert "As application of" in page
    assert "Main Phone +44 1 +44 2" in page
    assert "Annual Revenue 10.50 99.1" in page
    assert "Fax" not in page, "what nobody touched is no change"


def test_one_change_is_taken_back_and_that_is_a_change_too(ana, at, accounts, changed):
    url = at("account", changed, "history", latest(changed, kind="update").pk, "revert")
    question = ana.get(url)
    assert "+44 1" in text(question)

    assert ana.post(url, {"form-origin": hidden(question)}).status_code == 302
    now = accounts.get(changed).values
    assert (now["telephone1"], f"{now['revenue']:.2f}") == ("+44 1", "10.50")
    assert latest(changed).reverts_id is not None
    assert "took a change back" in text(ana.get(at("account", changed, "history")))


def test_what_changed_meanwhile_is_not_overwritten_unseen(ana, at, accounts, changed):
    url = at("account", changed, "history", latest(changed, kind="update").pk, "revert")
    origin = hidden(ana.get(url))
    accounts.update(changed, {"telephone1": "theirs"})

    answer = ana.post(url, {"form-origin": origin})
    assert answer.status_code == 409
    assert "Changed again since" in text(answer)
    assert accounts.get(changed).values["telephone1"] == "theirs"


def test_a_deleted_record_is_brought_back_with_its_id(ana, at, accounts, changed):
    url = at("account", changed, "delete")
    question = ana.get(url)
    assert ana.post(url, {"form-origin": hidden(question)}).status_code == 302

    page = ana.get(at("account", changed, "history"))
    assert "no longer there" in text(page)
    back = at("account", changed, "history", latest(changed, kind="delete").pk, "revert")
    assert ana.post(back, {"form-origin": ""}).status_code == 302
    assert accounts.get(changed).values["name"] == "Takes back"


def test_history_shows_nothing_outside_the_published_definition(ana, at, changed, republish):
    republish("account", READ_ONLY, ["name", "telephone1"])
    page = text(ana.get(at("account", changed, "history")))

    assert "+44 2" in page
    assert "10.50" not in page
    assert "outside this integration" in page
    assert "Take back" not in page
    change = latest(changed, kind="update")
    assert ana.post(at("account", changed, "history", change.pk, "revert")).status_code == 403


def test_who_may_take_back_and_who_may_look(person, at, changed):
    change = latest(changed, kind="update")
    viewer = person("cleo", Role.VIEWER)
    assert viewer.get(at("account", changed, "history")).status_code == 200
    assert viewer.post(at("account", changed, "history", change.pk, "revert")).status_code == 403
    assert viewer.get(f"/records/{change.integration_id}/history/").status_code == 200


def test_a_change_of_another_record_is_not_found(ana, at, accounts, changed):
    other = accounts.create({"name": "Other"})
    url = at("account", other, "history", latest(changed, kind="update").pk, "revert")
    assert ana.get(url).status_code == 404
