"""An integration that acts as the signed-in person: their rights decide, and their authorization is needed."""

import pytest

from accounts import vault
from accounts.actors import Actor
from accounts.models import AuditEvent, Authorization, Role, User
from accounts.reach import Reach
from integrations.definition import ActsAs
from integrations.services import drafts, publishing
from tests.connections import cast
from tests.entities.pages import filled, text
from tests.people import PEOPLE


@pytest.fixture
def personal(sample_integration, sample_owner):
    """The sample, published again to act as whoever is signed in."""
    made = drafts.name_parts(
        sample_owner,
        sample_integration,
        sample_integration.revision,
        name=sample_integration.name,
        service_name=sample_integration.service_name,
        acts_as=ActsAs.PERSON,
        called={},
    )
    publishing.publish(sample_owner, made, made.revision)


def authorised(world, name):
    return cast.authorise(world, User.objects.get(username=PEOPLE[name]), Reach.IDENTITY)


def counted(client, at):
    return client.get(at("account") + "?count=1").content.decode().strip()


def test_everybody_sees_what_dynamics_lets_them_see(personal, ana, person, at, world):
    cleo = person("cleo", Role.EDITOR)
    authorised(world, "cleo")

    mine, theirs = (
        int(counted(each, at).removeprefix("of ").replace(",", "").rstrip("+")) for each in (ana, cleo)
    )
    assert 0 <= theirs < mine
    assert "Working as you." in text(cleo.get(at("account")))
    assert "Working as you." in text(ana.get(at("account")))


def test_without_an_authorization_the_gate_is_shown_and_leads_back(personal, editor, at):
    for parts in (("account",), ("contact",)):
        answer = editor.get(at(*parts))
        assert answer.status_code == 403
        assert "Your own authorization is needed" in text(answer)
        assert "Authorise with Microsoft" in text(answer)
        assert 'action="/authorizations/authorise/' in answer.content.decode()


def test_an_authorization_lost_in_the_middle_of_a_form(personal, ana, at, accounts):
    record = accounts.create({"name": "Half typed"})
    url = at("account", record, "edit")
    form = filled(ana.get(url)) | {"telephone1": "typed"}
    user = User.objects.get(username=PEOPLE["ana"])
    vault.revoke(Actor.person(user), Authorization.objects.filter(user=user).get())

    answer = ana.post(url, form)
    assert answer.status_code == 403
    assert filled(answer)["telephone1"] == "typed"
    page = answer.content.decode()
    assert 'target="_blank"' in page
    assert "Come back here afterwards and save again" in text(answer)
    assert AuditEvent.objects.filter(verb="changed a record of", outcome="succeeded").count() == 0
