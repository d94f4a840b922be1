"""Publish, change, publish again, roll back, deprecate, withdraw: what becomes of versions."""

from datetime import date

import pytest

from accounts.models import AuditEvent
from core.problems import BadInput, Clash, Missing
from integrations.definition import READ_ONLY, READ_WRITE
from integrations.following import version_for
from integrations.models import Integration
from integrations.published import version_of
from integrations.services import drafts, publishing, removal, versions
from integrations.services.keys import create_key, revoke_key
from integrations.services.stages import stage_of
from jobs.models import JobRun
from jobs.testing import run_due


def shape(actor, integration, operations=READ_WRITE, chosen=()):
    integration.refresh_from_db()
    return drafts.shape_entity(
        actor,
        integration,
        integration.revision,
        "account",
        operations=operations,
        chosen=chosen,
        called={},
    )


@pytest.fixture
def twice(ana, draft):
    """Version 1 writes; version 2 adds an attribute; version 3 only reads."""
    publishing.publish(ana, draft, draft.revision, "First")
    known = [each.logical_name for each in draft.draft.entities[0].attributes]
    more = shape(ana, draft, chosen=[*known, "websiteurl"])
    more = drafts.shape_entity(
        ana,
        more,
        more.revision,
        "account",
        operations=READ_WRITE,
        chosen=[*known, "websiteurl"],
        called={"telephone1": "phone"},
    )
    publishing.publish(ana, more, more.revision, "More")
    less = shape(ana, draft, READ_ONLY, ["name"])
    publishing.publish(ana, less, less.revision, "Less")
    draft.refresh_from_db()
    return draft


def test_what_breaks_is_called_breaking_and_what_does_not_is_not(twice):
    third, second, _first = twice.versions.all()
    assert second.changes
    assert not any(change["breaking"] for change in second.changes)
    assert any(change["breaking"] and change["reason"] for change in third.changes)


def test_roll_back_is_the_next_version_with_an_old_definition(ana, twice):
    run = publishing.ask(ana, twice, twice.revision, "As it was", again=1)
    assert publishing.ask(ana, twice, twice.revision, "As it was", again=1) == run  # pressed twice
    run_due()
    twice.refresh_from_db()

    latest = version_of(twice)
    assert (latest.number, latest.notes) == (4, "As it was")
    assert latest.definition == version_of(twice, 1).definition
    assert twice.draft == latest.definition  # nothing was pending, so the draft goes along
    assert JobRun.objects.get(pk=run.pk).result["version"] == 4

    pending = shape(ana, twice, READ_ONLY, ["name"])
    publishing.publish(ana, pending, pending.revision, again=3)
    twice.refresh_from_db()
    with pytest.raises(Missing):
        publishing.ask(ana, twice, twice.revision, again=9)
    with pytest.raises(BadInput, match="Nothing has changed"):
        publishing.publish(ana, twice, twice.revision, again=3)


def test_a_roll_back_leaves_unpublished_work_alone(ana, twice):
    work = shape(ana, twice, READ_ONLY, ["name", "fax"])
    publishing.publish(ana, work, work.revision, again=1)
    work.refresh_from_db()
    assert work.draft.entities[0].attribute("fax")
    assert publishing.review(work).pending

    restored = versions.load_into_draft(ana, work, work.revision, 2)
    assert restored.draft == version_of(work, 2).definition


def test_deprecated_works_and_withdrawn_does_not(ana, twice):
    with pytest.raises(BadInput):
        versions.deprecate(ana, twice, 1, "Use 3.", date(2001, 1, 1))
    versions.deprecate(ana, twice, 1, "Use 3.", date(2099, 1, 1))
    assert version_of(twice, 1).state == "deprecated"

    versions.withdraw(ana, twice, 3, "It was wrong.")
    assert version_of(twice).number == 2
    with pytest.raises(Missing, match="It was wrong"):
        version_of(twice, 3)
    assert publishing.review(twice).pending  # the draft is what was withdrawn

    versions.reinstate(ana, twice, 3)
    assert version_of(twice).number == 3


def test_a_pinned_key_stays_and_another_follows_what_breaks_nothing(ana, twice):
    stage = stage_of(twice.team, "development")
    pinned, _ = create_key(ana, twice, stage, "Pinned", version=1)
    publishing.publish(ana, twice, twice.revision, again=1)  # version 4 is version 1 again
    following, _ = create_key(ana, twice, stage, "Following")
    assert following.version == 4
    twice.refresh_from_db()
    publishing.publish(ana, twice, twice.revision, again=2)  # adds an attribute: compatible
    twice.refresh_from_db()
    publishing.publish(ana, twice, twice.revision, again=3)  # takes operations away: breaking

    assert version_for(pinned).number == 1
    assert version_for(following).number == 5


def test_what_nothing_uses_can_be_deleted_and_what_is_in_use_cannot(ana, twice):
    key, _ = create_key(ana, twice, stage_of(twice.team, "development"), "Till")
    with pytest.raises(Clash, match="Till"):
        removal.remove(ana, twice, twice.revision)
    revoke_key(ana, key)
    with pytest.raises(Clash, match="after you opened it"):
        removal.remove(ana, twice, twice.revision - 1)
    removal.remove(ana, twice, twice.revision)
    assert not Integration.objects.exists()
    assert AuditEvent.objects.filter(verb="deleted", message__contains="3 versions").exists()


def test_a_published_version_never_changes(twice):
    version = twice.versions.first()
    version.notes = "Rewritten"
    with pytest.raises(ValueError, match="never changes"):
        version.save()


def test_a_draft_that_changed_meanwhile_is_not_published(ana, draft):
    publishing.ask(ana, draft, draft.revision)
    shape(ana, draft, READ_ONLY, ["name"])
    (run,) = run_due()
    assert run.state == "failed"
    assert "changed Sales after you opened it" in run.error["message"]
    assert not draft.versions.exists()
    with pytest.raises(Clash):
        publishing.ask(ana, draft, draft.revision)


def test_a_worker_that_dies_after_writing_the_version_does_not_write_it_twice(ana, draft):
    run = publishing.ask(ana, draft, draft.revision)
    (done,) = run_due()
    JobRun.objects.filter(pk=run.pk).update(state="queued", result={})
    (again,) = run_due()
    assert (done.result, again.result) == (again.result, done.result)
    assert draft.versions.count() == 1
