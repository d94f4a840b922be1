"""The environments that a person can reach, from the Global Discovery Service.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/discover-url-organization-web-api
"""

from dataclasses import dataclass

from .http import Door, TokenProvider
from .odata import build_url

_FIELDS = "ApiUrl,Url,FriendlyName,UniqueName,Id,EnvironmentId,TenantId,State,Version,Region,OrganizationType,IsUserSysAdmin"


@dataclass(frozen=True)
class Instance:
    """One environment; `state` 0 is enabled. `url` is not checked yet: `Dataverse` refuses a foreign one."""

    id: str
    environment_id: str
    unique_name: str
    friendly_name: str
    url: str
    api_url: str
    state: int
    version: str
    region: str
    tenant_id: str
    is_administrator: bool
    organization_type: int

    @property
    def is_enabled(self) -> bool:
        return self.state == 0


def instances(door: Door, tokens: TokenProvider) -> list[Instance]:
    """All environments of the signed-in person, by friendly name. Empty for an application and for newcomers.

    Environments reached by delegated administration, or closed by a security group, are missing: let people type
    an address too.
    """
    address = build_url(door.cloud.discovery, "/api/discovery/v2.0/Instances", {"$select": _FIELDS})
    found = door.request("GET", address, tokens=tokens, scope=door.cloud.discovery_scope).json()["value"]
    listed = [
        Instance(
            id=entry.get("Id") or "",
            environment_id=entry.get("EnvironmentId") or "",
            unique_name=entry.get("UniqueName") or "",
            friendly_name=entry.get("FriendlyName") or entry.get("UniqueName") or "",
            url=(entry.get("Url") or "").rstrip("/"),
            api_url=(entry.get("ApiUrl") or "").rstrip("/"),
            state=int(entry.get("State") or 0),
            version=entry.get("Version") or "",
            region=entry.get("Region") or "",
            tenant_id=entry.get("TenantId") or "",
            is_administrator=bool(entry.get("IsUserSysAdmin")),
            organization_type=int(entry.get("OrganizationType") or 0),
        )
        for entry in found
    ]
    return sorted(listed, key=lambda instance: instance.friendly_name.casefold())
