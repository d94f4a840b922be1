"""What changed between two definitions, and whether a program written for the first still works."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute, Definition, Entity, Operation


@dataclass(frozen=True)
class Change:
    """One difference. `what` is added, removed or changed; `detail` says how, `breaking` whether it hurts."""

    what: str
    subject: str
    detail: str = ""
    breaking: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def differences(old: Definition | None, new: Definition) -> list[Change]:
    """Every difference, entity by entity. Against nothing, everything is added."""
    return list(_definition(old or Definition(), new, first=old is None))


def _definition(old: Definition, new: Definition, *, first: bool) -> Iterator[Change]:
    if not first and old.acts_as is not new.acts_as:
        yield Change("changed", "who acts", f"{old.acts_as.value} → {new.acts_as.value}", breaking=True)
    before = {each.logical_name: each for each in old.entities}
    after = {each.logical_name: each for each in new.entities}
    for logical_name in before.keys() - after.keys():
        yield Change("removed", before[logical_name].name, "entity", breaking=True)
    for logical_name, entity in after.items():
        if logical_name in before:
            yield from _entity(before[logical_name], entity)
        else:
            count = len(entity.attributes)
            yield Change("added", entity.name, f"entity with {count} attribute{'' if count == 1 else 's'}")


def _entity(old: Entity, new: Entity) -> Iterator[Change]:
    yield from _title(old, new)
    yield from _parts(old, new)
    for operation in Operation:
        if operation in old.operations - new.operations:
            yield Change("removed", new.name, f"operation {operation.value}", breaking=True)
        if operation in new.operations - old.operations:
            yield Change("added", new.name, f"operation {operation.value}")
    before = {each.logical_name: each for each in old.attributes}
    after = {each.logical_name: each for each in new.attributes}
    for logical_name in sorted(before.keys() - after.keys()):
        yield Change("removed", f"{new.name}.{before[logical_name].name}", "attribute", breaking=True)
    for logical_name, attribute in after.items():
        subject = f"{new.name}.{attribute.name}"
        if logical_name in before:
            yield from _attribute(subject, before[logical_name], attribute)
        elif attribute.required and Operation.CREATE in old.operations & new.operations:
            yield Change("added", subject, "attribute that creating a record now requires", breaking=True)
        else:
            yield Change("added", subject, "attribute")


def _title(old: Entity, new: Entity) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("changed", old.name, f"renamed to {new.name}", breaking=True)
    if old.label != new.label:
        yield Change("changed", new.name, f"labelled {new.label}")
    if _facts(old) != _facts(new):
        yield Change("changed", new.name, "facts that Dynamics alone sees")


def _attribute(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("changed", subject, f"renamed from {old.name}", breaking=True)
    if old.label != new.label:
        yield Change("changed", subject, f"labelled {new.label}")
    if (old.type, old.behavior) != (new.type, new.behavior):
        yield Change("changed", subject, f"{_type(old)} → {_type(new)}", breaking=True)
    if old.required != new.required:
        yield Change(
            "changed",
            subject,
            "now required" if new.required else "no longer required",
            breaking=new.required,
        )
    for ability, words in (("can_create", "set on create"), ("can_update", "changed"), ("can_read", "read")):
        was, is_now = getattr(old, ability), getattr(new, ability)
        if was != is_now:
            detail = f"can now be {words}" if is_now else f"can no longer be {words}"
            yield Change("changed", subject, detail, breaking=was)
    yield from _bounds(subject, old, new)
    yield from _choices(subject, old, new)
    if set(old.targets) != set(new.targets):
        lost = set(old.targets) - set(new.targets)
        yield Change("changed", subject, f"points to {', '.join(sorted(new.targets))}", breaking=bool(lost))
    elif _facts_of(old) != _facts_of(new):
        yield Change("changed", subject, "facts that Dynamics alone sees")


def _facts(entity: Entity) -> tuple[Any, ...]:
    """What no program sees, but what calls and roles are made with."""
    return (
        *(entity.entity_set, entity.primary_id, entity.primary_name, entity.custom, entity.privileges),
        *(entity.plural, entity.description, entity.activity, entity.ownership, entity.change_tracking),
    )


def _parts(old: Entity, new: Entity) -> Iterator[Change]:
    """Keys, related entities to bring along, and lists. What a program names is their name here."""
    parts = (
        ("alternate key", old.keys, new.keys),
        ("related entity", old.expand, new.expand),
        ("list of related records", old.relationships, new.relationships),
    )
    for word, were, are in parts:
        before, after = {each.name: each for each in were}, {each.name: each for each in are}
        for name in sorted(before.keys() - after.keys()):
            yield Change("removed", f"{new.name}.{name}", word, breaking=True)
        for name, part in after.items():
            if name not in before:
                yield Change("added", f"{new.name}.{name}", word)
            elif part != before[name]:
                same = part.model_copy(update={"label": ""}) if word.startswith("list") else None
                was = before[name].model_copy(update={"label": ""}) if same else None
                hurts = same is None or same != was
                yield Change("changed", f"{new.name}.{name}", word, breaking=hurts)


def _facts_of(attribute: Attribute) -> tuple[Any, ...]:
    return (
        *(attribute.targets, attribute.target_sets, attribute.target_privileges),
        *(attribute.format, attribute.primary_name, attribute.description),
        *(attribute.precision_source, attribute.base_of, attribute.full_image, attribute.primary_image),
    )


def _bounds(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    if old.max_length != new.max_length:
        shorter = new.max_length is not None and (old.max_length is None or new.max_length < old.max_length)
        yield Change("changed", subject, f"length {old.max_length} → {new.max_length}", breaking=shorter)
    if old.max_size_kb != new.max_size_kb:
        smaller = new.max_size_kb is not None and (
            old.max_size_kb is None or new.max_size_kb < old.max_size_kb
        )
        yield Change("changed", subject, f"size {old.max_size_kb} → {new.max_size_kb} kB", breaking=smaller)
    if old.precision != new.precision:
        coarser = new.precision is not None and (old.precision is None or new.precision < old.precision)
        yield Change("changed", subject, f"digits {old.precision} → {new.precision}", breaking=coarser)
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        was, now = f"{old.minimum or ''}…{old.maximum or ''}", f"{new.minimum or ''}…{new.maximum or ''}"
        narrower = _above(new.minimum, old.minimum) or _above(_negated(new.maximum), _negated(old.maximum))
        yield Change("changed", subject, f"range {was} → {now}", breaking=narrower)


def _choices(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    before = {each.value: each.label for each in old.options}
    after = {each.value: each.label for each in new.options}
    for value in sorted(before.keys() - after.keys()):
        yield Change("removed", subject, f"choice {value} ({before[value]})", breaking=True)
    for value in sorted(after.keys() - before.keys()):
        yield Change("added", subject, f"choice {value} ({after[value]})")
    for value in sorted(before.keys() & after.keys()):
        if before[value] != after[value]:
            yield Change("changed", subject, f"choice {value}: {before[value]} → {after[value]}")
    colours = {each.value: each.color for each in old.options}
    if any(colours.get(each.value, each.color) != each.color for each in new.options):
        yield Change("changed", subject, "colours of its choices")


def _above(new: str | None, old: str | None) -> bool:
    """Whether a lower bound has risen, or has come where there was none."""
    return new is not None and (old is None or Decimal(new) > Decimal(old))


def _negated(bound: str | None) -> str | None:
    return None if bound is None else str(-Decimal(bound))


def _type(attribute: Attribute) -> str:
    return f"{attribute.type} ({attribute.behavior})" if attribute.behavior else attribute.type
