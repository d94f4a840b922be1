"""What has changed about an entity's columns since they were mirrored last, and what becomes of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from integrations.definition import Attribute
from integrations.kinds import kind_of
from sync.destinations.base import Label
from sync.facts import Facts
from sync.models import Sync


class Accepted(BaseModel):
    """What the mirror holds: name and kind by logical name, and the labels of choices by attribute's name."""

    attributes: dict[str, tuple[str, str]] = {}
    labels: dict[str, dict[int, str]] = {}


@dataclass(frozen=True)
class Difference:
    """`change` is new, gone, other (another kind or name) or label; `text` says it to a person."""

    change: str
    attribute: str
    text: str


def accepted_from(attributes: Sequence[Attribute], labels: Sequence[Label]) -> Accepted:
    listed: dict[str, dict[int, str]] = {}
    for each in labels:
        listed.setdefault(each.attribute, {})[each.value] = each.label
    return Accepted(
        attributes={each.logical_name: (each.name, kind_of(each).value) for each in attributes}, labels=listed
    )


def differences(before: Accepted, now: Accepted) -> list[Difference]:
    """What a person would want to know; nothing where nothing has been mirrored yet."""
    if not before.attributes:
        return []
    found = []
    for attribute in sorted(before.attributes.keys() | now.attributes.keys()):
        old, new = before.attributes.get(attribute), now.attributes.get(attribute)
        if old is None and new is not None:
            found.append(Difference("new", attribute, f"New: {new[0]} ({new[1]})."))
        elif new is None and old is not None:
            text = f"Gone: {old[0]}. Its column keeps what it holds and is no longer filled."
            found.append(Difference("gone", attribute, text))
        elif old is not None and new is not None and old != new:
            text = f"Changed: {old[0]} ({old[1]}) is now {new[0]} ({new[1]})."
            found.append(Difference("other", attribute, text))
    return found + _relabelled(before, now)


def _relabelled(before: Accepted, now: Accepted) -> list[Difference]:
    found = []
    for attribute in sorted(before.labels.keys() & now.labels.keys()):
        old, new = before.labels[attribute], now.labels[attribute]
        for value in sorted(old.keys() | new.keys()):
            if old.get(value) != new.get(value):
                text = f"Choice {value} of {attribute}: {old.get(value, 'none')} → {new.get(value, 'none')}."
                found.append(Difference("label", attribute, text))
    return found


def chosen(
    policy: str, facts: Facts, attributes: list[Attribute], before: Accepted
) -> tuple[list[Attribute], list[Label]]:
    """The attributes and labels to mirror under a policy. What can no longer be read is left out by any."""
    labels = facts.labels_of(attributes)
    if policy != Sync.Drift.IGNORE or not before.attributes:
        return attributes, labels
    kept = [
        each.model_copy(update={"name": before.attributes[each.logical_name][0]})
        for each in attributes
        if each.logical_name in before.attributes
    ]
    old = before.labels
    return kept, [
        Label(each.attribute, each.value, old.get(each.attribute, {}).get(each.value, each.label), each.color)
        for each in facts.labels_of(kept)
    ]


def version_of(attributes: Sequence[Attribute]) -> str:
    """Changes when, and only when, a mirror of these attributes has other columns."""
    text = repr([(each.logical_name, each.name, kind_of(each).value) for each in attributes])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
