"""Which column of a file goes into which attribute."""

import re
from collections.abc import Collection, Iterable, Sequence

from entities.models import Column, Plan
from entities.models.bulk import DateOrder, DecimalSign
from integrations.definition import Attribute, Entity
from integrations.kinds import BLOBS, DATES, NUMBERS, kind_of

RECORD_ID = "record-id"  # no attribute can be called so
RECORD_ID_HEADER = "Record id"
_COMMA = re.compile(r"\d,\d{1,2}\D*$|\.\d{3},")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-]\d{4}")
TOGETHER = "+"  # between the attributes of a key, by which together records are found
_ID = re.compile(r"(\w+:)?\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
PROBLEM_HEADER = "Problem"  # of an error file; what stands below it is ours, not a value


def writable(entity: Entity, *, creating: bool = True, updating: bool = True) -> list[Attribute]:
    """What an import may fill, the primary name first."""
    found = [
        item
        for item in entity.attributes
        if kind_of(item) not in BLOBS and ((creating and item.can_create) or (updating and item.can_update))
    ]
    return sorted(found, key=lambda item: not item.primary_name)


def headers_of(attributes: Sequence[Attribute]) -> list[str]:
    """The headers of an exported file: labels, made distinct by the attribute's name."""
    labels = [item.label or item.name for item in attributes]
    return [
        f"{label} ({item.name})" if labels.count(label) > 1 else label
        for label, item in zip(labels, attributes, strict=True)
    ]


def matched_by(plan: Plan) -> tuple[str, ...]:
    """What records are found by: the attributes that say together for which one a line is."""
    return tuple(plan.match.split(TOGETHER)) if plan.match else ()


def are_ids(cells: Iterable[str]) -> bool:
    """Whether there is something in these cells, and nothing but ids."""
    given = [cell.strip() for cell in cells if cell.strip()]
    return bool(given) and all(_ID.fullmatch(cell) for cell in given)


def suggested(
    headers: Sequence[str],
    entity: Entity,
    unfindable: Collection[str] = (),
    samples: Sequence[Sequence[str]] = (),
) -> list[Column]:
    """A first mapping: by label, name or Dataverse name, no attribute twice.

    The lookups in `unfindable` can only be given by ids: they are left out unless the column's samples are some.
    """
    words: dict[str, str] = {}
    attributes = writable(entity)
    for item, header in zip(attributes, headers_of(attributes), strict=True):
        for word in (header, item.label, item.name, item.logical_name):
            words.setdefault(_plain(word), item.name)
    for word in (RECORD_ID_HEADER, entity.primary_id, "id"):
        words.setdefault(_plain(word), RECORD_ID)
    taken: set[str] = set()
    columns = []
    for place, header in enumerate(headers):
        name = words.get(_plain(header), "")
        lost = name in unfindable and not (samples and are_ids(samples[place]))
        if name in taken or header == PROBLEM_HEADER or lost:
            name = ""
        taken.add(name)
        columns.append(Column(header=header, attribute=name))
    return columns


def customs_of(
    columns: Sequence[Column], entity: Entity, rows: Iterable[Sequence[str]]
) -> tuple[DecimalSign, DateOrder]:
    """How the file seems to write numbers and dates: the sign before fractions, and the order of a date's parts."""
    kinds = [kind_of(found) if (found := entity.attribute(column.attribute)) else None for column in columns]
    decimal: DecimalSign = "."
    dates: DateOrder = "ymd"
    for cells in rows:
        for kind, cell in zip(kinds, cells, strict=True):
            if kind in NUMBERS and _COMMA.search(cell):
                decimal = ","
            elif kind in DATES and (found_day := _DAY_FIRST.match(cell.strip())):
                dates = "mdy" if found_day[2] == "/" and int(found_day[3]) > 12 else "dmy"
    return decimal, dates


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
