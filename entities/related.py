"""Which lists hold the records that point to a record: those of published entities with a lookup to its entity."""

from dataclasses import dataclass

from django.urls import reverse

from entities.place import Place
from entities.query import Condition, GridQuery
from integrations.definition import Operation
from integrations.filters import Operator
from integrations.kinds import Kind, kind_of


@dataclass(frozen=True)
class RelatedList:
    label: str
    by: str
    url: str


def related_lists(place: Place, record_id: str) -> list[RelatedList]:
    """A list for every lookup that may point here, filtered to this record."""
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
                        label=entity.label or entity.name,
                        by=attribute.label or attribute.name,
                        url=address + GridQuery(conditions=(condition,)).address,
                    )
                )
    return found
