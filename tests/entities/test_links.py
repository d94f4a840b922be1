"""Lists of many to many: joined and parted through the gate, and kept in the history."""

import pytest

from core.problems import Missing
from entities.models import RecordChange
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


def test_records_are_joined_and_parted_on_their_page(ana, at, sample_integration, sample_owner, contacts):
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
    service = Service.on(type(drafted).objects.get(pk=drafted.pk), "development", sample_owner)
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
