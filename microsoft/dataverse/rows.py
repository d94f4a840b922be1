"""Reading record dicts as they came: annotations stay beside the values they speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"


@dataclass(frozen=True)
class Lookup:
    """Which record a lookup points at; `name` is its primary name as displayed, empty if not asked for."""

    id: str
    logical_name: str
    name: str


def etag_of(record: Mapping[str, Any]) -> str:
    """The version to hand back to `update` and `delete`; empty when the record carries none."""
    return str(record.get("@odata.etag") or "")


def formatted(record: Mapping[str, Any], attribute: str) -> str | None:
    """The value as Dynamics displays it to the caller (labels, currency, local time), None if there is none.

    Takes an attribute's logical name, also for lookups.
    """
    for name in (attribute, f"_{attribute}_value"):
        value = record.get(f"{name}@{FORMATTED}")
        if value is not None:
            return str(value)
    return None


def lookup(record: Mapping[str, Any], attribute: str) -> Lookup | None:
    """Where a lookup points, None when it is empty or was not selected."""
    name = f"_{attribute}_value"
    target = record.get(name)
    if not target:
        return None
    return Lookup(
        id=str(target),
        logical_name=str(record.get(f"{name}@{LOOKUP_NAME}") or ""),
        name=str(record.get(f"{name}@{FORMATTED}") or ""),
    )
