"""How an environment has moved away from a definition, and what the definition would be if it followed."""

from integrations.definition import Definition, Entity
from integrations.differences import Change, differences
from integrations.metadata.catalogue import Catalogue
from integrations.metadata.related import key_attributes, parts_of, with_parts, without_strangers
from integrations.metadata.snapshot import chosen_entity, linked, pinned


def drift(definition: Definition, known: Catalogue) -> list[Change]:
    """What a program would notice if the definition were published again as the environment is now.

    Raises:
        core.problems.Problem: the environment cannot be asked.

    """
    changes = differences(definition, following(definition, known))
    return [change for change in changes if change.is_noticed]


def following(definition: Definition, known: Catalogue) -> Definition:
    """The same choices with the facts of today; what the environment no longer has is left out. Raises as `drift`."""
    there = {each.logical_name for each in known.names()}
    kept = [entity for entity in definition.entities if entity.logical_name in there]
    names = [entity.logical_name for entity in kept]
    entities = tuple(_following(entity, names, known) for entity in kept)
    return definition.model_copy(update={"entities": without_strangers(entities)})


def _following(entity: Entity, names: list[str], known: Catalogue) -> Entity:
    details = known.entity(entity.logical_name)
    parts = parts_of(entity)
    chosen = {each.logical_name for each in entity.attributes}
    chosen |= pinned(details, entity.operations) | key_attributes(details, parts.keys)
    fresh = chosen_entity(
        details,
        chosen,
        known.targets(linked(details, chosen)),
        operations=entity.operations,
        name=entity.name,
        names={each.logical_name: each.name for each in entity.attributes},
    )
    return with_parts(fresh, details, names, parts)
