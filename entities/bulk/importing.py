"""What the lines of a file mean: which record each is for, and what would be written there."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from core.problems import BadInput
from entities.bulk.judged import Judged, reason_of
from entities.bulk.lookups import Finder
from entities.bulk.mapping import RECORD_ID
from entities.bulk.matching import CREATE, UPDATE, Matcher
from entities.bulk.texts import said
from entities.bulk.understanding import Customs, Named, understood
from entities.meaning import same
from entities.models import Bulk, BulkRow, Column, Plan
from entities.tables.safety import unguarded
from entities.tables.writers import CUT, plain_text
from integrations.bulk import BulkOperations
from integrations.definition import Attribute
from integrations.records import Record
from integrations.values import body_for
from integrations.values.scalars import Unfit


class ImportJudge:
    """Judges lines by the dozen: lookups and records are found together."""

    def __init__(self, many: BulkOperations, bulk: Bulk, customs: Customs) -> None:
        self.many = many
        self.plan: Plan = bulk.plan
        self.customs = customs
        self.finder = Finder(many.operations.service)
        self.match = Matcher(many, bulk.pk, self.plan, customs, self.finder)

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
        self.match(judged)
        current = self._current(judged)
        typed = [self._typed(each, current.get(each.record_id)) for each in judged]
        self._resolve(judged, typed)
        for each, values in zip(judged, typed, strict=True):
            self._decide(each, values, current.get(each.record_id))
        return judged

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
