"""The differences of one attribute."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from integrations.definition import Attribute
from integrations.differences.change import UNNOTICED, Change, added, changed, removed

_ABILITIES = (("can_create", "set on create"), ("can_update", "changed"), ("can_read", "read"))


def attribute_changes(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    if old.name != new.name:
        yield changed(
            subject,
            f"renamed from {old.name}",
            breaking=True,
            hurts="Programs ask for it under its old name.",
        )
    if old.label != new.label:
        yield changed(subject, f"labelled {new.label}", harmless="Programs do not depend on labels.")
    if (old.type, old.behavior) != (new.type, new.behavior):
        yield changed(
            subject,
            f"{_type(old)} → {_type(new)}",
            breaking=True,
            hurts="Its values are of another type.",
        )
    yield from _demands(subject, old, new)
    yield from _bounds(subject, old, new)
    yield from _choices(subject, old, new)
    yield from _targets(subject, old, new)


def _demands(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    if old.required != new.required:
        yield changed(
            subject,
            "now required" if new.required else "no longer required",
            breaking=new.required,
            hurts="Programs that leave it out or clear it are refused.",
            harmless="Programs that send it may go on doing so.",
        )
    for ability, words in _ABILITIES:
        was, is_now = getattr(old, ability), getattr(new, ability)
        if was != is_now:
            yield changed(
                subject,
                f"can now be {words}" if is_now else f"can no longer be {words}",
                breaking=was,
                hurts="Programs that do so are refused.",
            )


def _bounds(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    for word, unit, was, now in (
        ("length", "", old.max_length, new.max_length),
        ("digits after the point", "", old.precision, new.precision),
        ("size", " kB", old.max_size_kb, new.max_size_kb),
    ):
        if was != now:
            yield changed(
                subject,
                f"{word} {_or_any(was)} → {_or_any(now)}{unit}",
                breaking=now is not None and (was is None or now < was),
                hurts="Values that fitted before may be refused.",
                harmless="Every value that fitted still fits.",
            )
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        was_range, range_now = (f"{each.minimum or ''}…{each.maximum or ''}" for each in (old, new))
        yield changed(
            subject,
            f"range {was_range} → {range_now}",
            breaking=_above(new.minimum, old.minimum) or _above(_negated(new.maximum), _negated(old.maximum)),
            hurts="Values that fitted before may be refused.",
            harmless="Every value that fitted still fits.",
        )


def _choices(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    before = {each.value: each.label for each in old.options}
    after = {each.value: each.label for each in new.options}
    for value in sorted(before.keys() - after.keys()):
        yield removed(subject, f"choice {value} ({before[value]})", "Programs that set it are refused.")
    for value in sorted(after.keys() - before.keys()):
        yield added(subject, f"choice {value} ({after[value]})", "The choices known before still stand.")
    for value in sorted(before.keys() & after.keys()):
        if before[value] != after[value]:
            detail = f"choice {value}: {before[value]} → {after[value]}"
            yield changed(subject, detail, harmless="Programs go by the value, not by the label.")
    if _looks(old) != _looks(new) and before.keys() == after.keys():
        yield changed(subject, "colours or states of its choices", harmless=UNNOTICED)


def _targets(subject: str, old: Attribute, new: Attribute) -> Iterator[Change]:
    if set(old.targets) != set(new.targets):
        yield changed(
            subject,
            f"points to {', '.join(sorted(new.targets)) or 'nothing that can be set'}",
            breaking=bool(set(old.targets) - set(new.targets)),
            hurts="Programs that link to what is gone are refused.",
        )
    elif _facts(old) != _facts(new):
        yield changed(subject, "facts that Dynamics alone sees", harmless=UNNOTICED)


def _facts(attribute: Attribute) -> tuple[Any, ...]:
    return (
        *(attribute.targets, attribute.target_sets, attribute.target_privileges),
        *(attribute.format, attribute.primary_name, attribute.description),
        *(attribute.precision_source, attribute.base_of, attribute.full_image, attribute.primary_image),
    )


def _looks(attribute: Attribute) -> dict[int, tuple[str, int | None]]:
    return {each.value: (each.color, each.state) for each in attribute.options}


def _or_any(bound: int | None) -> str:
    return "any" if bound is None else str(bound)


def _above(new: str | None, old: str | None) -> bool:
    """Whether a lower bound has risen, or has come where there was none."""
    return new is not None and (old is None or Decimal(new) > Decimal(old))


def _negated(bound: str | None) -> str | None:
    return None if bound is None else str(-Decimal(bound))


def _type(attribute: Attribute) -> str:
    return f"{attribute.type} ({attribute.behavior})" if attribute.behavior else attribute.type
