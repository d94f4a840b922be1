"""What the lines of a file mean: which record each is for, and what would be written there."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from core.problems import BadInput
from entities.bulk.judged import Judged, reason_of
from entities.bulk.lookups import Finder
from entities.bulk.mapping import RECORD_ID
from entities.bulk.texts import said
from entities.bulk.understanding import Customs, Named, understood
from entities.meaning import same
from entities.models import Bulk, BulkRow, Column, Plan
from entities.tables.safety import unguarded
from entities.tables.writers import CUT, plain_text
from integrations.bulk import BulkOperations, folded
from integrations.definition import Attribute
from integrations.records import Record
from integrations.values import body_for
from integrations.values.scalars import Unfit

CREATE, UPDATE = BulkRow.Verb.CREATE.value, BulkRow.Verb.UPDATE.value


class ImportJudge:
    """Judges lines by the dozen: lookups and records are found together."""

    def __init__(self, many: BulkOperations, bulk: Bulk, customs: Customs) -> None:
        self.many = many
        self.bulk_id = bulk.pk
        self.plan: Plan = bulk.plan
        self.customs = customs
        self.finder = Finder(many.operations.service)

    @cached_property
    def mapped(self) -> list[tuple[int, Column, Attribute]]:
        """The columns that go into attributes, with their place in the line."""
        entity = self.many.operations.entity
        found = []
        for place, column in enumerate(self.plan.columns):
            attribute = entity.attribute(column.attribute) if column.attribute else None
            if column.attribute not in {"", RECORD_ID} and attribute is None:
                raise BadInput(
                    f"The integration no longer has the attribute “{column.attribute}”.",
                    advice="Map the columns again.",
                )
            if attribute is not None:
                found.append((place, column, attribute))
        return found

    def __call__(self, rows: Sequence[BulkRow]) -> list[Judged]:
        judged = [Judged(row, row.facts) for row in rows]
        self._match(judged)
        current = self._current(judged)
        typed = [self._typed(each, current.get(each.record_id)) for each in judged]
        self._resolve(judged, typed)
        for each, values in zip(judged, typed, strict=True):
            self._decide(each, values, current.get(each.record_id))
        return judged

    def _match(self, judged: Sequence[Judged]) -> None:
        """Which record each line is for."""
        if self.plan.mode == "create" or not self.plan.match:
            self._create_all(judged)
            return
        if self.plan.match == RECORD_ID:
            self._match_by_id(judged)
        else:
            self._match_by_attribute(judged)

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

    def _match_by_id(self, judged: Sequence[Judged]) -> None:
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

    def _match_by_attribute(self, judged: Sequence[Judged]) -> None:
        attribute = self.many.operations.entity.attribute(self.plan.match)
        if attribute is None:
            raise BadInput("The attribute to find records by is no longer part of the integration.")
        keys: dict[int, Any] = {}
        for number, each in enumerate(judged):
            try:
                keys[number] = understood(attribute, self._cell(each, attribute.name), self.customs)
            except Unfit as unfit:
                each.refused(f"{attribute.label or attribute.name}: {unfit}")
                continue
            if keys.pop(number, None) is None if keys[number] is None else isinstance(keys[number], Named):
                each.refused(
                    f"{attribute.label or attribute.name} is empty, so no record can be found by it."
                )
                keys.pop(number, None)
        found = self.many.find(attribute, list({folded(key): key for key in keys.values()}.values()))
        for number, key in keys.items():
            hits = found.get(folded(key), [])
            if len(hits) == 1:
                judged[number].verb, judged[number].record_id = UPDATE, hits[0]
            elif hits:
                judged[number].refused(f"{len(hits)} records have “{str(key)[:60]}” there.")
            else:
                self._absent(judged[number], self._own_id(judged[number]))

    def _absent(self, each: Judged, record_id: str) -> None:
        """No record is there yet. With an id of its own per line, repeating a run makes none twice."""
        if self.plan.mode == "update":
            each.refused("There is no such record.")
        else:
            each.verb, each.record_id = CREATE, record_id

    def _own_id(self, each: Judged) -> str:
        return str(uuid5(self.bulk_id, str(each.row.number)))

    def _current(self, judged: Sequence[Judged]) -> dict[str, Record]:
        ids = [each.record_id for each in judged if each.verb == UPDATE]
        names = [item.name for _, _, item in self.mapped if item.can_read]
        return self.many.read(ids, select=names) if ids else {}

    def _typed(self, each: Judged, record: Record | None) -> dict[str, Any]:
        """The line's values, without those that say what the record holds already."""
        values: dict[str, Any] = {}
        reasons = []
        for place, column, attribute in self.mapped:
            text = unguarded(each.facts.cells[place])
            if not text.strip():
                if record is not None and self.plan.blanks == "clear":
                    values[attribute.name] = None
                continue
            if record is not None and self._says_the_same(attribute, record, text):
                continue
            if text.endswith(CUT):
                reasons.append(f"{column.header}: This value was cut when it was exported to Excel.")
                continue
            try:
                values[attribute.name] = understood(attribute, text, self.customs)
            except Unfit as unfit:
                reasons.append(f"{column.header}: {unfit}")
        if reasons and each.verb:
            each.refused(" ".join(reasons))
        return values

    def _says_the_same(self, attribute: Attribute, record: Record, text: str) -> bool:
        value = record.values.get(attribute.name)
        if value is None:
            return False
        for labels in (True, False):
            cell = plain_text(said(attribute, value, labels=labels, zone=self.customs.zone))
            if cell.replace("\r\n", "\n") == text.replace("\r\n", "\n"):
                return True
        return False

    def _resolve(self, judged: Sequence[Judged], typed: Sequence[dict[str, Any]]) -> None:
        for _, column, attribute in self.mapped:
            waiting = [
                (each, values)
                for each, values in zip(judged, typed, strict=True)
                if isinstance(values.get(attribute.name), Named)
            ]
            texts = [values[attribute.name].text for each, values in waiting if each.verb]
            self.finder.find_all(attribute, column.found_by, texts)
            for each, values in waiting:
                if not each.verb:
                    continue
                try:
                    values[attribute.name] = self.finder.found(
                        attribute, column.found_by, values[attribute.name].text
                    )
                except Unfit as unfit:
                    each.refused(f"{column.header}: {unfit}")

    def _decide(self, each: Judged, values: dict[str, Any], record: Record | None) -> None:
        title = self._title(each)
        each.facts = each.facts.model_copy(update={"title": title})
        if not each.verb:
            return
        if record is not None:
            entity = self.many.operations.entity
            values = {
                name: value
                for name, value in values.items()
                if not same(entity.attribute(name), record.values.get(name), value)
            }
            each.before = {name: record.values[name] for name in values if name in record.values}
            each.unchanged = not values
        each.values = values
        try:
            body_for(self.many.operations.entity, values, creating=each.verb == CREATE)
        except BadInput as problem:
            each.refused(reason_of(self.many.operations.entity, problem))

    def _title(self, each: Judged) -> str:
        for place, _, attribute in self.mapped:
            if attribute.primary_name:
                return unguarded(each.facts.cells[place])[:200]
        return f"Line {each.row.number}"

    def _cell(self, each: Judged, name: str) -> str:
        for place, column in enumerate(self.plan.columns):
            if column.attribute == name:
                return unguarded(each.facts.cells[place]).strip()
        return ""
