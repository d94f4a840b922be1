"""The rows of a bulk, written down before any of them is worked on: what is not finished can be gone on with."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.http import QueryDict

from core.problems import BadInput
from entities.asking import filter_for
from entities.bulk.changing import title_of
from entities.bulk.mapping import RECORD_ID, matched_by
from entities.models import Bulk, BulkRow, Plan, RowFacts
from entities.query import read_query
from entities.storage import opened
from entities.tables.reading import Reading, Table, open_table
from integrations.bulk import BulkOperations, folded
from jobs.running import Running

MOST_SELECTED = 50_000
AT_ONCE = 500
_Item = TypeVar("_Item")


def prepare(run: Running, bulk: Bulk, many: BulkOperations) -> int:
    """Write the rows, unless an earlier attempt has; how many there are."""
    if not run.payload.get("prepared"):
        bulk.rows.all().delete()
        count = 0
        for rows in _portions(_rows(bulk, many), AT_ONCE):
            with run.fenced():
                BulkRow.objects.bulk_create(rows)
            count += len(rows)
            run.progress(step="Reading", message=f"{count:,} so far")
        with run.fenced():
            run.move(0, total=count, cursor={"prepared": True})
    return bulk.rows.count()


def reading_of(plan: Plan) -> Reading:
    return Reading(plan.sheet, plan.encoding, plan.delimiter, plan.decimal)


def _rows(bulk: Bulk, many: BulkOperations) -> Iterator[BulkRow]:
    match bulk.kind:
        case Bulk.Kind.IMPORT:
            return _lines(bulk)
        case Bulk.Kind.UNDO:
            return _undone(bulk)
        case _:
            return _selected(bulk, many)


def _selected(bulk: Bulk, many: BulkOperations) -> Iterator[BulkRow]:
    for number, (record_id, title) in enumerate(_chosen(bulk.plan, many), 1):
        if number > MOST_SELECTED:
            raise BadInput(
                f"More than {MOST_SELECTED:,} records are selected.",
                advice="Filter the list and go in portions.",
            )
        row = BulkRow(bulk=bulk, number=number, record_id=record_id)
        row.facts = RowFacts(title=title)
        yield row


def _chosen(plan: Plan, many: BulkOperations) -> Iterator[tuple[str, str]]:
    if plan.ids:
        yield from ((each, "") for each in plan.ids)
        return
    operations = many.operations
    query = read_query(operations.entity, QueryDict(plan.query))
    where = filter_for(operations, query)
    names = [item.name for item in operations.readable if item.primary_name]
    left_out = set(plan.left_out)
    cursor: str | None = None
    while True:
        page = operations.search(where, query.order_by, 1000, cursor, names)
        for record in page.records:
            if record.id not in left_out:
                yield record.id, title_of(many, record)
        cursor = page.next_cursor
        if not cursor:
            return


def _undone(bulk: Bulk) -> Iterator[BulkRow]:
    if bulk.undoes is None:
        raise BadInput("What this would undo is no longer known.")
    done = bulk.undoes.rows.filter(state=BulkRow.State.DONE)
    for number, record_id in done.values_list("number", "record_id").iterator():
        yield BulkRow(bulk=bulk, number=number, record_id=record_id)


def _lines(bulk: Bulk) -> Iterator[BulkRow]:
    if bulk.file is None:
        raise BadInput("The file is no longer kept.", advice="Send it again.")
    plan = bulk.plan
    with opened(bulk.file) as stream:
        table = open_table(stream, reading_of(plan))
        if table.headers != [column.header for column in plan.columns]:
            raise BadInput(
                "The columns of the file are not those that were mapped.", advice="Map them again."
            )
        key = _key_of(plan)
        seen: dict[tuple[str, ...], int] = {}
        for line in table.rows():
            row = BulkRow(bulk=bulk, number=line.number)
            texts = [line.cells[place].strip() for place in key]
            first = line.number
            if texts and all(texts):
                first = seen.setdefault(tuple(map(folded, texts)), line.number)
            if first != line.number:
                row.state = BulkRow.State.FAILED
                reason = f"Line {first} is for the same record: {' + '.join(texts)[:80]}."
                row.facts = RowFacts(cells=line.cells, reason=reason)
            else:
                row.facts = RowFacts(cells=line.cells)
            yield row


def _key_of(plan: Plan) -> list[int]:
    """The columns that say which record a line is for; two lines for one record would overtake each other."""
    names = [column.attribute for column in plan.columns]
    wanted = (RECORD_ID,) if plan.mode == "create" else matched_by(plan)
    return [names.index(name) for name in wanted if name in names]


def _portions(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion


__all__ = ["Table", "prepare", "reading_of"]
