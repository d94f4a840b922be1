"""Lists of many to many: joined and parted through the gate, and kept in the history."""

import pytest

from core.problems import Missing
from entities.models import RecordChange
from integrations.access import person_client
from integrations.definition import READ_WRITE, Relationship, RelationshipKind
from integrations.linking import Links
from integrations.metadata.related import Parts
from integrations.operations import EntityOperations, Service
from integrations.services import drafts, publishing
from jobs.testing import run_due
from tests.entities.pages import text

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_published_lists_can_be_named(contacts):
    for name in ("contactleads_association", "leads", "../accounts", ""):
        with pytest.raises(Missing):
            Links(contacts, name)


def test_a_list_whose_other_entity_is_not_published_is_none(contacts):
    leads = Relationship(
        schema_name="contactleads_association",
        name="leads",
        kind=RelationshipKind.MANY_TO_MANY,
        navigation="contactleads_association",
        target="lead",
    )
    entity = contacts.entity.model_copy(update={"relationships": (leads,)})
    with pytest.raises(Missing):
        Links(EntityOperations(contacts.service, entity), "leads")
    assert not RecordChange.objects.exists()


@pytest.fixture
def joined(sample_integration, sample_owner):
    """Contacts with a list of leads, published; what the application may do in Dynamics has not followed yet."""
    drafted = drafts.choose_entities(
        sample_owner, sample_integration, sample_integration.revision, ["account", "contact", "lead"]
    )
    parts = Parts(keys={}, expand={}, lists={"contactleads_association": "leads"})
    drafted = drafts.shape_entity(
        sample_owner,
        drafted,
        drafted.revision,
        "contact",
        operations=READ_WRITE,
        chosen=["fullname", "lastname"],
        called={},
        parts=parts,
    )
    publishing.publish(sample_owner, drafted, drafted.revision)
    return Service.on(type(drafted).objects.get(pk=drafted.pk), "development", sample_owner)


def test_what_dynamics_does_not_allow_is_said_and_nothing_is_kept(ana, at, joined, sample_owner):
    """An administrator has narrowed the role, which Isthmus does not know of: it may not append to a lead."""
    contact = joined.entity("contact").create({"lastname": "Apart"})
    connection = joined.binding.connection
    type(connection).objects.filter(pk=connection.pk).update(state=connection.State.READY)
    environment = connection.environment
    lead = (
        person_client(sample_owner, environment).list("leads", select=("leadid",), top=1).records[0]["leadid"]
    )
    for way in ("add", "remove"):
        answer = ana.post(
            at("contact", contact, "joined", "leads", way),
            {"other": f"lead:{lead}" if way == "add" else lead},
        )
        assert answer.status_code == 403
        assert "Dynamics does not allow this" in text(answer)
    assert not RecordChange.objects.filter(record_id=contact).exclude(kind="create").exists()


def test_a_refusal_while_the_role_is_pending_says_what_completes_it(ana, at, joined, sample_owner):
    connection = joined.binding.connection
    assert connection.state == connection.State.ROLE_PENDING
    contact = joined.entity("contact").create({"lastname": "Apart"})
    lead = person_client(sample_owner, connection.environment).list("leads", select=("leadid",), top=1)
    other = f"lead:{lead.records[0]['leadid']}"
    answer = ana.post(at("contact", contact, "joined", "leads", "add"), {"other": other})
    assert answer.status_code == 403
    assert "The connection's role is not complete" in text(answer)
    assert "prvAppendToLead" in text(answer)  # in Dynamics' own words
    assert f"/connections/{connection.pk}/" in answer.content.decode()


def test_records_are_joined_and_parted_on_their_page(ana, at, joined):
    service = joined
    run_due(early=True)  # the role is given what the new version needs
    contact = service.entity("contact").create({"lastname": "Joined"})
    lead = service.entity("lead").search(top=1).records[0]
    page = at("contact", contact) + "?tab=leads"
    assert "Nothing here yet" in text(ana.get(page))

    add, remove = (
        at("contact", contact, "joined", "leads", "add"),
        at("contact", contact, "joined", "leads", "remove"),
    )
    assert ana.post(add, {"other": f"account:{lead.id}"}).status_code == 400
    assert ana.post(add, {"other": f"lead:{lead.id}", "other-label": "A lead"}).status_code == 302
    assert f"/lead/{lead.id}/" in ana.get(page).content.decode()
    assert ana.post(remove, {"other": lead.id}).status_code == 302
    assert "Nothing here yet" in text(ana.get(page))
    kinds = RecordChange.objects.filter(record_id=contact).values_list("kind", flat=True)
    assert list(kinds) == ["unlink", "link", "create"]
