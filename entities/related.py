"""What belongs to a record: lists of other records that point to it or are joined to it, its activities and notes."""

from dataclasses import dataclass

from django.urls import reverse

from entities.place import Place
from entities.query import Condition, GridQuery
from integrations.definition import Attribute, Entity, Operation, RelationshipKind
from integrations.filters import Operator
from integrations.kinds import Kind, kind_of

NOTES = "annotation"
ACTIVITIES = frozenset({"task", "phonecall", "email", "letter", "fax", "appointment", "serviceappointment"})


@dataclass(frozen=True)
class RelatedList:
    """Records of `entity` whose lookup `attribute` is this record; without one, those that are joined to it."""

    key: str
    label: str
    by: str
    url: str
    entity: Entity
    attribute: Attribute | None = None

    @property
    def condition(self) -> str:
        return self.attribute.name if self.attribute else ""


def related_lists(place: Place, record_id: str) -> list[RelatedList]:
    """A list for every lookup that may point here, then those of many to many. Notes and activities are `told`."""
    found = [each for each in _pointing(place, record_id) if not _is_told(each)]
    return found + _joined(place)


def told(place: Place, record_id: str) -> list[RelatedList]:
    """The activities and notes of a record: what a time line tells."""
    return [each for each in _pointing(place, record_id) if _is_told(each)]


def is_activity(entity: Entity) -> bool:
    return entity.activity or entity.logical_name in ACTIVITIES


def _is_told(each: RelatedList) -> bool:
    if each.attribute is None:
        return False
    name = each.attribute.logical_name
    is_note = each.entity.logical_name == NOTES and name == "objectid"
    return is_note or (is_activity(each.entity) and name == "regardingobjectid")


def _pointing(place: Place, record_id: str) -> list[RelatedList]:
    found = []
    for entity in place.service.definition.entities:
        if Operation.SEARCH not in entity.operations:
            continue
        for attribute in entity.attributes:
            here = place.entity.logical_name in attribute.targets
            if attribute.can_read and kind_of(attribute) is Kind.LOOKUP and here:
                condition = Condition(attribute.name, Operator.EQ, record_id)
                address = reverse("entities:grid", args=[*place.address[:2], entity.name])
                found.append(
                    RelatedList(
                        key=f"{entity.name}.{attribute.name}",
                        label=entity.plural or entity.label or entity.name,
                        by=attribute.label or attribute.name,
                        url=address + GridQuery(conditions=(condition,)).address,
                        entity=entity,
                        attribute=attribute,
                    )
                )
    return found


def _joined(place: Place) -> list[RelatedList]:
    found = []
    for each in place.entity.relationships:
        entity = place.service.definition.entity(each.target)
        if each.kind is RelationshipKind.MANY_TO_MANY and entity and Operation.SEARCH in entity.operations:
            label = each.label or entity.plural or entity.label
            found.append(RelatedList(each.name, label, "", "", entity))
    return found
