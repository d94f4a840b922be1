"""What an environment tells about its entities. Real ones are odd: labels and relationships may be missing."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class EntityName:
    """One line of the catalogue. `ownership` is UserOwned, OrganizationOwned, …"""

    logical_name: str
    entity_set: str
    display_name: str
    primary_id: str
    primary_name: str
    is_custom: bool
    ownership: str
    description: str = ""
    is_intersect: bool = False
    is_activity: bool = False


@dataclass(frozen=True)
class Option:
    """One choice. Booleans have the values 0 and 1. `color` is like #0000ff, or empty.

    A status reason names the `state` it belongs to.
    """

    value: int
    label: str
    color: str = ""
    state: int | None = None


@dataclass(frozen=True)
class Privilege:
    """One privilege of an entity. `kind` is Create, Read, Write, Delete, Append, AppendTo, Assign, Share; `depths`
    are those it can be granted with: Basic, Local, Deep, Global.
    """

    id: str
    name: str
    kind: str
    depths: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttributeDefinition:
    """One attribute. `type` is String, Memo, Integer, BigInt, Decimal, Double, Money, Boolean, DateTime, Picklist,
    MultiSelectPicklist, State, Status, Lookup, Customer, Owner, PartyList, Uniqueidentifier, EntityName, Virtual,
    Image, File, ManagedProperty, …

    `required_level` is None, Recommended, ApplicationRequired or SystemRequired (as text). `date_behavior` is
    UserLocal, DateOnly or TimeZoneIndependent. `navigation` gives the property to bind for each target of a lookup;
    a target without a relationship is missing there. `base_of` names the attribute of which this money is the value
    in the organization's own currency. A companion column (such as a lookup's name) has the name of
    the attribute it accompanies in `attribute_of`, and cannot be selected.
    """

    logical_name: str
    display_name: str
    type: str
    required_level: str
    valid_for_create: bool
    valid_for_update: bool
    valid_for_read: bool
    schema_name: str = ""
    description: str = ""
    max_length: int | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    precision: int | None = None
    precision_source: int | None = None
    base_of: str = ""
    max_size_kb: int | None = None
    full_image: bool = False
    primary_image: bool = False
    format: str = ""
    date_behavior: str = ""
    options: tuple[Option, ...] = ()
    targets: tuple[str, ...] = ()
    is_primary_id: bool = False
    is_primary_name: bool = False
    is_custom: bool = False
    attribute_of: str = ""
    navigation: dict[str, str] = field(default_factory=dict)

    @property
    def is_lookup(self) -> bool:
        return self.type in ("Lookup", "Customer", "Owner")

    @property
    def property_name(self) -> str:
        """The name under which records carry the value, and which `$select`, `$filter` and `$orderby` take."""
        return f"_{self.logical_name}_value" if self.is_lookup else self.logical_name

    @property
    def is_required(self) -> bool:
        return self.required_level in ("ApplicationRequired", "SystemRequired")


@dataclass(frozen=True)
class Relationship:
    """A relationship seen from one entity: `navigation` is the property there, `other` the entity at its end.

    `kind` is ManyToOne, OneToMany or ManyToMany. `attribute` is the lookup column: of this entity for ManyToOne, of
    the other for OneToMany, empty for ManyToMany, where `intersect` names the table between.
    """

    schema_name: str
    kind: str
    navigation: str
    other: str
    attribute: str = ""
    intersect: str = ""


@dataclass(frozen=True)
class AlternateKey:
    """An alternate key. Only an active one can be used to address records; building its index takes a while."""

    logical_name: str
    display_name: str
    attributes: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True)
class MetadataChanges:
    """What changed since a stamp: the entities (by logical name) that did, or hold something that did.

    Of what was deleted the server only says that it was, so `deleted` may concern any entity.
    """

    stamp: str
    entities: frozenset[str]
    deleted: bool

    def __bool__(self) -> bool:
        return bool(self.entities) or self.deleted


@dataclass(frozen=True)
class EntityDefinition:
    """One entity with all that is needed to list, show and edit its records."""

    logical_name: str
    schema_name: str
    entity_set: str
    display_name: str
    display_collection_name: str
    description: str
    primary_id: str
    primary_name: str
    is_custom: bool
    is_activity: bool
    ownership: str
    object_type_code: int | None
    metadata_id: str
    optimistic_concurrency: bool
    change_tracking: bool
    privileges: tuple[Privilege, ...]
    attributes: tuple[AttributeDefinition, ...]
    relationships: tuple[Relationship, ...]
    keys: tuple[AlternateKey, ...] = ()

    def attribute(self, logical_name: str) -> AttributeDefinition | None:
        return next((found for found in self.attributes if found.logical_name == logical_name), None)
