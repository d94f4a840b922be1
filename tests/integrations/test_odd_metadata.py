"""Metadata as real environments have it, and what the builder makes of it: see docs/parity.md."""

from dataclasses import replace

from integrations.definition import READ_ONLY, READ_WRITE
from integrations.metadata.related import relations
from integrations.metadata.snapshot import choosable, chosen_entity, pinned
from integrations.metadata.targets import Target
from integrations.names import trouble
from microsoft.dataverse import AttributeDefinition, EntityDefinition, Relationship

LONG = "new_" + "a_rather_long_name_" * 6
LABEL = "Wie oft im Jahr wurde der Kunde besucht, ohne dass er etwas bestellt hat? (geschätzt)"

TEXT = AttributeDefinition(
    logical_name="new_name",
    display_name="Name",
    type="String",
    required_level="ApplicationRequired",
    valid_for_create=True,
    valid_for_update=True,
    valid_for_read=True,
    is_primary_name=True,
)
ENTITY = EntityDefinition(
    logical_name="new_visit",
    schema_name="new_Visit",
    entity_set="new_visits",
    display_name="Visit",
    display_collection_name="",
    description="",
    primary_id="new_visitid",
    primary_name="new_name",
    is_custom=True,
    is_activity=False,
    ownership="UserOwned",
    object_type_code=None,
    metadata_id="",
    optimistic_concurrency=True,
    change_tracking=False,
    privileges=(),
    attributes=(TEXT,),
    relationships=(),
)


def attribute(**facts):
    return replace(TEXT, is_primary_name=False, required_level="None", **facts)


def with_attributes(*attributes, relationships=()):
    return replace(ENTITY, attributes=(TEXT, *attributes), relationships=relationships)


def test_long_names_and_long_labels():
    details = with_attributes(attribute(logical_name=LONG, display_name=LABEL))
    made = chosen_entity(details, [LONG], {}, operations=READ_ONLY)
    chosen = made.attribute_of(LONG)
    assert (chosen.name, chosen.label) == (LONG, LABEL)
    assert len(LABEL) > 50
    assert not trouble(chosen.name)


def test_a_missing_plural_label():
    assert chosen_entity(ENTITY, [], {}).plural == ""


def test_a_lookup_with_several_targets_and_a_long_name():
    way = {"account": f"{LONG}_account", "contact": f"{LONG}_contact"}
    details = with_attributes(
        attribute(
            logical_name=LONG, display_name="Customer", type="Lookup", targets=tuple(way), navigation=way
        ),
        relationships=tuple(
            Relationship(f"{LONG}_{target}", "ManyToOne", navigation, target, LONG)
            for target, navigation in way.items()
        ),
    )
    targets = {name: Target(f"{name}s", f"prvAppendTo{name.title()}") for name in way}
    made = chosen_entity(details, [LONG], targets, operations=READ_WRITE)
    assert made.attribute_of(LONG).targets == way

    found = relations(details, {"account", "contact"})
    names = [each.usual.lower() for each in found]
    assert [each.target for each in found] == ["account", "contact"]
    assert len(set(names)) == 2
    assert all(not trouble(name) for name in names)


def test_mandatory_is_only_what_a_record_cannot_be_created_without():
    server = attribute(logical_name="createdon", display_name="Created On", type="DateTime")
    details = with_attributes(
        replace(server, required_level="SystemRequired", valid_for_create=False),
        replace(server, logical_name="ownerid", type="Owner", required_level="SystemRequired"),
        replace(server, logical_name="new_code", type="String", required_level="ApplicationRequired"),
    )
    assert pinned(details, READ_WRITE) == {"new_name", "new_code"}
    assert pinned(details, READ_ONLY) == {"new_name"}
    assert {each.logical_name for each in choosable(details)} == {
        "new_name",
        "createdon",
        "ownerid",
        "new_code",
    }
