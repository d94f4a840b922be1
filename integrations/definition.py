"""The typed document that an integration's draft and each of its versions hold."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Operation(StrEnum):
    CREATE = "create"
    GET = "get"
    UPDATE = "update"
    DELETE = "delete"
    SEARCH = "search"
    COUNT = "count"


READ_ONLY = frozenset({Operation.GET, Operation.SEARCH, Operation.COUNT})
READ_WRITE = frozenset(Operation)


class ActsAs(StrEnum):
    APPLICATION = "application"
    PERSON = "person"


class RelationshipKind(StrEnum):
    ONE_TO_MANY = "OneToMany"
    MANY_TO_MANY = "ManyToMany"


class Option(BaseModel):
    """One choice. A status reason names the `state` it belongs to."""

    model_config = ConfigDict(frozen=True)

    value: int
    label: str
    color: str = ""
    state: int | None = None


class Attribute(BaseModel):
    """A chosen attribute: its Dataverse facts as they were when it was chosen, and its name here."""

    model_config = ConfigDict(frozen=True)

    logical_name: str
    name: str
    label: str = ""
    description: str = ""
    type: str  # the metadata's AttributeType: String, Memo, Integer, Money, Picklist, Lookup, …
    required: bool = False
    can_create: bool = True
    can_update: bool = True
    can_read: bool = True
    max_length: int | None = None
    minimum: str | None = None  # decimal text, so that money stays exact
    maximum: str | None = None
    precision: int | None = None
    precision_source: int | None = None  # money: 0 its own precision, 1 the organization's, 2 the currency's
    base_of: str = ""  # money: the attribute of which this is the value in the organization's own currency
    format: str = ""  # DateOnly, DateAndTime; Email, Phone, Url, TextArea, …
    behavior: str = ""  # UserLocal, DateOnly, TimeZoneIndependent
    max_size_kb: int | None = None  # file, image
    full_image: bool = False  # image: more than the thumbnail is kept
    primary_image: bool = False  # image: the one that may be set while a record is created
    options: tuple[Option, ...] = ()
    targets: dict[str, str] = {}  # lookup: logical name of the target → navigation property
    target_sets: dict[str, str] = {}  # lookup: logical name of the target → its entity set
    target_privileges: dict[str, str] = {}  # lookup: logical name of the target → its AppendTo privilege
    primary_name: bool = False


class Key(BaseModel):
    """A chosen alternate key: by the values of its attributes (logical names, all chosen) a record is upserted."""

    model_config = ConfigDict(frozen=True)

    logical_name: str
    name: str
    attributes: tuple[str, ...]


class Expand(BaseModel):
    """A related entity of this integration that get and search may bring along.

    A lookup (`attribute` names it) brings one record of `target`; a relationship (`collection`) brings a list.
    A polymorphic lookup has one of these for each target.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    navigation: str  # the navigation property, as $expand takes it
    target: str  # logical name of an entity of the same integration
    collection: bool = False
    attribute: str = ""


class Relationship(BaseModel):
    """A list that belongs to a record: of the entity `target`, which is chosen in the same integration as well.

    For OneToMany `attribute` is the lookup of `target` that points here; for ManyToMany `intersect` is the
    entity between.
    """

    model_config = ConfigDict(frozen=True)

    schema_name: str
    name: str
    label: str = ""
    kind: RelationshipKind
    navigation: str
    target: str
    attribute: str = ""
    intersect: str = ""


class Entity(BaseModel):
    """A chosen entity. `name` is what the integration calls it; `privileges` maps Create, Read, … to names."""

    model_config = ConfigDict(frozen=True)

    logical_name: str
    entity_set: str
    name: str
    label: str = ""
    plural: str = ""
    description: str = ""
    primary_id: str
    primary_name: str = ""
    custom: bool = False
    activity: bool = False
    ownership: str = ""  # UserOwned, OrganizationOwned, …
    change_tracking: bool = False
    operations: frozenset[Operation] = READ_ONLY
    attributes: tuple[Attribute, ...] = ()
    keys: tuple[Key, ...] = ()
    expand: tuple[Expand, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    privileges: dict[str, str] = {}
    find: tuple[str, ...] = ()  # by these logical names Dynamics' own quick find looks for records

    def attribute(self, name: str) -> Attribute | None:
        """The attribute that this integration calls so."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def attribute_of(self, logical_name: str) -> Attribute | None:
        """The chosen attribute of this Dataverse name."""
        return next((each for each in self.attributes if each.logical_name == logical_name), None)

    def key(self, name: str) -> Key | None:
        """The alternate key that this integration calls so."""
        return next((key for key in self.keys if key.name == name), None)


class Definition(BaseModel):
    model_config = ConfigDict(frozen=True)

    acts_as: ActsAs = ActsAs.APPLICATION
    entities: tuple[Entity, ...] = ()

    def entity(self, logical_name: str) -> Entity | None:
        """The chosen entity of this Dataverse name."""
        return next((entity for entity in self.entities if entity.logical_name == logical_name), None)

    def with_find(self, columns: Mapping[str, tuple[str, ...]]) -> "Definition":
        """A copy whose entities are looked for by these attributes."""
        entities = (
            each.model_copy(update={"find": columns.get(each.logical_name, ())}) for each in self.entities
        )
        return self.model_copy(update={"entities": tuple(entities)})

    def with_entity(self, entity: Entity) -> "Definition":
        """A copy in which this entity replaces the one of the same Dataverse name."""
        return self.model_copy(
            update={
                "entities": tuple(
                    entity if each.logical_name == entity.logical_name else each for each in self.entities
                )
            }
        )
