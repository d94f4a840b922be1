"""From an empty draft to a bound version, on the sandbox."""

import pytest

from accounts.models import AuditEvent, Membership, Role, Team
from core.problems import BadInput, Clash, Missing
from integrations.definition import READ_ONLY, READ_WRITE, ActsAs, Operation
from integrations.models import Version
from integrations.privileges import needed, required
from integrations.services import binding, drafts, publishing, versions
from integrations.services.stages import stage_of
from jobs.testing import run_due


def shape(actor, integration, logical_name="account", operations=READ_WRITE, *, chosen=(), called=None):
    return drafts.shape_entity(
        actor,
        integration,
        integration.revision,
        logical_name,
        operations=operations,
        chosen=chosen,
        called=called or {},
    )


def test_the_facts_of_the_environment_stand_in_the_draft(draft):
    account = draft.draft.entity("account")
    attributes = {each.logical_name: each for each in account.attributes}

    assert account.entity_set == "accounts"
    assert attributes["name"].required
    assert attributes["name"].primary_name
    assert attributes["telephone1"].name == "phone"
    assert attributes["revenue"].type == "Money"
    assert attributes["revenue"].maximum is not None
    assert len(attributes["industrycode"].options) > 5
    assert attributes["primarycontactid"].targets == {"contact": "primarycontactid"}
    assert attributes["primarycontactid"].target_sets == {"contact": "contacts"}
    assert set(attributes["ownerid"].targets) == {"systemuser", "team"}
    assert {"Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign"} <= set(account.privileges)


def test_mandatory_attributes_are_pinned_while_records_can_be_created(ana, draft):
    contact = drafts.choose_entities(ana, draft, draft.revision, ["account", "contact"])
    writable = shape(ana, contact, "contact")
    assert "lastname" in {each.logical_name for each in writable.draft.entity("contact").attributes}

    readable = shape(ana, writable, "contact", READ_ONLY, chosen=["emailaddress1"])
    chosen = {each.logical_name for each in readable.draft.entity("contact").attributes}
    assert chosen == {"fullname", "emailaddress1"}  # the primary name always stays


def test_the_privileges_are_those_of_the_chosen_operations(ana, draft):
    assert set(needed(draft.draft)) == {
        *("prvCreateAccount", "prvReadAccount", "prvWriteAccount", "prvDeleteAccount"),
        *("prvAppendAccount", "prvAssignAccount", "prvAppendToContact", "prvAppendToUser", "prvAppendToTeam"),
    }
    readable = shape(ana, draft, operations=READ_ONLY, chosen=["name", "primarycontactid"])
    assert set(needed(readable.draft)) == {"prvReadAccount"}
    as_person = readable.draft.model_copy(update={"acts_as": ActsAs.PERSON})
    assert needed(as_person) == {}


def test_names_that_clash_or_cannot_be_are_refused(ana, draft):
    with pytest.raises(BadInput) as caught:
        shape(
            ana, draft, chosen=["name", "telephone1", "fax"], called={"telephone1": "Phone", "fax": "phone"}
        )
    assert set(caught.value.fields) == {"telephone1", "fax"}

    with pytest.raises(BadInput) as caught:
        shape(ana, draft, chosen=["name", "fax"], called={"fax": "class"})
    assert set(caught.value.fields) == {"fax"}


def test_names_of_integration_and_service(ana, team, draft):
    assert draft.service_name == "sales_is"
    with pytest.raises(BadInput) as caught:
        drafts.create(ana, team, draft.environment, "SALES", "another_is")
    assert "name" in caught.value.fields
    with pytest.raises(BadInput) as caught:
        drafts.create(ana, team, draft.environment, "Other", "sales_is")
    assert "service_name" in caught.value.fields
    assert drafts.create(ana, team, draft.environment, "Sales!").service_name == "sales_2_is"


def test_two_people_at_once_never_overwrite_each_other(ana, draft):
    seen = draft.revision
    shape(ana, draft, chosen=["name"])

    with pytest.raises(Clash, match="Ana"):
        drafts.choose_entities(ana, draft, seen, [])
    with pytest.raises(Clash):
        publishing.publish(ana, draft, seen)
    draft.refresh_from_db()
    assert draft.draft.entity("account") is not None
    assert not draft.versions.exists()


def test_an_unknown_entity(ana, draft):
    with pytest.raises(Missing):
        drafts.choose_entities(ana, draft, draft.revision, ["account", "nonesuch"])


def test_versions_count_up_and_never_change(ana, draft):
    first = publishing.publish(ana, draft, draft.revision, "The first")
    draft.refresh_from_db()
    with pytest.raises(BadInput, match="Nothing has changed"):
        publishing.publish(ana, draft, draft.revision)

    changed = shape(ana, draft, operations=READ_WRITE - {Operation.DELETE}, chosen=["name", "telephone1"])
    review = publishing.review(changed)
    assert review.pending
    assert {change.subject for change in review.breaking} >= {"account", "account.revenue"}
    second = publishing.publish(ana, changed, changed.revision, "Less")

    assert [each.number for each in draft.versions.all()] == [2, 1]
    assert any(change["detail"] == "operation delete" for change in second.changes)
    assert Version.objects.get(pk=first.pk).definition.entity("account").attribute("revenue")
    assert list(AuditEvent.objects.filter(verb="published").values_list("message", flat=True)) == [
        "version 2",
        "version 1",
    ]


def test_an_empty_draft_cannot_be_published(ana, team, environment):
    empty = drafts.create(ana, team, environment, "Empty")
    with pytest.raises(BadInput, match="at least one entity"):
        publishing.publish(ana, empty, empty.revision)


def test_binding_gives_the_role_what_it_takes_and_unbinding_takes_it_back(ana, draft, connection):
    publishing.publish(ana, draft, draft.revision)
    stage = stage_of(draft.team, "development")
    binding.bind(ana, draft, stage, connection)
    run_due(early=True)
    connection.refresh_from_db()

    assert connection.wanted_privileges == required(connection)
    assert "prvCreateAccount" in connection.applied_privileges
    assert connection.state == "ready"

    draft.refresh_from_db()
    reading = shape(ana, draft, operations=READ_ONLY, chosen=["name"])
    publishing.publish(ana, reading, reading.revision)
    run_due(early=True)
    connection.refresh_from_db()
    assert "prvCreateAccount" in connection.wanted_privileges  # callers may still use version 1
    versions.withdraw(ana, draft, 1)
    run_due(early=True)
    connection.refresh_from_db()
    assert set(connection.wanted_privileges) == {"prvReadAccount"}
    assert "prvCreateAccount" not in connection.applied_privileges

    binding.unbind(ana, draft, stage)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.wanted_privileges == {}
    assert "prvReadAccount" not in connection.applied_privileges


def test_nothing_binds_across_teams(ana, draft, connection):
    other = Team.objects.create(name="Other")
    Membership.objects.create(team=other, user=ana.user, role=Role.OWNER)
    with pytest.raises(Missing):
        binding.bind(ana, draft, stage_of(other, "test"), connection)
    foreign = drafts.create(ana, other, draft.environment, "Foreign")
    with pytest.raises(Missing):
        binding.bind(ana, foreign, stage_of(other, "test"), connection)
