"""The differences of whole entities: their names, operations, keys and related entities."""

from collections.abc import Iterator, Sequence
from typing import Any

from integrations.definition import Definition, Entity, Expand, Key, Operation, Relationship
from integrations.differences.attributes import attribute_changes
from integrations.differences.change import UNNOTICED, Change, added, changed, removed

Part = Key | Expand | Relationship


def definition_changes(old: Definition, new: Definition, *, first: bool) -> Iterator[Change]:
    if not first and old.acts_as is not new.acts_as:
        yield changed(
            "who acts",
            f"{old.acts_as.value} → {new.acts_as.value}",
            breaking=True,
            hurts="Other rights apply in Dynamics; programs without a person may be refused.",
        )
    before = {each.logical_name: each for each in old.entities}
    after = {each.logical_name: each for each in new.entities}
    for logical_name in before.keys() - after.keys():
        yield removed(before[logical_name].name, "entity", "Programs that use it are refused.")
    for logical_name, entity in after.items():
        if logical_name in before:
            yield from _entity(before[logical_name], entity)
        else:
            count = len(entity.attributes)
            yield added(entity.name, f"entity with {count} attribute{'' if count == 1 else 's'}")


def _entity(old: Entity, new: Entity) -> Iterator[Change]:
    if old.name != new.name:
        yield changed(
            old.name,
            f"renamed to {new.name}",
            breaking=True,
            hurts="Programs ask for it under its old name.",
        )
    if old.label != new.label:
        yield changed(new.name, f"labelled {new.label}", harmless="Programs do not depend on labels.")
    if _facts(old) != _facts(new):
        yield changed(new.name, "facts that Dynamics alone sees", harmless=UNNOTICED)
    yield from _operations(old, new)
    yield from _attributes(old, new)
    yield from _parts(new.name, "alternate key", old.keys, new.keys)
    yield from _parts(new.name, "related entity", old.expand, new.expand)
    yield from _parts(new.name, "list of related records", old.relationships, new.relationships)


def _operations(old: Entity, new: Entity) -> Iterator[Change]:
    for operation in Operation:
        if operation in old.operations - new.operations:
            yield removed(new.name, f"operation {operation.value}", "Programs that call it are refused.")
        if operation in new.operations - old.operations:
            yield added(new.name, f"operation {operation.value}", "Nothing written before calls it.")


def _attributes(old: Entity, new: Entity) -> Iterator[Change]:
    before = {each.logical_name: each for each in old.attributes}
    after = {each.logical_name: each for each in new.attributes}
    for logical_name in sorted(before.keys() - after.keys()):
        subject = f"{new.name}.{before[logical_name].name}"
        yield removed(subject, "attribute", "Programs that read or set it find it missing.")
    for logical_name, attribute in after.items():
        subject = f"{new.name}.{attribute.name}"
        if logical_name in before:
            yield from attribute_changes(subject, before[logical_name], attribute)
        elif attribute.required and Operation.CREATE in old.operations & new.operations:
            yield added(
                subject,
                "attribute that creating a record now requires",
                "Programs that create records do not send it yet.",
                breaking=True,
            )
        else:
            yield added(subject, "attribute")


def _parts(entity: str, word: str, were: Sequence[Part], are: Sequence[Part]) -> Iterator[Change]:
    """Programs name a part by its name here; a part of that name that leads elsewhere is another one."""
    before, after = {each.name: each for each in were}, {each.name: each for each in are}
    for name in sorted(before.keys() - after.keys()):
        yield removed(f"{entity}.{name}", word, "Programs that use it are refused.")
    for name, part in after.items():
        if name not in before:
            yield added(f"{entity}.{name}", word)
        elif part != before[name]:
            leads_elsewhere = _meaning(part) != _meaning(before[name])
            yield changed(
                f"{entity}.{name}",
                word if leads_elsewhere else f"{word}: facts that Dynamics alone sees",
                breaking=leads_elsewhere,
                hurts="Under the same name it means something else.",
                harmless=UNNOTICED,
            )


def _meaning(part: Part) -> tuple[Any, ...]:
    """What a program gets by the part; labels and navigation properties are between us and Dynamics."""
    match part:
        case Key():
            return (part.attributes,)
        case Expand():
            return part.target, part.collection, part.attribute
        case Relationship():
            return part.target, part.kind, part.attribute, part.intersect


def _facts(entity: Entity) -> tuple[Any, ...]:
    """What no program sees, but what calls, roles and pages are made with."""
    return (
        *(entity.entity_set, entity.primary_id, entity.primary_name, entity.custom, entity.privileges),
        *(entity.plural, entity.description, entity.activity, entity.ownership, entity.change_tracking),
    )
