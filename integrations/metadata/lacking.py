"""What of a definition an environment does not have."""

from integrations.definition import Definition
from integrations.metadata.catalogue import Catalogue


def lacking(definition: Definition, known: Catalogue) -> list[str]:
    """A sentence part for each entity, attribute, key and relation that is missing there, by its Dataverse name.

    Raises:
        core.problems.Problem: the environment cannot be asked.

    """
    there = {each.logical_name for each in known.names()}
    found: list[str] = []
    for entity in definition.entities:
        label = entity.label or entity.name
        if entity.logical_name not in there:
            found.append(f"the entity {label} ({entity.logical_name})")
            continue
        details = known.entity(entity.logical_name)
        attributes = {each.logical_name for each in details.attributes}
        keys = {each.logical_name for each in details.keys if each.is_active}
        ways = {each.navigation for each in details.relationships}
        found += [
            f"the attribute {each.label or each.name} ({each.logical_name}) of {label}"
            for each in entity.attributes
            if each.logical_name not in attributes
        ]
        found += [f"the key {key.name} of {label}" for key in entity.keys if key.logical_name not in keys]
        named = {each.navigation: each.name for each in entity.expand}
        named |= {each.navigation: each.name for each in entity.relationships}
        found += [f"the relationship {name} of {label}" for way, name in named.items() if way not in ways]
    return found
