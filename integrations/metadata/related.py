"""What of an entity leads to other chosen entities, and which keys it has: what a builder may choose from."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from integrations.definition import Entity, Expand, Key, Relationship, RelationshipKind
from integrations.metadata.snapshot import choosable
from integrations.names import default_name, unlike
from microsoft.dataverse import AlternateKey, EntityDefinition

_SINGLE = "ManyToOne"


@dataclass(frozen=True)
class Relation:
    """One way to another entity, known by its navigation property.

    `single` leads to one record by the lookup `attribute`; any other to a list. `usual` is the name it gets
    unless somebody gives it another.
    """

    navigation: str
    target: str
    kind: str
    schema_name: str
    usual: str
    attribute: str = ""
    intersect: str = ""

    @property
    def single(self) -> bool:
        return self.kind == _SINGLE


@dataclass(frozen=True)
class Parts:
    """Which keys (by logical name) and relations (by navigation property) are chosen, and how they are called."""

    keys: Mapping[str, str]
    expand: Mapping[str, str]
    lists: Mapping[str, str]


def offered_keys(entity: EntityDefinition) -> list[AlternateKey]:
    """The keys that address records now and whose attributes can be offered."""
    names = {each.logical_name for each in choosable(entity)}
    return [key for key in entity.keys if key.is_active and names.issuperset(key.attributes)]


def relations(entity: EntityDefinition, chosen: Collection[str]) -> list[Relation]:
    """The ways from this entity to the chosen ones, lookups first."""
    offered = {each.logical_name for each in choosable(entity)}
    found: dict[str, Relation] = {}
    taken = set(offered)
    for each in sorted(entity.relationships, key=lambda one: (one.kind != _SINGLE, one.schema_name)):
        single = each.kind == _SINGLE
        if not each.navigation or each.other not in chosen or each.navigation in found:
            continue
        if single and each.attribute not in offered:
            continue
        usual = unlike(_usual(entity, each.navigation, each.attribute if single else "", each.other), taken)
        taken.add(usual)
        found[each.navigation] = Relation(
            navigation=each.navigation,
            target=each.other,
            kind=each.kind,
            schema_name=each.schema_name,
            usual=usual,
            attribute=each.attribute,
            intersect=each.intersect,
        )
    return list(found.values())


def parts_of(entity: Entity) -> Parts:
    """The choice as it stands in a definition."""
    return Parts(
        keys={key.logical_name: key.name for key in entity.keys},
        expand={each.navigation: each.name for each in entity.expand},
        lists={each.navigation: each.name for each in entity.relationships},
    )


def usual_parts(entity: EntityDefinition, chosen: Collection[str]) -> Parts:
    """A first choice for an entity that was just added: the lists that belong on a record's page."""
    return Parts({}, {}, {each.navigation: "" for each in relations(entity, chosen) if not each.single})


def with_parts(entity: Entity, details: EntityDefinition, chosen: Collection[str], parts: Parts) -> Entity:
    """The entity with these parts. What the environment does not have, or leads to what is not chosen, is left out."""
    offered = {each.navigation: each for each in relations(details, chosen)}
    attributes = {each.logical_name: each for each in entity.attributes}
    return entity.model_copy(
        update={
            "keys": tuple(
                Key(
                    logical_name=key.logical_name,
                    name=parts.keys[key.logical_name] or default_name(key.logical_name),
                    attributes=key.attributes,
                )
                for key in offered_keys(details)
                if key.logical_name in parts.keys and attributes.keys() >= set(key.attributes)
            ),
            "expand": tuple(
                _expand(offered[way], name) for way, name in parts.expand.items() if way in offered
            ),
            "relationships": tuple(
                _list(offered[way], name)
                for way, name in parts.lists.items()
                if way in offered and not offered[way].single
            ),
        }
    )


def key_attributes(details: EntityDefinition, keys: Iterable[str]) -> set[str]:
    """The attributes that the chosen keys are made of: they cannot be left out."""
    wanted = set(keys)
    return {name for key in offered_keys(details) if key.logical_name in wanted for name in key.attributes}


def without_strangers(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The entities without the parts that lead to entities that are no longer chosen."""
    kept = list(entities)
    names = {each.logical_name for each in kept}
    return tuple(
        entity.model_copy(
            update={
                "expand": tuple(each for each in entity.expand if each.target in names),
                "relationships": tuple(each for each in entity.relationships if each.target in names),
            }
        )
        for entity in kept
    )


def _expand(relation: Relation, name: str) -> Expand:
    return Expand(
        name=name or relation.usual,
        navigation=relation.navigation,
        target=relation.target,
        collection=not relation.single,
        attribute=relation.attribute if relation.single else "",
    )


def _list(relation: Relation, name: str) -> Relationship:
    return Relationship(
        schema_name=relation.schema_name,
        name=name or relation.usual,
        kind=RelationshipKind(relation.kind),
        navigation=relation.navigation,
        target=relation.target,
        attribute=relation.attribute,
        intersect=relation.intersect,
    )


def _usual(entity: EntityDefinition, navigation: str, attribute: str, target: str) -> str:
    """A lookup without its "id", and with its target where it has several; a list by its navigation property."""
    if not attribute:
        return default_name(navigation)
    found = entity.attribute(attribute)
    stem = attribute.removesuffix("id").rstrip("_") or attribute
    polymorphic = found is not None and len(found.navigation) > 1
    return default_name(f"{stem}_{target}" if polymorphic else stem)
