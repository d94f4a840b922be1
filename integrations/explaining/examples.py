"""Lines to paste, with the entities and attributes of the very integration they are shown for."""

from collections.abc import Callable
from dataclasses import dataclass

from integrations.definition import Attribute, Definition, Entity, Operation
from integrations.kinds import TEXTS, Kind, kind_of


@dataclass(frozen=True)
class Example:
    title: str
    code: str


def examples(service_name: str, definition: Definition, stage: str) -> list[Example]:
    """Python for code that runs in this installation: one example for each operation of the first entity."""
    entity = definition.entities[0]
    opening = [
        "import integrations",
        "",
        f'service = integrations.service("{service_name}", stage="{stage}")',
        f'{_variable(entity)} = service.entity("{entity.name}")',
    ]
    shown = [
        Example(title, "\n".join(write(entity)))
        for operation, (title, write) in _WRITERS.items()
        if operation in entity.operations
    ]
    return [Example("Open the service", "\n".join(opening)), *shown]


def _search(entity: Entity) -> list[str]:
    text = first_of(entity, lambda each: each.can_read and kind_of(each) in TEXTS)
    if text is None:
        return [f"page = {_variable(entity)}.search(top=10)"]
    return [
        "from integrations.filters import Operator, Where",
        "",
        f"page = {_variable(entity)}.search(",
        f'    Where("{text.name}", Operator.CONTAINS, "a"), order_by=[("{text.name}", "asc")], top=10',
        ")",
        "for record in page.records:",
        f'    print(record.id, record.values["{text.name}"])',
    ]


def _count(entity: Entity) -> list[str]:
    return [f"{_variable(entity)}.count()"]


def _get(entity: Entity) -> list[str]:
    shown = first_of(entity, lambda each: each.can_read)
    line = f'record.values["{shown.name}"]' if shown else "record.values"
    return [f"record = {_variable(entity)}.get(record_id)", f"print({line}, record.etag)"]


def _create(entity: Entity) -> list[str]:
    pairs = ", ".join(f'"{each.name}": {_literal(each)}' for each in written(entity))
    return [f"record_id = {_variable(entity)}.create({{{pairs}}})"]


def _update(entity: Entity) -> list[str]:
    text = first_of(entity, lambda each: each.can_update and not each.required and kind_of(each) in TEXTS)
    text = text or first_of(entity, lambda each: each.can_update)
    pair = f'"{text.name}": {_literal(text)}' if text else ""
    return [f"{_variable(entity)}.update(record_id, {{{pair}}}, etag=record.etag)"]


def _delete(entity: Entity) -> list[str]:
    return [f"{_variable(entity)}.delete(record_id)"]


_WRITERS: dict[Operation, tuple[str, Callable[[Entity], list[str]]]] = {
    Operation.SEARCH: ("Search", _search),
    Operation.COUNT: ("Count", _count),
    Operation.CREATE: ("Create", _create),
    Operation.GET: ("Get", _get),
    Operation.UPDATE: ("Update", _update),
    Operation.DELETE: ("Delete", _delete),
}


def _variable(entity: Entity) -> str:
    return entity.name if entity.name != "service" else "records"


def written(entity: Entity) -> list[Attribute]:
    """What an example of a new record gives it: what is required, else some text."""
    needed = [each for each in entity.attributes if each.required and each.can_create]
    text = first_of(entity, lambda each: each.can_create and kind_of(each) in TEXTS)
    return needed or ([text] if text else [])


def first_of(entity: Entity, suits: Callable[[Attribute], bool]) -> Attribute | None:
    """The first attribute that suits."""
    return next((each for each in entity.attributes if suits(each)), None)


def _literal(attribute: Attribute) -> str:
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP:
        return f'{{"entity": "{next(iter(attribute.targets), "")}", "id": "…"}}'
    if kind is Kind.CHOICE:
        return str(attribute.options[0].value) if attribute.options else "1"
    return {
        Kind.INTEGER: "1",
        Kind.DECIMAL: '"1.5"',
        Kind.MONEY: '"100.00"',
        Kind.FLOAT: "1.5",
        Kind.BOOLEAN: "True",
        Kind.CHOICES: "[]",
        Kind.DATE: '"2025-12-31"',
        Kind.INSTANT: '"2025-12-31T18:30:00Z"',
        Kind.CLOCK: '"2025-12-31T18:30:00"',
    }.get(kind, '"Text"')
