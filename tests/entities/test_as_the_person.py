"""An integration that acts as the signed-in person: their rights decide, and their authorization is needed."""

import pytest

from accounts import vault
from accounts.actors import Actor
from accounts.models import AuditEvent, Authorization, Role, User
from accounts.reach import Reach
from connections.models import Connection
from connections.services import creation, environments
from entities.models import RecordChange
from integrations.definition import ActsAs
from integrations.services import binding, drafts, publishing
from integrations.services.stages import stage_of
from jobs.testing import run_due
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


@pytest.fixture
def live_connection(sample_owner, sample_team, world):
    """A connection to the live environment, which has a place for Cleo too."""
    found = environments.find(sample_owner, world.places.environments["contoso"])
    creation.create(sample_owner, sample_team, found, "Sales (live)")
    run_due(early=True)
    return Connection.objects.get(name="Sales (live)")


@pytest.fixture
def live(live_connection, personal, sample_owner, sample_team, sample_integration):
    """The sample there as well. The roles that publishing would shrink now are left: other tests share them."""
    stage = stage_of(sample_team, "production")
    binding.bind(sample_owner, sample_integration, stage, live_connection)
    return lambda *parts: "/".join(["/records", str(sample_integration.pk), "production", *parts, ""])


def counted(client, url):
    """How many records the page's count says there are; 5,000 stands for more as well."""
    answer = client.get(url + "?count=1").content.decode()
    return int("".join(letter for letter in answer if letter.isdigit()))


def test_everybody_sees_what_dynamics_lets_them_see(live, ana, person, at, world):
    cleo = person("cleo", Role.EDITOR)
    authorised(world, "cleo")

    assert 0 < counted(cleo, live("account")) < counted(ana, live("account"))
    assert "Working as you." in text(cleo.get(live("account")))
    # In the development environment Dynamics does not know her at all, whatever her role in the team is.
    refused = cleo.get(at("account"))
    assert refused.status_code == 403
    assert "Dynamics does not allow this" in text(refused)


def test_the_history_tells_nobody_what_dynamics_keeps_from_them(
    live, ana, person, world, service, sample_integration, sample_owner
):
    """Changes are kept here; whose records they are of is for Dynamics to say, which cannot be asked for all of them."""
    cleo = person("cleo", Role.EDITOR)
    authorised(world, "cleo")
    mine = type(service).on(sample_integration, "production", sample_owner).entity("account")
    record = mine.create({"name": "Kept from Cleo", "telephone1": "+44 secret"})
    told = f"/records/{sample_integration.pk}/history/"
    assert "+44 secret" in text(ana.get(told))
    assert "Kept from Cleo" not in text(cleo.get(told))
    assert "+44 secret" not in text(cleo.get(live("account", record, "history")))

    question = ana.get(live("account", record, "delete"))
    form = {"form-origin": question.context["origin"]}
    assert ana.post(live("account", record, "delete"), form).status_code == 302
    deletion = RecordChange.objects.get(record_id=record, kind="delete")
    for page in (("history",), ("history", str(deletion.pk), "revert")):
        assert "+44 secret" in text(ana.get(live("account", record, *page)))
        assert cleo.get(live("account", record, *page)).status_code == 404


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
