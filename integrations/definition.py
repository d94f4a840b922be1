"""The typed document that an integration's draft and each of its versions hold."""

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


class Option(BaseModel):
    model_config = ConfigDict(frozen=True)

    value: int
    label: str
    color: str = ""


class Attribute(BaseModel):
    """A chosen attribute: its Dataverse facts as they were when it was chosen, and its name here."""

    model_config = ConfigDict(frozen=True)

    logical_name: str
    name: str
    label: str = ""
    type: str  # the metadata's AttributeType: String, Memo, Integer, Money, Picklist, Lookup, …
    required: bool = False
    can_create: bool = True
    can_update: bool = True
    can_read: bool = True
    max_length: int | None = None
    minimum: str | None = None  # decimal text, so that money stays exact
    maximum: str | None = None
    precision: int | None = None
    format: str = ""
    behavior: str = ""  # UserLocal, DateOnly, TimeZoneIndependent
    options: tuple[Option, ...] = ()
    targets: dict[str, str] = {}  # lookup: logical name of the target → navigation property
    target_sets: dict[str, str] = {}  # lookup: logical name of the target → its entity set
    target_privileges: dict[str, str] = {}  # lookup: logical name of the target → its AppendTo privilege
    primary_name: bool = False


class Entity(BaseModel):
    """A chosen entity. `name` is what the integration calls it; `privileges` maps Create, Read, … to names."""

    model_config = ConfigDict(frozen=True)

    logical_name: str
    entity_set: str
    name: str
    label: str = ""
    primary_id: str
    primary_name: str = ""
    custom: bool = False
    operations: frozenset[Operation] = READ_ONLY
    attributes: tuple[Attribute, ...] = ()
    privileges: dict[str, str] = {}

    def attribute(self, name: str) -> Attribute | None:
        """The attribute that this integration calls so."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


class Definition(BaseModel):
    model_config = ConfigDict(frozen=True)

    acts_as: ActsAs = ActsAs.APPLICATION
    entities: tuple[Entity, ...] = ()

    def entity(self, logical_name: str) -> Entity | None:
        """The chosen entity of this Dataverse name."""
        return next((entity for entity in self.entities if entity.logical_name == logical_name), None)

    def with_entity(self, entity: Entity) -> "Definition":
        """A copy in which this entity replaces the one of the same Dataverse name."""
        return self.model_copy(
            update={
                "entities": tuple(
                    entity if each.logical_name == entity.logical_name else each for each in self.entities
                )
            }
        )
