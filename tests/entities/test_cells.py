"""One attribute at a time, where it stands in the grid: saved, refused, overtaken, gone."""

import re

import pytest

from accounts.models import Role
from integrations.definition import READ_ONLY
from tests.entities.pages import text

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "00000000-0000-4000-8000-00000000dead"
HARD = [
    ("name", "😀 emoji & Söhne", "😀 emoji & Söhne"),
    ("name", "שלום עולם", "שלום עולם"),
    ("description", "first\r\nsecond", "first\nsecond"),
    ("accountnumber", "007", "007"),
    ("accountnumber", "=1+1", "=1+1"),
    ("revenue", "100000000000.00", "100000000000.0000"),
    ("telephone1", "  0012 ", "  0012 "),
]


@pytest.fixture
def account(accounts):
    return accounts.create({"name": "Cell", "telephone1": "+44 1", "numberofemployees": 5})


@pytest.fixture
def put(at):
    """`put(client, id, "name", "value")`: open the cell, type, save."""

    def send(client, record_id, attribute, value, between=None):
        url = at("account", record_id, "cell", attribute)
        form = client.get(url)
        assert form.status_code == 200, text(form)
        origin = re.search(r'name="form-origin" value="([^"]*)"', form.content.decode())[1]
        if between:
            between()
        return client.post(url, {"form-origin": origin, attribute: value, "query": "columns=name,telephone1"})

    return send


def test_a_saved_cell_brings_its_row(ana, accounts, account, put):
    answer = put(ana, account, "telephone1", "+44 2")
    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith(f'<tr data-id="{account}"')
    assert accounts.get(account).values["telephone1"] == "+44 2"


def test_every_value_survives(ana, accounts, account, put):
    for name, typed, kept in HARD:
        answer = put(ana, account, name, typed)
        assert answer.status_code == 200, (name, text(answer))
        assert str(accounts.get(account).values[name]) == kept, name


def test_what_does_not_fit_stays_typed(ana, accounts, account, put):
    answer = put(ana, account, "numberofemployees", "many")
    assert answer.status_code == 422
    assert 'value="many"' in answer.content.decode()
    assert "whole number" in text(answer)
    assert accounts.get(account).values["numberofemployees"] == 5


def test_another_attribute_of_the_record_may_have_changed(ana, accounts, account, put):
    answer = put(
        ana, account, "telephone1", "mine", lambda: accounts.update(account, {"numberofemployees": 9})
    )
    assert answer.status_code == 200
    now = accounts.get(account).values
    assert (now["telephone1"], now["numberofemployees"]) == ("mine", 9)


def test_both_changed_it_and_the_person_decides(ana, accounts, account, at, put):
    answer = put(
        ana, account, "telephone1", "mine", lambda: accounts.update(account, {"telephone1": "theirs"})
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in text(answer)
    assert 'value="mine"' in page
    assert accounts.get(account).values["telephone1"] == "theirs"

    origin = re.search(r'name="form-origin" value="([^"]*)"', page)[1]
    again = ana.post(
        at("account", account, "cell", "telephone1"), {"form-origin": origin, "telephone1": "mine"}
    )
    assert again.status_code == 200
    assert accounts.get(account).values["telephone1"] == "mine"


def test_a_record_that_is_gone(ana, accounts, account, put):
    answer = put(ana, account, "telephone1", "typed", lambda: accounts.delete(account))
    assert answer.status_code == 404
    assert 'value="typed"' in answer.content.decode()


def test_dynamics_is_silent_or_busy(ana, world, account, put):
    fault = {"kind": "status", "service": "dataverse", "status": 429, "retry_after": 0, "method": "PATCH"}
    added = []
    try:
        answer = put(ana, account, "telephone1", "typed", lambda: added.append(world.faults.add(fault)))
        assert answer.status_code == 503
        assert 'value="typed"' in answer.content.decode()
        assert "Microsoft does not answer" in text(answer)
    finally:
        for each in added:
            world.faults.remove(each.id)


def test_no_cell_outside_the_definition_or_the_role(ana, person, at, account, republish):
    for name in ("fax", "accountid", "createdon", "__class__", "name'"):
        assert ana.get(at("account", account, "cell", name)).status_code in {403, 404}, name
        assert ana.post(at("account", account, "cell", name), {name: "1"}).status_code in {403, 404}, name
    viewer = person("cleo", Role.VIEWER)
    assert viewer.post(at("account", account, "cell", "name"), {"name": "x"}).status_code == 403
    assert ana.get(at("account", NOBODY, "cell", "name")).status_code == 404
    republish("account", READ_ONLY, ["name"])
    assert ana.post(at("account", account, "cell", "name"), {"name": "x"}).status_code == 403


def test_a_forged_origin_overwrites_nothing(ana, at, accounts, account):
    answer = ana.post(at("account", account, "cell", "name"), {"form-origin": "forged", "name": "forged"})
    assert answer.status_code == 409
    assert accounts.get(account).values["name"] == "Cell"
