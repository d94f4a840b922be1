"""What a metadata item is. Immutable, so that a snapshot can be shared between threads.

Names follow Microsoft's own (a column's `kind` is its AttributeType), so that the wire needs no second
vocabulary. Labels map a language code to a text.
"""

from decimal import Decimal
from typing import Any

import msgspec

Labels = dict[int, str]
ENGLISH = 1033

LOOKUPS = frozenset({"Lookup", "Customer", "Owner"})
CHOICES = frozenset({"Picklist", "State", "Status", "Boolean", "MultiSelectPicklist"})
TEXTS = frozenset({"String", "Memo", "EntityName"})
# Metadata shows them, tables have no place for them.
UNSTORED = frozenset({"Virtual", "ManagedProperty", "PartyList", "CalendarRules"})
NUMBERS = frozenset({"Integer", "BigInt", "Decimal", "Double", "Money"})


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every metadata item has. `extra` are properties of the wire that mean nothing here but are kept."""

    metadata_id: str
    is_custom: bool = False
    is_managed: bool = True
    extra: dict[str, Any] = {}


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value of a choice. `state` is set on status reasons, `default_status` on states."""

    value: int
    labels: Labels
    description: Labels = {}
    color: str | None = None
    external_value: str | None = None
    state: int | None = None
    default_status: int | None = None
    is_hidden: bool = False


class Choice(Item, frozen=True, kw_only=True, omit_defaults=True):
    """An option set. For booleans the options are false, then true."""

    name: str
    kind: str
    is_global: bool = False
    labels: Labels = {}
    description: Labels = {}
    options: tuple[Option, ...] = ()


class Column(Item, frozen=True, kw_only=True, omit_defaults=True):
    """An attribute. `shadow_of` names the column whose label or type this one repeats, read-only."""

    table: str
    name: str
    schema_name: str
    kind: str
    labels: Labels = {}
    description: Labels = {}
    required: str = "None"
    can_create: bool = True
    can_read: bool = True
    can_update: bool = True
    shadow_of: str | None = None
    number: int = 0
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    precision: int | None = None
    precision_source: int | None = None
    format: str | None = None
    behavior: str | None = None
    choice: str | None = None
    default: int | None = None
    targets: tuple[str, ...] = ()
    max_size_kb: int | None = None
    is_searchable: bool = True

    @property
    def is_lookup(self) -> bool:
        return self.kind in LOOKUPS

    @property
    def is_polymorphic(self) -> bool:
        return self.is_lookup and len(self.targets) > 1

    @property
    def is_stored(self) -> bool:
        # The name of a file is kept beside it; other shadows are made up when they are shown.
        is_shadow = self.shadow_of is not None and self.name != f"{self.shadow_of}_name"
        return not is_shadow and self.kind not in UNSTORED

    @property
    def wire(self) -> str:
        """The property's name in records."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    @property
    def is_date_only(self) -> bool:
        return self.kind == "DateTime" and self.behavior == "DateOnly"


class Cascade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to the referencing rows: Cascade, Active, UserOwned, RemoveLink, Restrict, NoCascade."""

    assign: str = "NoCascade"
    delete: str = "RemoveLink"
    merge: str = "NoCascade"
    reparent: str = "NoCascade"
    share: str = "NoCascade"
    unshare: str = "NoCascade"
    rollup_view: str = "NoCascade"


class OneToMany(Item, frozen=True, kw_only=True, omit_defaults=True):
    """`referenced` is the one, `referencing` the many, which holds `column`."""

    schema_name: str
    referenced: str
    referenced_column: str
    referencing: str
    column: str
    lookup_name: str
    collection_name: str
    cascade: Cascade = Cascade()
    is_hierarchical: bool = False


class ManyToMany(Item, frozen=True, kw_only=True, omit_defaults=True):
    """Two tables and the intersect table between them."""

    schema_name: str
    first: str
    second: str
    intersect: str
    first_column: str
    second_column: str
    first_name: str
    second_name: str


class Key(Item, frozen=True, kw_only=True, omit_defaults=True):
    """An alternate key. Its index is made when `due` (a timestamp) has passed; then it is Active, or Failed."""

    table: str
    name: str
    schema_name: str
    labels: Labels = {}
    columns: tuple[str, ...] = ()
    status: str = "Active"
    due: float | None = None


class Table(Item, frozen=True, kw_only=True, omit_defaults=True):
    """`ownership` is one of UserOwned, OrganizationOwned, BusinessOwned, None."""

    name: str
    schema_name: str
    set_name: str
    labels: Labels = {}
    plural: Labels = {}
    description: Labels = {}
    type_code: int = 0
    ownership: str = "UserOwned"
    primary_id: str = ""
    primary_name: str | None = None
    is_activity: bool = False
    is_intersect: bool = False
    is_private: bool = False
    has_notes: bool = False
    has_activities: bool = False
    change_tracking: bool = True
    optimistic_concurrency: bool = True
    privilege: str | None = None
    is_view: bool = False
    color: str | None = None

    @property
    def access_name(self) -> str:
        """What its privileges are called after the verb: prvRead + this."""
        return self.privilege or self.schema_name


def label(labels: Labels, language: int = ENGLISH) -> str | None:
    """The text in a language, else in whichever there is."""
    if not labels:
        return None
    return labels.get(language) or next(iter(labels.values()))


def same_kind(first: str, second: str) -> bool:
    """May a column of the one kind hold the values of the other?"""
    return first == second or {first, second} <= TEXTS or {first, second} <= LOOKUPS
