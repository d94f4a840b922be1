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
    primary_name: bool = False


class Entity(BaseModel):
    model_config = ConfigDict(frozen=True)

    logical_name: str
    entity_set: str
    name: str
    label: str = ""
    primary_id: str
    primary_name: str = ""
    operations: frozenset[Operation] = READ_ONLY
    attributes: tuple[Attribute, ...] = ()


class Definition(BaseModel):
    model_config = ConfigDict(frozen=True)

    acts_as: ActsAs = ActsAs.APPLICATION
    entities: tuple[Entity, ...] = ()
