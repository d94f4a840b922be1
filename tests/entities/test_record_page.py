"""The record's page: its parts, what belongs to it, and what can be done with it."""

import re

import pytest

from accounts.models import Role
from entities.models import RecentRecord
from tests.entities.pages import errors, filled, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(accounts):
    return accounts.create({"name": "Page & Sons", "telephone1": "+44 7", "revenue": "5", "industrycode": 1})


def test_facts_stand_under_headings(ana, at, account):
    page = ana.get(at("account", account))

    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", page.content.decode())
    assert {"Details", "How to reach", "Money", "Who and when"} <= set(heads)
    assert RecentRecord.objects.get().title == "Page & Sons"


def test_related_records_are_a_tab_and_new_ones_begin_there(ana, at, account, contacts):
    contacts.create({"lastname": "Tabbed", "parentcustomerid": {"entity": "account", "id": account}})
    page = ana.get(at("account", account) + "?tab=contact.parentcustomerid")

    assert "Tabbed" in text(page)
    new = re.search(r'href="([^"]+/contact/new/[^"]+)"', page.content.decode())[1]
    form = filled(ana.get(new))
    assert form["parentcustomerid"] == f"account:{account}"
    assert form["parentcustomerid-label"] == "Page & Sons"
    assert ana.get(at("account", account) + "?tab=account.nonesuch").status_code == 200


def test_a_copy_begins_with_what_the_record_has(ana, at, account):
    form = filled(ana.get(at("account", "new") + f"?like={account}"))

    assert (form["name"], form["telephone1"], form["industrycode"]) == ("Page & Sons", "+44 7", "1")
    assert ana.get(at("account", "new") + "?like=nonesuch").status_code == 404


def test_a_link_fills_only_what_fits(ana, at):
    form = filled(ana.get(at("account", "new") + "?name=From+a+link&primarycontactid=systemuser:x&fax=1"))
    assert form["name"] == "From a link"
    assert form["primarycontactid"] == ""
    assert "fax" not in form


def test_status_and_reason_are_chosen_together(ana, at, accounts, account):
    url = at("account", account, "state")
    page = ana.get(url)
    origin = re.search(r'name="form-origin" value="([^"]*)"', page.content.decode())[1]
    assert re.findall(r'name="move" value="([^"]*)"', page.content.decode()) == ["1:2"]

    assert ana.post(url, {"form-origin": origin}).status_code == 422
    assert ana.post(url, {"form-origin": origin, "move": "1:1"}).status_code == 400
    assert ana.post(url, {"form-origin": origin, "move": "1:2"}).status_code == 302
    now = accounts.get(account).values
    assert (now["statecode"], now["statuscode"]) == (1, 2)
    assert ana.post(url, {"form-origin": origin, "move": "0:1"}).status_code == 409
    assert "Activate" in text(ana.get(at("account", account)))


def test_viewers_are_offered_nothing_that_changes(person, at, account):
    viewer = person("cleo", Role.VIEWER)
    page = viewer.get(at("account", account)).content.decode()
    for word in ("/edit/", "/delete/", "/assign/", "/state/", "?like="):
        assert word not in page
    for part in ("state", "assign", "cell/name"):
        assert viewer.get(at("account", account, *part.split("/"))).status_code == 403


def test_the_form_says_what_a_status_reason_needs(ana, at, account):
    url = at("account", account, "edit")
    answer = ana.post(url, filled(ana.get(url)) | {"statuscode": "77"})
    assert answer.status_code == 422
    assert set(errors(answer)) == {"statuscode"}
