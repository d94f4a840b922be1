"""The operations that a definition offers, as a programmer reads them."""

from dataclasses import dataclass

from integrations.definition import Attribute, Definition, Entity, Operation
from integrations.kinds import Kind, kind_of

_TYPES = {
    Kind.TEXT: "str",
    Kind.LONG_TEXT: "str",
    Kind.INTEGER: "int",
    Kind.DECIMAL: "Decimal",
    Kind.MONEY: "Decimal",
    Kind.FLOAT: "float",
    Kind.BOOLEAN: "bool",
    Kind.CHOICE: "int",
    Kind.CHOICES: "list[int]",
    Kind.DATE: "date",
    Kind.INSTANT: "datetime",
    Kind.CLOCK: "datetime",
    Kind.LOOKUP: "Link",
    Kind.ID: "str",
    Kind.FILE: "str",
    Kind.IMAGE: "str",
}


@dataclass(frozen=True)
class Signature:
    operation: Operation
    text: str


def python_type(attribute: Attribute) -> str:
    """The Python type of an attribute's values."""
    return _TYPES[kind_of(attribute)]


def signatures(definition: Definition) -> list[tuple[Entity, list[Signature]]]:
    """Each entity with its operations, in the order of the enumeration."""
    return [
        (entity, [Signature(each, _text(entity, each)) for each in Operation if each in entity.operations])
        for entity in definition.entities
    ]


def _text(entity: Entity, operation: Operation) -> str:
    required = [
        f"{each.name}: {python_type(each)}" for each in entity.attributes if each.required and each.can_create
    ]
    given = f"{{{', '.join([*required, '…'])}}}"
    return {
        Operation.CREATE: f"{entity.name}.create({given}) → id",
        Operation.GET: f"{entity.name}.get(id, select=[…]) → Record",
        Operation.UPDATE: f"{entity.name}.update(id, {{…}}, etag=…)",
        Operation.DELETE: f"{entity.name}.delete(id, etag=…)",
        Operation.SEARCH: f"{entity.name}.search(where, order_by, top, cursor, select) → Result",
        Operation.COUNT: f"{entity.name}.count(where) → int",
    }[operation]
