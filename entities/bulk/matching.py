"""Which record each line of a file is for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from core.problems import BadInput
from entities.bulk.judged import Judged
from entities.bulk.lookups import Finder
from entities.bulk.mapping import RECORD_ID, matched_by
from entities.bulk.understanding import Customs, Named, understood
from entities.models import BulkRow, Plan
from entities.tables.safety import unguarded
from integrations.bulk import BulkOperations, folded
from integrations.definition import Attribute
from integrations.values.scalars import Unfit

CREATE, UPDATE = BulkRow.Verb.CREATE.value, BulkRow.Verb.UPDATE.value


class Matcher:
    """By the record's id, by an attribute, or by several that make a key. Refuses the lines for which that fails."""

    def __init__(
        self, many: BulkOperations, bulk_id: UUID, plan: Plan, customs: Customs, finder: Finder
    ) -> None:
        self.many = many
        self.bulk_id = bulk_id
        self.plan = plan
        self.customs = customs
        self.finder = finder

    def __call__(self, judged: Sequence[Judged]) -> None:
        if self.plan.mode == "create" or not self.plan.match:
            self._create_all(judged)
        elif self.plan.match == RECORD_ID:
            self._by_id(judged)
        else:
            self._by_attributes(judged)

    def _create_all(self, judged: Sequence[Judged]) -> None:
        """Under the ids that the file gives, as from another environment, else under ids of our own."""
        for each in judged:
            text = self._cell(each, RECORD_ID)
            each.verb = CREATE
            try:
                each.record_id = str(UUID(text)) if text else self._own_id(each)
            except ValueError:
                each.refused(f"“{text[:40]}” is not the id of a record.")
        # An id that is taken once a row has been sent counts as taken by that row, so it has to be free before.
        brought = [each for each in judged if each.verb and self._cell(each, RECORD_ID)]
        there = self.many.existing([each.record_id for each in brought])
        for each in brought:
            if each.record_id in there:
                each.refused("There is a record with this id already.")

    def _by_id(self, judged: Sequence[Judged]) -> None:
        for each in judged:
            text = self._cell(each, RECORD_ID)
            try:
                each.record_id = str(UUID(text)) if text else self._own_id(each)
            except ValueError:
                each.refused(f"“{text[:40]}” is not the id of a record.")
                continue
            each.verb = UPDATE if text else CREATE
            if not text and self.plan.mode == "update":
                each.refused("There is no record id in this line.")
        asked = [each for each in judged if each.verb == UPDATE]
        there = self.many.existing([each.record_id for each in asked])
        for each in asked:
            if each.record_id not in there:
                self._absent(each, each.record_id)

    def _by_attributes(self, judged: Sequence[Judged]) -> None:
        attributes = [self._attribute(name) for name in matched_by(self.plan)]
        parts = [self._parts(judged, attribute) for attribute in attributes]
        keys = {
            number: tuple(values[number] for values in parts)
            for number, each in enumerate(judged)
            if not each.reason
        }
        found = self.many.find_by(attributes, list(keys.values()))
        for number, key in keys.items():
            hits = found.get(tuple(folded(part) for part in key), [])
            if len(hits) == 1:
                judged[number].verb, judged[number].record_id = UPDATE, hits[0]
            elif hits:
                text = " + ".join(str(part) for part in key)[:60]
                judged[number].refused(f"{len(hits)} records have “{text}” there.")
            else:
                self._absent(judged[number], self._own_id(judged[number]))

    def _attribute(self, name: str) -> Attribute:
        attribute = self.many.operations.entity.attribute(name)
        if attribute is None:
            raise BadInput("The attribute to find records by is no longer part of the integration.")
        return attribute

    def _parts(self, judged: Sequence[Judged], attribute: Attribute) -> list[Any]:
        """What each line has there, lookups found."""
        label = attribute.label or attribute.name
        values: list[Any] = [None] * len(judged)
        for number, each in enumerate(judged):
            try:
                values[number] = understood(attribute, self._cell(each, attribute.name), self.customs)
            except Unfit as unfit:
                each.refused(f"{label}: {unfit}")
                continue
            if values[number] is None:
                each.refused(f"{label} is empty, so no record can be found by it.")
        found_by = next(
            (column.found_by for column in self.plan.columns if column.attribute == attribute.name), ""
        )
        texts = [value.text for value in values if isinstance(value, Named)]
        if texts:
            self.finder.find_all(attribute, found_by, texts)
        for number, value in enumerate(values):
            if isinstance(value, Named):
                try:
                    values[number] = self.finder.found(attribute, found_by, value.text)
                except Unfit as unfit:
                    judged[number].refused(f"{label}: {unfit}")
        return values

    def _absent(self, each: Judged, record_id: str) -> None:
        """No record is there yet. With an id of its own per line, repeating a run makes none twice."""
        if self.plan.mode == "update":
            each.refused("There is no such record.")
        else:
            each.verb, each.record_id = CREATE, record_id

    def _own_id(self, each: Judged) -> str:
        return str(uuid5(self.bulk_id, str(each.row.number)))

    def _cell(self, each: Judged, name: str) -> str:
        for place, column in enumerate(self.plan.columns):
            if column.attribute == name:
                return unguarded(each.facts.cells[place]).strip()
        return ""
