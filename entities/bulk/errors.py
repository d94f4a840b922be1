"""The lines of an import that failed, as a file to correct and send again."""

from collections.abc import Iterator

from entities.bulk.mapping import PROBLEM_HEADER
from entities.models import Bulk, BulkRow
from entities.tables.safety import unguarded
from entities.tables.writers import TYPES, WRITERS, XlsxWriter


def error_file(bulk: Bulk, form: str) -> tuple[str, Iterator[bytes]]:
    """Its content type and its bytes. The columns are those of the file that was sent, and one with the reason."""
    return TYPES[form], _written(bulk, form)


def _written(bulk: Bulk, form: str) -> Iterator[bytes]:
    writer = WRITERS[form]([*(column.header for column in bulk.plan.columns), PROBLEM_HEADER])
    try:
        rows = bulk.rows.filter(state=BulkRow.State.FAILED)
        for row in rows.iterator(chunk_size=500):
            facts = row.facts
            writer.row([*(unguarded(cell) for cell in facts.cells), facts.reason])
            if made := writer.taken():
                yield made
        yield from writer.close()
    finally:
        if isinstance(writer, XlsxWriter):
            writer.discard()
