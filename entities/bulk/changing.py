"""Changing and deleting the selected records, and taking back what was done."""

from collections.abc import Mapping, Sequence
from typing import Any

from entities.bulk.judged import Judged
from entities.meaning import same
from entities.models import Bulk, BulkRow
from entities.plain import plain
from integrations.bulk import BulkOperations
from integrations.records import Record
from integrations.values import checked
from integrations.values.scalars import Unfit

Verb = BulkRow.Verb
GONE = "There is no such record any more."
UNCERTAIN = "It is not known whether somebody has changed it since; it was left as it is."
MOVED_ON = "Somebody has changed it since; it was left as it is."


class EditJudge:
    """The same values into every record."""

    def __init__(self, many: BulkOperations, bulk: Bulk) -> None:
        self.many = many
        self.values = python_values(many, bulk.plan.values)

    def __call__(self, rows: Sequence[BulkRow]) -> list[Judged]:
        current = _read(self.many, rows, list(self.values))
        return [self._judge(row, current.get(str(row.record_id))) for row in rows]

    def _judge(self, row: BulkRow, record: Record | None) -> Judged:
        judged = Judged(row, row.facts, Verb.UPDATE.value, str(row.record_id), self.values)
        if record is None:
            return judged.refused(GONE)
        judged.facts = judged.facts.model_copy(update={"title": title_of(self.many, record)})
        judged.before = {name: record.values.get(name) for name in self.values if name in record.values}
        judged.unchanged = judged.before.keys() == self.values.keys() and holds(
            self.many, record, self.values
        )
        return judged


class DeleteJudge:
    """Everything that can be read is remembered, so that undoing can make the record again."""

    def __init__(self, many: BulkOperations) -> None:
        self.many = many

    def __call__(self, rows: Sequence[BulkRow]) -> list[Judged]:
        current = _read(self.many, rows, None)
        judged = []
        for row in rows:
            record = current.get(str(row.record_id))
            one = Judged(row, row.facts, Verb.DELETE.value, str(row.record_id))
            if record is None:
                one.unchanged = True
            else:
                one.facts = one.facts.model_copy(update={"title": title_of(self.many, record)})
                one.before = record.values
            judged.append(one)
        return judged


class UndoJudge:
    """The opposite of what was done to each record, unless somebody has changed it since."""

    def __init__(self, many: BulkOperations, undone: Bulk) -> None:
        self.many = many
        self.undone = undone

    def __call__(self, rows: Sequence[BulkRow]) -> list[Judged]:
        originals = {
            row.number: row for row in self.undone.rows.filter(number__in=[row.number for row in rows])
        }
        of_verb = {
            verb: [row for row in rows if originals[row.number].verb == verb]
            for verb in (Verb.CREATE, Verb.UPDATE)
        }
        names = {name for row in of_verb[Verb.UPDATE] for name in originals[row.number].facts.before or {}}
        # Of what is to be deleted everything is read: its history can then make it again.
        current = _read(self.many, of_verb[Verb.CREATE], None)
        current |= _read(self.many, of_verb[Verb.UPDATE], sorted(names))
        return [self._judge(row, originals[row.number], current) for row in rows]

    def _judge(self, row: BulkRow, original: BulkRow, current: Mapping[str, Record]) -> Judged:
        facts = original.facts
        judged = Judged(
            row, row.facts.model_copy(update={"title": facts.title}), record_id=str(original.record_id)
        )
        match original.verb:
            case Verb.CREATE:
                self._take_away(judged, facts.version, current.get(judged.record_id))
            case Verb.DELETE:
                judged.verb = Verb.CREATE.value
                judged.values = self._made_again(facts.before or {})
            case _:
                self._restore(judged, facts.before or {}, facts.after, current.get(judged.record_id))
        return judged

    @staticmethod
    def _take_away(judged: Judged, as_made: str, record: Record | None) -> None:
        judged.verb = Verb.DELETE.value
        if record is None:
            judged.unchanged = True
        elif record.etag != as_made:
            judged.refused(MOVED_ON if as_made else UNCERTAIN)
        else:
            judged.before, judged.version = record.values, as_made

    def _made_again(self, before: Mapping[str, Any]) -> dict[str, Any]:
        settable = {item.name for item in self.many.operations.entity.attributes if item.can_create}
        return {
            name: value
            for name, value in python_values(self.many, before).items()
            if name in settable and value not in (None, [])
        }

    def _restore(
        self, judged: Judged, before: Mapping[str, Any], after: Mapping[str, Any], record: Record | None
    ) -> None:
        if record is None:
            judged.refused(GONE)
            return
        known = python_values(self.many, before)
        judged.verb, judged.version = Verb.UPDATE.value, record.etag
        judged.values = {name: value for name, value in known.items() if name in record.values}
        judged.before = {name: record.values[name] for name in judged.values}
        wanted = python_values(self.many, after)
        if not judged.values:
            judged.refused("What it held before is not known; it was left as it is.")
            return
        judged.unchanged = holds(self.many, record, judged.values)
        expected = {name: wanted.get(name) for name in judged.values}
        if not judged.unchanged and not holds(self.many, record, expected):
            judged.refused(MOVED_ON)


def python_values(many: BulkOperations, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored JSON as Python values; what today's definition no longer takes is left out."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        attribute = many.operations.entity.attribute(name)
        if attribute is None:
            continue
        try:
            made[name] = checked(attribute, value)
        except Unfit:
            continue
    return made


def holds(many: BulkOperations, record: Record, values: Mapping[str, Any]) -> bool:
    """Whether the record has these values, as far as it was read."""
    entity = many.operations.entity
    return all(
        same(entity.attribute(name), record.values[name], value)
        for name, value in values.items()
        if name in record.values
    )


def title_of(many: BulkOperations, record: Record) -> str:
    name = next((item.name for item in many.operations.readable if item.primary_name), "")
    return str(record.values.get(name) or record.id[:8])[:200]


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def _read(many: BulkOperations, rows: Sequence[BulkRow], names: Sequence[str] | None) -> dict[str, Record]:
    if not rows:
        return {}
    if names is not None:
        readable = {item.name for item in many.operations.readable}
        primary = [item.name for item in many.operations.readable if item.primary_name]
        names = list(dict.fromkeys([*primary, *(name for name in names if name in readable)]))
    return many.read([str(row.record_id) for row in rows], select=names)
