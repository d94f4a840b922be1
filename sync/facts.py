"""What Dynamics says about an entity now, kept so far as a mirror needs it."""

from typing import Any

from pydantic import BaseModel

from integrations.definition import Attribute, Entity
from integrations.kinds import is_supported
from microsoft.dataverse import EntityDefinition
from sync.columns import MODIFIED, mirrored
from sync.destinations.base import Label
from sync.engine.source import CREATED


class Described(BaseModel):
    """One attribute: its type, how its dates behave, and its choices as (value, label, colour)."""

    type: str
    behavior: str = ""
    options: list[tuple[int, str, str]] = []


class Facts(BaseModel):
    """Empty before Dynamics was asked the first time."""

    tracked: bool = False
    attributes: dict[str, Described] = {}

    @property
    def modified(self) -> bool:
        return MODIFIED in self.attributes

    @property
    def created(self) -> bool:
        return CREATED in self.attributes

    def attributes_of(self, entity: Entity) -> list[Attribute]:
        """The mirrored attributes as they are now; those that Dynamics no longer has are left out."""
        known = self.attributes
        return [
            each.model_copy(
                update={"type": known[each.logical_name].type, "behavior": known[each.logical_name].behavior}
            )
            for each in mirrored(entity)
            if each.logical_name in known and is_supported(known[each.logical_name].type)
        ]

    def labels_of(self, attributes: list[Attribute]) -> list[Label]:
        return [
            Label(each.name, value, label, color)
            for each in attributes
            for value, label, color in self.attributes[each.logical_name].options
        ]

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def facts_from(found: EntityDefinition) -> Facts:
    return Facts(
        tracked=found.change_tracking,
        attributes={
            each.logical_name: Described(
                type=each.type,
                behavior=each.date_behavior,
                options=[(option.value, option.label, option.color) for option in each.options],
            )
            for each in found.attributes
            if each.valid_for_read
        },
    )
