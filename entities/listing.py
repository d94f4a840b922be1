"""A page of a grid: which attributes are read, and the rows as they are shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from entities import rendering
from entities.cells import Cell, Cells, name_of
from entities.place import Place
from entities.query import GridQuery
from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of
from integrations.records import Record


@dataclass(frozen=True)
class Row:
    id: str
    name: str
    url: str
    cells: list[Cell]
    tick: bool = True

    @property
    def html(self) -> SafeString:
        return rendering.row(self.id, self.name, self.url, self.cells, tick=self.tick)


def selected(place: Place, query: GridQuery, shown: Iterable[Attribute]) -> list[str]:
    """What is read: the columns, the record's name, and the links that are filtered by, for the chips."""
    asked = {condition.attribute for condition in query.conditions}
    more = (
        item
        for item in place.columns
        if item.primary_name or (item.name in asked and kind_of(item) is Kind.LOOKUP)
    )
    return list(dict.fromkeys(item.name for item in [*shown, *more]))


def rows_of(
    place: Place, records: Iterable[Record], shown: Iterable[Attribute], *, tick: bool = True
) -> list[Row]:
    columns = [Cells(place, attribute) for attribute in shown]
    opens = place.may["get"]
    return [
        Row(
            id=record.id,
            name=name_of(place, record),
            url=f"{place.url}{record.id}/" if opens else "",
            cells=[column.of(record) for column in columns],
            tick=tick,
        )
        for record in records
    ]
