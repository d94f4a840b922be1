"""Pages and counts of one mirrored entity."""
# Identifiers are quoted, values are parameters.
# ruff: noqa: S608

import json
from collections.abc import Sequence

from core.problems import BadInput
from integrations.definition import Entity
from integrations.filters import Filter
from integrations.records import Result
from integrations.searching import cursors
from integrations.searching.query import Order
from sync.destinations.quoting import quoted
from sync.models import SyncEntity
from sync.reading.conditions import Sql, condition, joined
from sync.reading.dialects import Dialect
from sync.reading.held import held
from sync.reading.order import after, keys
from sync.reading.places import open_place
from sync.reading.records import names_of, record_from

LIVING = Sql("_deleted_at IS NULL")


class Reader:
    """Reads what readers of the mirror see: the last state that was published. `entity` is as it is published now.

    Every question raises DestinationLost where the destination does not answer, and BadInput where it asks for
    something that the mirror does not hold.
    """

    def __init__(self, row: SyncEntity, entity: Entity) -> None:
        self.row, self.entity = row, entity
        self.held = held(row, entity)

    def page(
        self,
        where: Filter | None,
        order_by: Order,
        top: int,
        cursor: str | None,
        select: Sequence[str],
        *,
        whose: object,
    ) -> Result:
        """A page of records; the arguments are those of a search. `whose` person the cursors are for."""
        shown = [self.held[name] for name in select]
        names = names_of(shown)
        made_for = cursors.fingerprint(self.row.pk, whose, repr(where), list(order_by), top, names)
        with open_place(self.row.sync) as place:
            order = keys(place.dialect, self.held, order_by)
            parts = self._parts(place.dialect, where)
            if cursor:
                parts.append(after(order, _unwrapped(cursor, made_for, len(order))))
            asked = joined(parts, "AND")
            carried = [f"{place.dialect.key(key.compared)} AS _key{at}" for at, key in enumerate(order)]
            columns = [*map(quoted, names), *carried]
            rows = place.fetch(
                f"SELECT {', '.join(columns)} FROM {place.named(self.row.table)} WHERE {asked.text}"
                f" ORDER BY {', '.join(key.term for key in order)} LIMIT {int(top) + 1}",
                asked.values,
            )
        records = [record_from(shown, dict(zip(names, row, strict=False))) for row in rows[:top]]
        following = json.dumps(rows[top - 1][len(names) :]) if len(rows) > top else ""
        return Result(records, cursors.wrap(cursors.Place(following, top), made_for) if following else None)

    def count(self, where: Filter | None) -> int:
        """How many there are, exactly."""
        with open_place(self.row.sync) as place:
            asked = joined(self._parts(place.dialect, where), "AND")
            text = f"SELECT count(*) FROM {place.named(self.row.table)} WHERE {asked.text}"
            return int(place.fetch(text, asked.values)[0][0])

    def _parts(self, dialect: Dialect, where: Filter | None) -> list[Sql]:
        return [LIVING, *([condition(dialect, self.held, where)] if where else [])]


def _unwrapped(cursor: str, made_for: str, size: int) -> list[object]:
    values: list[object] = json.loads(cursors.unwrap(cursor, made_for).link)
    if len(values) != size:
        raise BadInput("This place belongs to a different list.", advice="Start again at the first page.")
    return values
