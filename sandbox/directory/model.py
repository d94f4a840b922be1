"""What the directory knows, as plain values."""

from dataclasses import dataclass, field
from typing import Any

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR = "158c047a-c907-4556-b7ef-446551a6b5f7"
APPLICATION_DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
ROLE_NAMES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    APPLICATION_ADMINISTRATOR: "Application Administrator",
    CLOUD_APPLICATION_ADMINISTRATOR: "Cloud Application Administrator",
    APPLICATION_DEVELOPER: "Application Developer",
}
MANAGE_ALL_APPLICATIONS = {GLOBAL_ADMINISTRATOR, APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR}

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
DATAVERSE_APP_ID = "00000007-0000-0000-c000-000000000000"


@dataclass(frozen=True, slots=True)
class Tenant:
    id: str
    name: str
    domain: str
    members_may_register: bool


@dataclass(frozen=True, slots=True)
class Person:
    """`oid` is the Entra object id; `roles` holds directory role template ids."""

    oid: str
    tenant_id: str
    upn: str
    display_name: str
    given_name: str
    surname: str
    job_title: str
    enabled: bool
    roles: frozenset[str]

    @property
    def is_administrator(self) -> bool:
        return GLOBAL_ADMINISTRATOR in self.roles


@dataclass(frozen=True, slots=True)
class Environment:
    """One Dataverse organisation. `id` is its organisation id, `origin` where it is served right now."""

    id: str
    unique_name: str
    url_name: str
    friendly_name: str
    tenant_id: str
    origin: str
    region: str
    version: str
    environment_id: str


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """An application as it exists in one tenant. `id` is the `oid` of its app-only tokens."""

    id: str
    app_id: str
    tenant_id: str
    display_name: str
    enabled: bool
    created: str
    visible_at: float


@dataclass(frozen=True, slots=True)
class Application:
    """An app registration. `document` holds the properties that only Graph cares about."""

    id: str
    app_id: str
    tenant_id: str
    display_name: str
    unique_name: str | None
    sign_in_audience: str
    created: str
    visible_at: float
    deleted: str | None
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def is_multi_tenant(self) -> bool:
        return self.sign_in_audience != "AzureADMyOrg"

    def redirect_uris(self, platform: str) -> list[str]:
        """Registered under `web`, `spa` or `publicClient`."""
        uris: list[str] = (self.document.get(platform) or {}).get("redirectUris") or []
        return uris
