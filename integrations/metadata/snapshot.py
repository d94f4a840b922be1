"""From an environment's metadata to the part of a definition: the facts as they are when they are chosen."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from integrations.definition import READ_ONLY, Attribute, Entity, Operation, Option
from integrations.kinds import is_supported
from integrations.metadata.targets import Target
from integrations.names import default_name
from microsoft.dataverse import AttributeDefinition, EntityDefinition

# Dataverse demands these of itself, and fills them in.
_FILLED_BY_THE_SERVER = frozenset({"Owner", "State", "Status", "Boolean", "Uniqueidentifier", "EntityName"})
_LINKS = frozenset({"Lookup", "Customer", "Owner"})
# What a first look at an entity usually wants, besides its name and what is mandatory.
_CUSTOMARY = ("statecode", "statuscode", "createdon", "modifiedon")


def choosable(entity: EntityDefinition) -> list[AttributeDefinition]:
    """The attributes that can be offered, the name first. The id is always there, so it is not a choice."""
    offered = [
        each
        for each in entity.attributes
        if is_supported(each.type) and not each.attribute_of and not each.is_primary_id and _usable(each)
    ]
    return sorted(offered, key=_place)


def is_mandatory(attribute: AttributeDefinition) -> bool:
    """Whether a record cannot be created without it."""
    return (
        attribute.is_required and attribute.valid_for_create and attribute.type not in _FILLED_BY_THE_SERVER
    )


def pinned(entity: EntityDefinition, operations: Iterable[Operation]) -> set[str]:
    """What cannot be left out: the primary name, and what is mandatory if records can be created."""
    creating = Operation.CREATE in set(operations)
    return {
        each.logical_name
        for each in choosable(entity)
        if each.is_primary_name or (creating and is_mandatory(each))
    }


def customary(entity: EntityDefinition) -> set[str]:
    """A modest first choice for an entity that was just added."""
    names = {each.logical_name for each in choosable(entity)}
    return pinned(entity, Operation) | {each for each in _CUSTOMARY if each in names}


def linked(entity: EntityDefinition, chosen: Iterable[str]) -> set[str]:
    """The entities that the chosen lookups point to."""
    names = set(chosen)
    return {
        target
        for each in entity.attributes
        if each.logical_name in names and each.type in _LINKS
        for target in each.navigation
    }


def chosen_entity(
    entity: EntityDefinition,
    chosen: Iterable[str],
    targets: Mapping[str, Target],
    *,
    operations: Iterable[Operation] = READ_ONLY,
    name: str = "",
    names: Mapping[str, str] | None = None,
) -> Entity:
    """The entity as a definition holds it, with the chosen and the pinned attributes.

    Args:
        entity: the metadata.
        chosen: logical names; unknown ones are left out.
        targets: of the lookups, see `linked`.
        operations: what is offered.
        name: what the integration calls it; its logical name by default.
        names: what it calls the attributes, by logical name, where that differs.

    """
    wanted = set(chosen) | pinned(entity, operations)
    called = {key: value for key, value in (names or {}).items() if value}
    return Entity(
        logical_name=entity.logical_name,
        entity_set=entity.entity_set,
        name=name or default_name(entity.logical_name),
        label=entity.display_name,
        plural=entity.display_collection_name,
        description=entity.description,
        primary_id=entity.primary_id,
        primary_name=entity.primary_name,
        custom=entity.is_custom,
        activity=entity.is_activity,
        ownership=entity.ownership,
        change_tracking=entity.change_tracking,
        operations=frozenset(operations),
        attributes=tuple(
            _attribute(each, called.get(each.logical_name) or default_name(each.logical_name), targets)
            for each in choosable(entity)
            if each.logical_name in wanted
        ),
        privileges={each.kind: each.name for each in entity.privileges},
    )


def _attribute(found: AttributeDefinition, name: str, targets: Mapping[str, Target]) -> Attribute:
    navigation = {target: way for target, way in found.navigation.items() if target in targets}
    # A lookup whose targets the Web API does not offer can be read, not set.
    settable = found.type not in _LINKS or bool(navigation)
    return Attribute(
        logical_name=found.logical_name,
        name=name,
        label=found.display_name,
        description=found.description,
        type=found.type,
        required=is_mandatory(found),
        can_create=found.valid_for_create and settable,
        can_update=found.valid_for_update and settable,
        can_read=found.valid_for_read,
        max_length=found.max_length,
        minimum=_text(found.min_value),
        maximum=_text(found.max_value),
        precision=found.precision,
        precision_source=found.precision_source,
        base_of=found.base_of,
        max_size_kb=found.max_size_kb,
        full_image=found.full_image,
        primary_image=found.primary_image,
        format=found.format,
        behavior=found.date_behavior,
        options=tuple(
            Option(value=each.value, label=each.label, color=each.color, state=each.state)
            for each in found.options
        ),
        targets=navigation,
        target_sets={target: targets[target].entity_set for target in navigation},
        target_privileges={
            target: targets[target].privilege for target in navigation if targets[target].privilege
        },
        primary_name=found.is_primary_name,
    )


def _place(attribute: AttributeDefinition) -> tuple[bool, bool, str, str]:
    """As people look for them: the name first, what the server keeps by itself last, else by label."""
    kept_by_server = not (attribute.valid_for_create or attribute.valid_for_update)
    label = attribute.display_name.casefold()
    return not attribute.is_primary_name, kept_by_server, label, attribute.logical_name


def _usable(attribute: AttributeDefinition) -> bool:
    return attribute.valid_for_read or attribute.valid_for_create or attribute.valid_for_update


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")
