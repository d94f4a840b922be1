"""The operations that a definition offers, as a programmer reads them."""

from dataclasses import dataclass

from integrations.definition import Attribute, Definition, Entity, Key, Operation
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
    """One line; the operation is the one that has to be offered for it."""

    operation: Operation
    text: str


def python_type(attribute: Attribute) -> str:
    """The Python type of an attribute's values."""
    return _TYPES[kind_of(attribute)]


def signatures(definition: Definition) -> list[tuple[Entity, list[Signature]]]:
    """Each entity with its operations, in the order of the enumeration, and what its keys add to them."""
    return [
        (
            entity,
            [
                *(Signature(each, _text(entity, each)) for each in Operation if each in entity.operations),
                *_upserts(entity),
            ],
        )
        for entity in definition.entities
    ]


def _upserts(entity: Entity) -> list[Signature]:
    if not {Operation.CREATE, Operation.UPDATE} <= entity.operations:
        return []
    return [
        Signature(Operation.UPDATE, f"{entity.name}.upsert({{{_typed(entity, key)}}}, {{…}}) → id")
        for key in entity.keys
    ]


def _typed(entity: Entity, key: Key) -> str:
    parts = [entity.attribute_of(name) for name in key.attributes]
    return ", ".join(f"{part.name}: {python_type(part)}" for part in parts if part)


def _text(entity: Entity, operation: Operation) -> str:
    required = [
        f"{each.name}: {python_type(each)}" for each in entity.attributes if each.required and each.can_create
    ]
    given = f"{{{', '.join([*required, '…'])}}}"
    expand = f", expand=[{', '.join(each.name for each in entity.expand)}]" if entity.expand else ""
    return {
        Operation.CREATE: f"{entity.name}.create({given}) → id",
        Operation.GET: f"{entity.name}.get(id, select=[…]{expand}) → Record",
        Operation.UPDATE: f"{entity.name}.update(id, {{…}}, etag=…)",
        Operation.DELETE: f"{entity.name}.delete(id, etag=…)",
        Operation.SEARCH: f"{entity.name}.search(where, order_by, top, skip, cursor, select{expand}) → Result",
        Operation.COUNT: f"{entity.name}.count(where) → int",
    }[operation]
