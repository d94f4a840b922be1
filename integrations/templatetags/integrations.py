"""What the builder's pages say about definitions: `{% load integrations %}`."""

from django import template

from integrations.definition import Attribute, Entity, Operation
from integrations.kinds import kind_of
from integrations.metadata.dynamics import is_dynamics_only
from integrations.models import Version

register = template.Library()


@register.filter
def operations(entity: Entity) -> list[str]:
    """The operations of an entity, in the order people think of them."""
    return [each.value for each in Operation if each in entity.operations]


@register.filter
def kind(attribute: Attribute) -> str:
    """The kind of an attribute's values, in words."""
    return kind_of(attribute).value


@register.filter
def version_name(side: str) -> str:
    """One side of a comparison, in words: a number, or the draft."""
    return "Draft" if side == "draft" else f"Version {side}"


@register.filter
def change_count(version: Version) -> str:
    """How much a version changed, and whether it hurts."""
    breaking = sum(bool(change["breaking"]) for change in version.changes)
    count = len(version.changes)
    return f"{count} change{'' if count == 1 else 's'}, " + (
        f"{breaking} breaking" if breaking else "compatible"
    )


@register.filter
def dynamics_only(logical_name: str) -> bool:
    """Whether an environment has the entity only with a Dynamics 365 application."""
    return is_dynamics_only(logical_name)
