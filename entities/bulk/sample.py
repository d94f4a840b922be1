"""The first of the selected records and what would become of them: nothing is sent for this."""

from dataclasses import dataclass

from django.http import QueryDict

from entities.asking import filter_for
from entities.bulk.changing import python_values
from entities.bulk.portrait import Change, text_of
from entities.cells import name_of
from entities.models import Bulk
from entities.place import Place
from entities.query import read_query
from integrations.bulk import BulkOperations
from integrations.records import Record, Tally

SHOWN = 10


@dataclass(frozen=True)
class Sample:
    """`count` is exact, or None where it takes too long to tell."""

    titles: list[tuple[str, list[Change]]]
    tally: Tally | None


def sample_of(place: Place, bulk: Bulk) -> Sample:
    """Raises what the operations raise."""
    plan = bulk.plan
    many = BulkOperations(place.records)
    values = python_values(many, plan.values)
    if plan.ids:
        found = many.read(plan.ids[:SHOWN])
        records = [found[each] for each in plan.ids[:SHOWN] if each in found]
        tally: Tally | None = Tally(len(plan.ids))
    else:
        query = read_query(place.entity, QueryDict(plan.query))
        left_out = set(plan.left_out)
        where = filter_for(place.records, query)
        page = place.records.search(where, query.order_by, SHOWN + min(len(left_out), 100))
        records = [record for record in page.records if record.id not in left_out][:SHOWN]
        tally = place.records.estimate(where) if place.may["count"] else None
        if tally is not None and not (tally.at_least or tally.about):
            tally = Tally(max(tally.count - len(left_out), 0))
    return Sample([(name_of(place, record), _changes(place, record, values)) for record in records], tally)


def _changes(place: Place, record: Record, values: dict[str, object]) -> list[Change]:
    changes = []
    for name, value in values.items():
        attribute = place.entity.attribute(name)
        if attribute is not None:
            before = record.labels.get(name) or text_of(attribute, record.values.get(name))
            changes.append(Change(attribute.label or name, before, text_of(attribute, value)))
    return changes
