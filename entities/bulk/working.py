"""Carries a bulk out, some rows at a time. It may be killed anywhere: the next attempt goes on with what is left.

A row passes through *waiting* → *sent* → *done* or *failed*. What was there before and what is to be written is
stored with *sent*, so that a row whose answer was lost is sent again as it was, under the same id.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from entities.bulk.changing import DeleteJudge, EditJudge, UndoJudge, plain_values, python_values
from entities.bulk.customs import owner_of, zone_of
from entities.bulk.importing import ImportJudge
from entities.bulk.judged import Judged
from entities.bulk.mapping import matched_by
from entities.bulk.preparing import prepare
from entities.bulk.sending import Sender
from entities.bulk.understanding import Customs
from entities.models import Bulk, BulkRow, RecordChange
from entities.services.changes import change_of
from integrations.bulk import BulkOperations
from integrations.operations import Service
from integrations.writes import About
from jobs.running import Running

Judge = Callable[[Sequence[BulkRow]], list[Judged]]
State = BulkRow.State
OPEN = (State.WAITING, State.SENT)
MOST_AT_ONCE = 500


def carry_out(run: Running, bulk: Bulk) -> dict[str, Any]:
    """The whole of it; the counts by outcome."""
    service = Service.on(bulk.integration, bulk.stage_slug, actor=owner_of(run, bulk))
    many = BulkOperations(service.entity(bulk.entity))
    total = prepare(run, bulk, many)
    work = _Work(run, bulk, many, _judge(many, bulk))
    while rows := list(bulk.rows.filter(state__in=OPEN)[: min(many.pace.size, MOST_AT_ONCE)]):
        run.progress(total=total, step=_step(bulk), message=_so_far(bulk))
        work.portion(rows)
    found = {str(State(state).label): count for state, count in counts(bulk).items()}
    run.progress(message=", ".join(f"{count:,} {label.lower()}" for label, count in sorted(found.items())))
    return found


def counts(bulk: Bulk) -> Counter[str]:
    """How many rows are in which state."""
    return Counter(bulk.rows.values_list("state", flat=True))


def _judge(many: BulkOperations, bulk: Bulk) -> Judge:
    match bulk.kind:
        case Bulk.Kind.IMPORT:
            plan = bulk.plan
            zone = zone_of(bulk)
            return ImportJudge(many, bulk, Customs(zone, plan.decimal, plan.dates))
        case Bulk.Kind.DELETE:
            return DeleteJudge(many)
        case Bulk.Kind.UNDO if bulk.undoes is not None:
            return UndoJudge(many, bulk.undoes)
    return EditJudge(many, bulk)


def _key(many: BulkOperations, bulk: Bulk) -> tuple[str, ...]:
    """The alternate key by which an import changes what is there and creates the rest."""
    if bulk.kind != Bulk.Kind.IMPORT or bulk.plan.mode != "upsert":
        return ()
    names = matched_by(bulk.plan)
    entity = many.operations.entity
    parts = {item.logical_name for item in entity.attributes if item.name in names}
    return names if any(set(key.attributes) == parts for key in entity.keys) else ()


class _Work:
    def __init__(self, run: Running, bulk: Bulk, many: BulkOperations, judge: Judge) -> None:
        self.run = run
        self.bulk = bulk
        self.many = many
        self.judge = judge
        self.sender = Sender(many, _key(many, bulk))
        self.only_checking = bulk.stage == Bulk.Stage.CHECK
        self.done = bulk.rows.exclude(state__in=OPEN).count()

    def portion(self, rows: Sequence[BulkRow]) -> None:
        again = [self._as_sent(row) for row in rows if row.state == State.SENT]
        fresh = [row for row in rows if row.state == State.WAITING]
        judged = self.judge(fresh) if fresh else []
        to_send = [each for each in judged if each.verb and not each.unchanged]
        if not self.only_checking:
            self._mark_sent(to_send)
            self.sender.send(again, repeated=True)
            self.sender.send(to_send, repeated=False)
        self._settle([*again, *judged])

    def _as_sent(self, row: BulkRow) -> Judged:
        """What an earlier attempt sent, or was about to send, without looking at the record again."""
        facts = row.facts
        return Judged(
            row,
            facts,
            row.verb,
            str(row.record_id),
            python_values(self.many, facts.after),
            python_values(self.many, facts.before or {}),
            version=facts.version,
        )

    def _mark_sent(self, judged: Sequence[Judged]) -> None:
        for each in judged:
            row = each.row
            row.state, row.verb, row.record_id = State.SENT, each.verb, each.record_id
            row.facts = each.facts.model_copy(
                update={
                    "before": plain_values(each.before),
                    "after": plain_values(each.values),
                    "version": each.version,
                    "reason": "",
                }
            )
        self._save([each.row for each in judged])

    def _settle(self, judged: Sequence[Judged]) -> None:
        changes: list[RecordChange] = []
        for each in judged:
            row = each.row
            if each.unchanged and each.verb:
                row.state, row.record_id = State.UNCHANGED, each.record_id
                row.facts = each.facts
            elif not each.verb:
                row.state = State.FAILED
                gone: dict[str, Any] = {"before": None, "after": {}, "version": ""}
                row.facts = each.facts.model_copy(update={"reason": each.reason, **gone})
            elif self.only_checking:
                row.state, row.verb = State.PLANNED, each.verb
                row.facts = each.facts.model_copy(
                    update={"before": plain_values(each.before), "after": plain_values(each.values)}
                )
            else:
                row.state = State.DONE
                row.verb, row.record_id = each.verb, each.record_id
                row.facts = row.facts.model_copy(update={"cells": [], "version": each.version})
                changes.append(self._change(each))
        with self.run.fenced():
            self._update([each.row for each in judged])
            RecordChange.objects.bulk_create(changes)
            self.done += len(judged)
            self.run.move(self.done)

    def _change(self, each: Judged) -> RecordChange:
        about = About(before=each.before, title=each.facts.title, run=self.run.id)
        return change_of(self.many.operations, each.verb, each.record_id, each.values, about)

    def _save(self, rows: Sequence[BulkRow]) -> None:
        with self.run.fenced():
            self._update(rows)

    @staticmethod
    def _update(rows: Sequence[BulkRow]) -> None:
        # One statement for many rows; bulk_update would need SQL expressions, which sealed columns refuse.
        BulkRow.objects.bulk_create(
            rows,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["state", "verb", "record_id", "sealed_facts"],
        )


def _step(bulk: Bulk) -> str:
    return "Checking" if bulk.stage == Bulk.Stage.CHECK else str(bulk.get_kind_display())


def _so_far(bulk: Bulk) -> str:
    failed = bulk.rows.filter(state=State.FAILED).count()
    return f"{failed:,} failed so far" if failed else ""
