"""One Dataverse environment through its Web API: records, metadata, security.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/overview
"""

from .batch import Part
from .bulk import KeyedRow, Pace, Row, Verdicts
from .changes import Field, LinkExpired, RowPage, RowReader
from .client import Dataverse, WhoAmI
from .definitions import (
    AlternateKey,
    AttributeDefinition,
    EntityDefinition,
    EntityName,
    MetadataChanges,
    Option,
    Privilege,
    Relationship,
)
from .files import FilePiece, Upload
from .records import Page
from .rows import Lookup, etag_of, formatted, lookup
from .security import ApplicationUser, Role

__all__ = [
    "AlternateKey",
    "ApplicationUser",
    "AttributeDefinition",
    "Dataverse",
    "EntityDefinition",
    "EntityName",
    "Field",
    "FilePiece",
    "KeyedRow",
    "LinkExpired",
    "Lookup",
    "MetadataChanges",
    "Option",
    "Pace",
    "Page",
    "Part",
    "Privilege",
    "Relationship",
    "Role",
    "Row",
    "RowPage",
    "RowReader",
    "Upload",
    "Verdicts",
    "WhoAmI",
    "etag_of",
    "formatted",
    "lookup",
]
