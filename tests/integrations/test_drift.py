"""An environment moves away from what was published: who is affected, what breaks, and one click that mends it."""

import pytest
from django.core import mail

from accounts.actors import Actor
from core import clock
from integrations.models import Drift
from integrations.published import definition_of, version_of
from integrations.services import drafts, drifts, publishing
from integrations.tasks import DRIFT_ROUND
from jobs import services as jobs
from jobs.testing import run_due
from tests.integrations.customizing import drop_column, new_column
from tests.integrations.test_builder_pages import at, in_front


@pytest.fixture
def shoes(sample_owner, sample_integration, world):
    """The sample with an attribute of its own, published and bound; the column may be changed at will."""
    from integrations.metadata import catalogue

    with new_column(world, "contact", "new_Shoe", MaxLength=40):
        catalogue.for_actor(sample_owner, sample_integration.environment).refresh()
        before = [each.logical_name for each in sample_integration.draft.entity("contact").attributes]
        made = drafts.shape_entity(
            sample_owner,
            sample_integration,
            sample_integration.revision,
            "contact",
            operations=sample_integration.draft.entity("contact").operations,
            chosen=[*before, "new_shoe"],
            called={"new_shoe": "shoe"},
        )
        publishing.publish(sample_owner, made, made.revision)
        made.refresh_from_db()
        yield made


def round_of_checks():
    jobs.request(DRIFT_ROUND, actor=Actor.system("drift"))
    run = next(run for run in run_due(early=True) if run.kind == DRIFT_ROUND)
    assert run.state == "succeeded", run.error
    return run.result


def test_from_a_deleted_column_to_a_mended_draft(shoes, sample_owner, world):
    client = in_front(sample_owner)
    assert round_of_checks() == {"compared": 1, "drifted": 0, "not asked": []}
    assert not mail.outbox

    drop_column(world, "contact", "new_Shoe")
    assert round_of_checks()["drifted"] == 1
    found = Drift.objects.get()
    (change,) = found.changes
    assert (change["what"], change["subject"], change["breaking"]) == ("removed", "contact.shoe", True)
    assert found.breaking
    assert found.version == version_of(shoes).number
    assert drifts.affected(found)["stages"] == ["Development"]
    (letter,) = mail.outbox
    assert "drifted from Sales sample (breaking)" in letter.subject
    assert "contact.shoe" in letter.body
    assert at("detail", shoes) in letter.body

    since = found.since
    round_of_checks()
    assert len(mail.outbox) == 1  # said once
    assert Drift.objects.get().since == since

    page = client.get(at("detail", shoes)).content.decode()
    assert "contact.shoe" in page
    assert at("mend", shoes) in page
    assert "drifted" in client.get("/integrations/").content.decode()
    answer = client.post(at("mend", shoes), {"revision": shoes.revision, "drift": found.pk})
    assert answer["Location"] == at("review", shoes)
    shoes.refresh_from_db()
    assert shoes.draft.entity("contact").attribute("shoe") is None
    assert definition_of(version_of(shoes).pk).entity("contact").attribute("shoe")

    publishing.publish(sample_owner, shoes, shoes.revision, "It followed")
    assert round_of_checks()["drifted"] == 0
    assert not Drift.objects.exists()


def test_what_only_adds_is_compatible_and_what_was_not_chosen_is_none(shoes, sample_owner, world):
    drop_column(world, "contact", "new_Shoe")
    with new_column(world, "contact", "new_Shoe", MaxLength=80), new_column(world, "contact", "new_Hat"):
        (found,) = drifts.check(shoes)
    (change,) = found.changes
    assert (change["subject"], change["breaking"]) == ("contact.shoe", False)
    assert not found.breaking
    assert found.since <= clock.now()


def test_looking_takes_the_gate_and_a_binding(shoes, sample_owner):
    run = drifts.ask(sample_owner, shoes)
    assert run.duty == "drift"
    client = in_front(sample_owner)
    assert client.post(at("check", shoes))["Location"] == at("detail", shoes)
    shoes.bindings.all().delete()
    assert client.post(at("check", shoes)).status_code == 404
