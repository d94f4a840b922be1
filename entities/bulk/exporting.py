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
from entities.models import Bulk, Plan, Reached, StoredFile
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
GONE_ON_WITH = ("csv", "json")  # a workbook is written in one go


def export(run: Running, bulk: Bulk) -> dict[str, Any]:
    """Make the file, or go on with the one that an earlier attempt began."""
    service = Service.on(bulk.integration, bulk.stage_slug, actor=owner_of(run, bulk))
    operations = service.entity(bulk.entity)
    operations.require(Operation.SEARCH)
    work = _Export(run, bulk, operations)
    try:
        tail = work.write()
    except BadInput as problem:
        if "cursor" not in problem.fields:
            raise
        # The place where it stopped is a day old, or belongs to an older version of the integration.
        work.start()
        tail = work.write()
    count, cut = work.reached.count, work.reached.cut
    with run.fenced():
        add_parts(work.file, tail)
        work.keep(work.reached, finished=True)
        label = operations.entity.label or operations.entity.name
        audit.record(service.actor, "exported", bulk.integration, message=f"{count} records of {label}")
        run.move(count, total=count)
    return {"records": count} | ({"cut values": cut} if cut else {})


class _Export:
    def __init__(self, run: Running, bulk: Bulk, operations: EntityOperations) -> None:
        self.run = run
        self.bulk = bulk
        self.plan = bulk.plan
        self.operations = operations
        self.attributes = exported(operations, self.plan.attributes)
        self.zone = zone_of(bulk)
        reached = self.plan.reached
        file = StoredFile.objects.filter(pk=reached.file).first() if reached else None
        if reached and file and self.plan.format in GONE_ON_WITH and bulk.file is None:
            self.reached, self.file = reached, file
        else:
            self.start()

    def start(self) -> None:
        """Begin a file; one that was begun before is dropped."""
        with self.run.fenced():
            if self.plan.reached:
                StoredFile.objects.filter(pk=self.plan.reached.file).delete()
            if self.bulk.file is not None:
                self.bulk.file.delete()
            name, kind = file_name(self.bulk), TYPES[self.plan.format]
            self.file = new_file(self.bulk.owner, self.bulk.integration, name, kind)
            self.reached = Reached(file=str(self.file.pk))
            self.keep(self.reached)
            self.run.move(0, total=0)

    def keep(self, reached: Reached, *, finished: bool = False) -> None:
        """Inside `fenced`: what stands in the file, and how far that is, are kept together."""
        self.reached = reached
        self.plan = self.bulk.plan = self.plan.model_copy(update={"reached": reached})
        self.bulk.file = self.file if finished else None
        self.bulk.save(update_fields=["sealed_plan", "file"])

    def write(self) -> list[bytes]:
        """All that is still lacking, a page at a time; gives the end, to be kept when the rest is settled."""
        self.run.progress(done=self.reached.count, total=_expected(self.plan, self.operations), step="Export")
        before = self.reached
        writer = WRITERS[self.plan.format](self._headers(), begun=self.file.size > 0)
        try:
            if before.count == 0 or before.place:
                for records, place in _pages(self.plan, self.operations, self.attributes, before.place):
                    self._page(writer, records, place)
            if not isinstance(writer, XlsxWriter):
                return list(writer.close())
            # A workbook is all end, too large for one transaction. Whoever goes on begins anew.
            add_parts(self.file, writer.close())
            return []
        finally:
            if isinstance(writer, XlsxWriter):
                writer.discard()

    def _page(
        self, writer: CsvWriter | JsonWriter | XlsxWriter, records: Sequence[Record], place: str
    ) -> None:
        for record in records:
            writer.row([record.id, *(_cell(item, record, self.plan, self.zone) for item in self.attributes)])
        count = self.reached.count + len(records)
        if self.plan.format == "xlsx" and count > MOST_XLSX_ROWS:
            raise BadInput(
                "An Excel sheet holds no more than 1,048,575 records.", advice="Export CSV instead."
            )
        reached = Reached(file=self.reached.file, place=place, count=count, cut=writer.cut)
        total = self.run.values["total"]
        with self.run.fenced():
            if made := writer.taken():
                add_parts(self.file, [made])
            self.keep(reached)
            self.run.move(count, total=max(count, total) if total else 0)
        self.run.progress(step="Export", message=f"{count:,} records")

    def _headers(self) -> list[str]:
        if self.plan.format == "json":
            return ["id", *(item.name for item in self.attributes)]
        return [RECORD_ID_HEADER, *headers_of(self.attributes)]


def _expected(plan: Plan, operations: EntityOperations) -> int:
    """How many there will be, where one quick question tells; else 0."""
    if plan.ids:
        return len(plan.ids)
    if not operations.may(Operation.COUNT):
        return 0
    tally = operations.estimate(filter_for(operations, read_query(operations.entity, QueryDict(plan.query))))
    return 0 if tally.at_least else max(tally.count - len(plan.left_out), 0)


def exported(operations: EntityOperations, names: Sequence[str]) -> list[Attribute]:
    """The chosen attributes in the chosen order, or all that can be read."""
    known = {item.name: item for item in operations.readable if kind_of(item) not in BLOBS}
    if not names:
        return sorted(known.values(), key=lambda item: not item.primary_name)
    return [known[name] for name in names if name in known]


def file_name(bulk: Bulk) -> str:
    return f"{slugify(bulk.entity) or 'records'}-{clock.now():%Y-%m-%d-%H%M}.{bulk.plan.format}"


def _pages(
    plan: Plan, operations: EntityOperations, attributes: list[Attribute], place: str
) -> Iterator[tuple[Sequence[Record], str]]:
    """The pages from a place on, each with the place behind it; "" behind the last."""
    names = [item.name for item in attributes]
    if plan.ids:
        many = BulkOperations(operations)
        for start in range(int(place or 0), len(plan.ids), PAGE):
            end = start + PAGE
            found = many.read(plan.ids[start:end], select=names)
            records = [found[each] for each in plan.ids[start:end] if each in found]
            yield records, str(end) if end < len(plan.ids) else ""
        return
    query = read_query(operations.entity, QueryDict(plan.query))
    where = filter_for(operations, query)
    left_out = set(plan.left_out)
    cursor: str | None = place or None
    while True:
        page = operations.search(where, query.order_by, PAGE, cursor, names)
        cursor = page.next_cursor
        yield [record for record in page.records if record.id not in left_out], cursor or ""
        if not cursor:
            return


def _cell(attribute: Attribute, record: Record, plan: Plan, zone: ZoneInfo) -> Any:
    value = record.values.get(attribute.name)
    return said(attribute, value, labels=plan.labels, zone=zone)
