"""What the builder's pages say about definitions: `{% load integrations %}`."""

from django import template

from integrations.definition import Attribute, Entity, Operation
from integrations.kinds import kind_of

register = template.Library()


@register.filter
def operations(entity: Entity) -> list[str]:
    """The operations of an entity, in the order people think of them."""
    return [each.value for each in Operation if each in entity.operations]


@register.filter
def kind(attribute: Attribute) -> str:
    """The kind of an attribute's values, in words."""
    return kind_of(attribute).value
