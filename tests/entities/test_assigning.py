"""Handing records over, to others and to oneself; users and teams need not be published for it."""

import re

import pytest

from accounts.models import Role, User
from accounts.reach import Reach
from entities.models import Bulk, RecordChange
from integrations.access import person_client
from jobs.testing import run_due
from tests.connections import cast
from tests.entities.pages import filled, text
from tests.people import PEOPLE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(accounts):
    made = accounts.create({"name": "Handed over"})
    yield made
    accounts.delete(made)


@pytest.fixture
def users(service, sample_owner):
    """Name → id of the people in the environment."""
    client = person_client(sample_owner, service.binding.connection.environment)
    rows = client.list("systemusers", select=("systemuserid", "fullname"), formatted=False).records
    return {row["fullname"]: row["systemuserid"] for row in rows}


def owner_of(accounts, account):
    return accounts.get(account).values["ownerid"].id


def test_a_record_is_assigned_to_whoever_is_found_by_name(ana, at, accounts, account, users):
    assert "/assign/" in ana.get(at("account", account)).content.decode()
    url = at("account", account, "assign")
    form = filled(ana.get(url))
    found = ana.get(at("account", "lookup", "ownerid"), {"ownerid-label": "Ben"}).content.decode()
    chosen = re.findall(r'data-value="(systemuser:[^"]+)"', found)
    assert chosen == [f"systemuser:{users['Ben Okafor']}"]

    answer = ana.post(url, form | {"ownerid": chosen[0], "ownerid-label": "Ben Okafor"})
    assert answer.status_code == 302, text(answer)
    assert owner_of(accounts, account) == users["Ben Okafor"]


def test_a_record_becomes_ones_own_by_one_button(ana, at, accounts, account, users):
    mine = at("account", account, "assign", "me")
    assert mine in ana.get(at("account", account)).content.decode()
    for said in ("Handed over is yours now.", "Handed over is yours already."):
        assert said in text(ana.post(mine, follow=True))
        assert owner_of(accounts, account) == users["Ana Alvarez"]
    assert RecordChange.objects.filter(record_id=account, kind="update").count() == 1


def test_many_records_become_ones_own(ana, at, accounts, account, users):
    url = at("account", "bulk", "edit")
    chosen = {"selection": account}
    question = ana.post(f"{url}?focus=owner", chosen)
    assert "Assign to me" in text(question)
    assert ana.post(f"{url}?focus=owner", chosen | {"plan": "mine"}).status_code == 302
    bulk = Bulk.objects.get()
    assert bulk.plan.values["ownerid"]["id"] == users["Ana Alvarez"]
    ana.post(bulk.get_absolute_url() + "begin/")
    run_due(early=True)
    assert owner_of(accounts, account) == users["Ana Alvarez"]


def test_without_an_authorization_nobody_knows_who_one_is_in_dynamics(editor, at, accounts, account, users):
    before = owner_of(accounts, account)
    answer = editor.post(at("account", account, "assign", "me"))

    assert answer.status_code == 403
    assert "Your own authorization is needed" in text(answer)
    assert "Authorise with Microsoft" in text(answer)
    suggested = editor.get(at("account", "lookup", "ownerid"), {"ownerid-label": "Ben"})
    assert "Authorise once" in text(suggested)
    assert owner_of(accounts, account) == before


def test_whoever_has_no_user_in_dynamics_is_told_so(person, at, world, accounts, account):
    cleo = person("cleo", Role.EDITOR)
    cast.authorise(world, User.objects.get(username=PEOPLE["cleo"]), Reach.IDENTITY)
    before = owner_of(accounts, account)
    answer = cleo.post(at("account", account, "assign", "me"))

    assert answer.status_code == 403
    assert "You have no user in" in text(answer)
    assert owner_of(accounts, account) == before


def test_viewers_assign_nothing(person, at, account):
    viewer = person("cleo", Role.VIEWER)
    assert "/assign/" not in viewer.get(at("account", account)).content.decode()
    assert viewer.post(at("account", account, "assign", "me")).status_code == 403
