"""A list as a file: read page by page, written row by row, kept in parts. Memory does not grow with it."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.text import slugify

from accounts import audit
from core import clock
from core.problems import BadInput
from entities.asking import filter_for
from entities.bulk.customs import owner_of, zone_of
from entities.bulk.mapping import RECORD_ID_HEADER, headers_of
from entities.bulk.texts import said
from entities.models import Bulk, Plan, StoredFile
from entities.query import read_query
from entities.storage import add_parts, new_file
from entities.tables.writers import MOST_XLSX_ROWS, TYPES, WRITERS, CsvWriter, JsonWriter, XlsxWriter
from integrations.bulk import BulkOperations
from integrations.definition import Attribute, Operation
from integrations.kinds import BLOBS, kind_of
from integrations.operations import EntityOperations, Service
from integrations.records import Record
from jobs.running import Running

PAGE = 1000


def export(run: Running, bulk: Bulk) -> dict[str, Any]:
    """Make the file anew; one that an earlier attempt began is dropped."""
    service = Service.on(bulk.integration, bulk.stage_slug, actor=owner_of(run, bulk))
    operations = service.entity(bulk.entity)
    operations.require(Operation.SEARCH)
    attributes = exported(operations, bulk.plan.attributes)
    if bulk.file is not None:
        bulk.file.delete()
    file = new_file(bulk.owner, bulk.integration, file_name(bulk), TYPES[bulk.plan.format])
    run.progress(total=_expected(bulk.plan, operations), step="Export")
    try:
        count, cut = _write(run, bulk, operations, attributes, file)
    except BaseException:
        file.delete()
        raise
    with run.fenced():
        Bulk.objects.filter(pk=bulk.pk).update(file=file)
        label = operations.entity.label or operations.entity.name
        audit.record(service.actor, "exported", bulk.integration, message=f"{count} records of {label}")
        run.move(count, total=count)
    return {"records": count} | ({"cut values": cut} if cut else {})


def _expected(plan: Plan, operations: EntityOperations) -> int:
    """How many there will be, where one quick question tells; else 0."""
    if plan.ids:
        return len(plan.ids)
    if not operations.may(Operation.COUNT):
        return 0
    tally = operations.tally(filter_for(operations, read_query(operations.entity, QueryDict(plan.query))))
    return 0 if tally.at_least else max(tally.count - len(plan.left_out), 0)


def exported(operations: EntityOperations, names: Sequence[str]) -> list[Attribute]:
    """The chosen attributes in the chosen order, or all that can be read."""
    known = {item.name: item for item in operations.readable if kind_of(item) not in BLOBS}
    if not names:
        return sorted(known.values(), key=lambda item: not item.primary_name)
    return [known[name] for name in names if name in known]


def file_name(bulk: Bulk) -> str:
    return f"{slugify(bulk.entity) or 'records'}-{clock.now():%Y-%m-%d-%H%M}.{bulk.plan.format}"


def _write(
    run: Running, bulk: Bulk, operations: EntityOperations, attributes: list[Attribute], file: StoredFile
) -> tuple[int, int]:
    plan = bulk.plan
    headers = (
        [RECORD_ID_HEADER, *headers_of(attributes)]
        if plan.format != "json"
        else ["id", *(item.name for item in attributes)]
    )
    writer = WRITERS[plan.format](headers)
    zone = zone_of(bulk)
    count = 0
    try:
        for records in _pages(plan, operations, attributes):
            for record in records:
                writer.row([record.id, *(_cell(item, record, plan, zone) for item in attributes)])
            count += len(records)
            if plan.format == "xlsx" and count > MOST_XLSX_ROWS:
                raise BadInput(
                    "An Excel sheet holds no more than 1,048,575 records.", advice="Export CSV instead."
                )
            _keep(run, file, writer)
            run.progress(
                done=count, total=max(count, run.values["total"]), step="Export", message=f"{count:,} records"
            )
        add_parts(file, writer.close())
    finally:
        if isinstance(writer, XlsxWriter):
            writer.discard()
    return count, writer.cut


def _keep(run: Running, file: StoredFile, writer: CsvWriter | JsonWriter | XlsxWriter) -> None:
    made = writer.taken()
    if made:
        with run.fenced():
            add_parts(file, [made])


def _pages(
    plan: Plan, operations: EntityOperations, attributes: list[Attribute]
) -> Iterator[Sequence[Record]]:
    names = [item.name for item in attributes]
    if plan.ids:
        many = BulkOperations(operations)
        for start in range(0, len(plan.ids), PAGE):
            found = many.read(plan.ids[start : start + PAGE], select=names)
            yield [found[each] for each in plan.ids[start : start + PAGE] if each in found]
        return
    query = read_query(operations.entity, QueryDict(plan.query))
    where = filter_for(operations, query)
    left_out = set(plan.left_out)
    cursor: str | None = None
    while True:
        page = operations.search(where, query.order_by, PAGE, cursor, names)
        yield [record for record in page.records if record.id not in left_out]
        cursor = page.next_cursor
        if not cursor:
            return


def _cell(attribute: Attribute, record: Record, plan: Plan, zone: ZoneInfo) -> Any:
    value = record.values.get(attribute.name)
    return said(attribute, value, labels=plan.labels, zone=zone)
