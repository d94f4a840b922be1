"""Status and status reason belong together: Dynamics refuses a reason of another status."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from entities.widgets import ReasonWidget
from integrations.definition import Attribute, Entity, Option


@dataclass(frozen=True)
class Move:
    """A status that a record can be given, with the reasons that go with it; the first is the usual one."""

    state: Option
    reasons: tuple[Option, ...]


def state_of(entity: Entity) -> Attribute | None:
    return next((item for item in entity.attributes if item.type == "State"), None)


def reason_of(entity: Entity) -> Attribute | None:
    return next((item for item in entity.attributes if item.type == "Status"), None)


def tie(entity: Entity, fields: Mapping[str, forms.Field]) -> None:
    """Let a form's status reasons follow the status that is chosen in it."""
    state, reason = state_of(entity), reason_of(entity)
    if state and reason and state.name in fields and reason.name in fields:
        widget = fields[reason.name].widget
        if isinstance(widget, ReasonWidget):
            widget.goes_with(state.name)


def moves(entity: Entity, now: Any) -> list[Move]:
    """The statuses that a record, which has the status `now`, can be given; empty where that is not offered."""
    state, reason = state_of(entity), reason_of(entity)
    if state is None or not state.can_update:
        return []
    known = reason.options if reason and reason.can_update else ()
    return [
        Move(option, tuple(each for each in known if each.state == option.value))
        for option in state.options
        if option.value != now
    ]


def paired(entity: Entity, changes: Mapping[str, Any], now: Any) -> dict[str, Any]:
    """The changes, with the status that a chosen reason needs.

    Args:
        entity: the published entity.
        changes: what is about to be written, by the integration's names.
        now: the record's present status, as a number or as the text of one; None where it is not known.

    """
    state, reason = state_of(entity), reason_of(entity)
    if state is None or reason is None or not state.can_update or state.name in changes:
        return dict(changes)
    chosen = changes.get(reason.name)
    needed = next((option.state for option in reason.options if option.value == chosen), None)
    if needed is None or str(needed) == str(now):
        return dict(changes)
    return {state.name: needed, **changes}
