"""Which columns of a mirror stand for which attribute of the published entity."""

from dataclasses import dataclass

from integrations.definition import Attribute, Entity
from integrations.kinds import kind_of
from sync.columns import columns_of, mirrored
from sync.drift import Accepted
from sync.facts import Facts
from sync.models import SyncEntity


@dataclass(frozen=True)
class Held:
    """An attribute as it is published now, and the names of its columns; "" where its kind has no such part."""

    attribute: Attribute
    value: str
    label: str = ""
    target: str = ""
    name: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.value, self.label, self.target, self.name)


def held(row: SyncEntity, entity: Entity) -> dict[str, Held]:
    """The published attributes that the mirror holds as the kind they have now, by the integration's names."""
    before = Accepted.model_validate(row.accepted).attributes
    there = {
        each.logical_name: each
        for each in mirrored(entity)
        if before.get(each.logical_name, ("", ""))[1] == kind_of(each).value
    }
    named = [each.model_copy(update={"name": before[key][0]}) for key, each in there.items()]
    parts: dict[str, dict[str, str]] = {key: {} for key in there}
    for column in columns_of(entity, named, modified=Facts.model_validate(row.facts).modified)[1:]:
        if column.attribute in parts:
            parts[column.attribute].setdefault(column.part, column.name)
    return {each.name: Held(each, **parts[key]) for key, each in there.items()}
