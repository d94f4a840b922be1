"""Which columns a mirrored entity has: one or more for each attribute, named as the integration names it.

A choice is its value and its label; a lookup is an id, the entity it leads to and the name shown for it; money has
the record's currency beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.definition import Attribute, Entity
from integrations.kinds import BLOBS, Kind, column, kind_of
from microsoft.dataverse.rows import FORMATTED, LOOKUP_NAME

ID = "id"
CURRENCY = "transactioncurrencyid"
MODIFIED = "modifiedon"
LABELLED = frozenset({Kind.CHOICE, Kind.CHOICES})


@dataclass(frozen=True)
class Column:
    """`key` is where the value stands in a record as it travels; `attribute` the logical name it belongs to."""

    name: str
    kind: Kind
    key: str
    attribute: str
    part: str = "value"  # value, label, target, name

    @property
    def is_lookup(self) -> bool:
        return self.kind is Kind.LOOKUP and self.part == "value"


def mirrored(entity: Entity) -> list[Attribute]:
    """The attributes that a mirror can hold: what records show, but not files and images."""
    return [each for each in entity.attributes if each.can_read and kind_of(each) not in BLOBS]


def columns_of(entity: Entity, attributes: Iterable[Attribute], *, modified: bool) -> tuple[Column, ...]:
    """The columns of these attributes, the id first. `modified` adds the moment of the last change."""
    chosen = list(attributes)
    made = [Column(ID, Kind.ID, entity.primary_id, entity.primary_id)]
    for attribute in chosen:
        made += _columns(attribute)
    known = {each.logical_name for each in chosen}
    if CURRENCY not in known and any(kind_of(each) is Kind.MONEY for each in chosen):
        made += _lookup("currency", f"_{CURRENCY}_value", CURRENCY)
    if modified and MODIFIED not in known:
        made.append(Column("_modified_at", Kind.INSTANT, MODIFIED, MODIFIED))
    return _distinct(made)


def modified_at(columns: Iterable[Column]) -> int | None:
    """The place of the moment of the last change among the columns, None where it is not mirrored."""
    return next((at for at, each in enumerate(columns) if each.key == MODIFIED), None)


def _columns(attribute: Attribute) -> list[Column]:
    kind, key = kind_of(attribute), column(attribute)
    if kind is Kind.LOOKUP:
        return _lookup(attribute.name, key, attribute.logical_name)
    made = [Column(attribute.name, kind, key, attribute.logical_name)]
    if kind in LABELLED:
        made.append(_companion(made[0], "label", FORMATTED))
    return made


def _lookup(name: str, key: str, attribute: str) -> list[Column]:
    value = Column(name, Kind.LOOKUP, key, attribute)
    return [value, _companion(value, "target", LOOKUP_NAME), _companion(value, "name", FORMATTED)]


def _companion(value: Column, part: str, annotation: str) -> Column:
    return Column(f"{value.name}_{part}", Kind.TEXT, f"{value.key}@{annotation}", value.attribute, part)


def _distinct(columns: list[Column]) -> tuple[Column, ...]:
    """Companions give way where an attribute is called like one of them; databases do not tell A from a."""
    taken: set[str] = set()
    first = [each for each in columns if each.part == "value"]
    named: dict[Column, str] = {}
    for each in [*first, *(other for other in columns if other.part != "value")]:
        name = each.name
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        named[each] = name
    return tuple(Column(named[each], each.kind, each.key, each.attribute, each.part) for each in columns)
