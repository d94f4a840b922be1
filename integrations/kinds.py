"""What the many attribute types of Dataverse come down to here: a dozen kinds of value.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/web-api-properties
"""

from enum import StrEnum

from integrations.definition import Attribute


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long text"
    INTEGER = "whole number"
    DECIMAL = "decimal number"
    MONEY = "money"
    FLOAT = "floating point number"
    BOOLEAN = "yes or no"
    CHOICE = "choice"
    CHOICES = "several choices"
    DATE = "date"
    INSTANT = "date and time"
    CLOCK = "date and time without a zone"
    LOOKUP = "lookup"
    ID = "unique id"
    FILE = "file"
    IMAGE = "image"


_KINDS = {
    "String": Kind.TEXT,
    "EntityName": Kind.TEXT,
    "Memo": Kind.LONG_TEXT,
    "Integer": Kind.INTEGER,
    "BigInt": Kind.INTEGER,
    "Decimal": Kind.DECIMAL,
    "Money": Kind.MONEY,
    "Double": Kind.FLOAT,
    "Boolean": Kind.BOOLEAN,
    "Picklist": Kind.CHOICE,
    "State": Kind.CHOICE,
    "Status": Kind.CHOICE,
    "MultiSelectPicklist": Kind.CHOICES,
    "DateTime": Kind.INSTANT,
    "Lookup": Kind.LOOKUP,
    "Customer": Kind.LOOKUP,
    "Owner": Kind.LOOKUP,
    "Uniqueidentifier": Kind.ID,
    "File": Kind.FILE,
    "Image": Kind.IMAGE,
}

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT})
EXACT = frozenset({Kind.DECIMAL, Kind.MONEY})
DATES = frozenset({Kind.DATE, Kind.INSTANT, Kind.CLOCK})
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT})
# A record only says which file it has: the bytes travel by an address of their own.
BLOBS = frozenset({Kind.FILE, Kind.IMAGE})
UNSORTABLE = frozenset({Kind.CHOICES}) | BLOBS


def is_supported(attribute_type: str) -> bool:
    """False for party lists, managed properties and the like, which an integration does not offer."""
    return attribute_type in _KINDS


def kind_of(attribute: Attribute) -> Kind:
    """The kind of value an attribute holds."""
    return kind_for(attribute.type, attribute.behavior)


def kind_for(attribute_type: str, behavior: str) -> Kind:
    """The kind behind a type of Dataverse. Dates are told apart by behaviour, not by format."""
    kind = _KINDS[attribute_type]
    if kind is Kind.INSTANT and behavior == "DateOnly":
        return Kind.DATE
    if kind is Kind.INSTANT and behavior == "TimeZoneIndependent":
        return Kind.CLOCK
    return kind


def column(attribute: Attribute) -> str:
    """What the attribute is called in $select, $filter and in a record that was read.

    Of an image that is the property with its id: the image itself would come along as base64.
    """
    match kind_of(attribute):
        case Kind.LOOKUP:
            return f"_{attribute.logical_name}_value"
        case Kind.IMAGE:
            return f"{attribute.logical_name}id"
        case _:
            return attribute.logical_name


def file_name_column(attribute: Attribute) -> str:
    """The column in which Dataverse keeps the name of an attribute's file; empty for other kinds."""
    return f"{attribute.logical_name}_name" if kind_of(attribute) is Kind.FILE else ""
