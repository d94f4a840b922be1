"""What it takes to link a record to another entity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from microsoft.dataverse import Dataverse
from microsoft.odata import eq, or_

_SELECT = "LogicalName,EntitySetName,Privileges"
_AT_ONCE = 25


@dataclass(frozen=True)
class Target:
    """`entity_set` to address it; `privilege` is the AppendTo privilege that linking to it takes, if any."""

    entity_set: str
    privilege: str


def fetch_targets(client: Dataverse, logical_names: Sequence[str]) -> dict[str, Target]:
    """The targets with these names; those the environment lacks are left out.

    https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query-metadata-web-api
    """
    found: dict[str, Target] = {}
    for start in range(0, len(logical_names), _AT_ONCE):
        text = or_(*(eq("LogicalName", each) for each in logical_names[start : start + _AT_ONCE]))
        answer = client.call("GET", "EntityDefinitions", {"$select": _SELECT, "$filter": text}).json()
        for entry in answer["value"]:
            if entry.get("EntitySetName"):
                found[entry["LogicalName"]] = Target(entry["EntitySetName"], _append_to(entry))
    return found


def _append_to(entry: dict[str, Any]) -> str:
    for privilege in entry.get("Privileges") or []:
        if privilege.get("PrivilegeType") == "AppendTo":
            return str(privilege["Name"])
    return ""
