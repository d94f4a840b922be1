"""What a connection's role must hold so that the integrations bound to it work, and no more.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/security-roles
"""

from connections.models import Connection
from integrations.definition import ActsAs, Definition, Entity, Operation, RelationshipKind
from integrations.kinds import Kind, kind_of
from integrations.models import Version
from integrations.published import definition_of

# An application has no records of its own: it needs those of the whole organization.
DEPTH = "Global"
_NEEDS: dict[Operation, tuple[str, ...]] = {
    Operation.CREATE: ("Create", "Read"),
    Operation.GET: ("Read",),
    Operation.UPDATE: ("Write", "Read"),
    Operation.DELETE: ("Delete", "Read"),
    Operation.SEARCH: ("Read",),
    Operation.COUNT: ("Read",),
}


def needed(definition: Definition) -> dict[str, str]:
    """Privilege name → depth for one definition. One that acts as the person needs nothing of the role."""
    if definition.acts_as is ActsAs.PERSON:
        return {}
    names = {
        name
        for entity in definition.entities
        for name in (*_of_entity(entity), *_of_related(definition, entity))
    }
    return dict.fromkeys(sorted(names), DEPTH)


def required(connection: Connection) -> dict[str, str]:
    """The union over all versions that callers may use of all integrations bound to this connection.

    What only an old version needs goes when that is withdrawn.
    """
    bound = connection.bindings.values("integration_id")
    usable = Version.objects.filter(integration_id__in=bound).exclude(state=Version.State.WITHDRAWN)
    wanted: dict[str, str] = {}
    for version_id in usable.values_list("pk", flat=True):
        wanted |= needed(definition_of(version_id))
    return dict(sorted(wanted.items()))


def _of_entity(entity: Entity) -> set[str]:
    kinds = {kind for operation in entity.operations for kind in _NEEDS[operation]}
    creating, updating = Operation.CREATE in entity.operations, Operation.UPDATE in entity.operations
    settable = [
        attribute
        for attribute in entity.attributes
        if kind_of(attribute) is Kind.LOOKUP
        and ((creating and attribute.can_create) or (updating and attribute.can_update))
    ]
    names = {privilege for attribute in settable for privilege in attribute.target_privileges.values()}
    if settable:
        kinds.add("Append")
    if any(attribute.type == "Owner" for attribute in settable):
        kinds.add("Assign")
    return names | {entity.privileges[kind] for kind in kinds if kind in entity.privileges}


def _of_related(definition: Definition, entity: Entity) -> set[str]:
    """Reading what an entity brings along or lists; and for lists between many and many, to join and part them."""
    wanted = {(each.target, "Read") for each in entity.expand}
    wanted |= {(each.target, "Read") for each in entity.relationships}
    if Operation.UPDATE in entity.operations:
        for each in entity.relationships:
            if each.kind is RelationshipKind.MANY_TO_MANY:
                wanted |= {(entity.logical_name, "Append"), (each.target, "AppendTo")}
    found = ((definition.entity(name), kind) for name, kind in wanted)
    return {target.privileges[kind] for target, kind in found if target and kind in target.privileges}
