"""Scope strings taken apart: which resource, which permissions, in whose spelling.

https://learn.microsoft.com/entra/identity-platform/scopes-oidc
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.directory import Directory
from sandbox.directory.consents import EVERYBODY
from sandbox.directory.model import DATAVERSE_APP_ID, GRAPH_APP_ID, Application
from sandbox.entra.errors import EntraError, missing
from sandbox.entra.permissions import BY_RESOURCE, OPENID, name_of
from sandbox.places import Places

DEFAULT = ".default"


@dataclass(slots=True)
class ResourceScopes:
    """What is asked of one resource. `audience` is the spelling that ends up in the token."""

    audience: str
    app_id: str
    service: str  # graph, discovery, or an environment's url name
    names: list[str] = field(default_factory=list)
    spelled: list[str] = field(default_factory=list)

    @property
    def wants_default(self) -> bool:
        return DEFAULT in self.names


@dataclass(slots=True)
class ScopeRequest:
    """Resources in the order they were named, and the OpenID scopes beside them."""

    openid: list[str]
    resources: list[ResourceScopes]


class Scopes:
    def __init__(self, directory: Directory, places: Places) -> None:
        self._directory = directory
        self._places = places

    def parse(self, text: str, tenant_id: str | None, application: Application) -> ScopeRequest:
        """Raises EntraError for an empty scope, an unknown resource, or a scope it does not have.

        `tenant_id` is None while it is not known yet who signs in: then any tenant's environment will do.
        """
        words = list(dict.fromkeys(text.split()))
        if not words:
            raise missing("scope")
        request = ScopeRequest([word for word in words if word.lower() in OPENID], [])
        by_audience: dict[str, ResourceScopes] = {}
        for word in words:
            if word in request.openid:
                continue
            prefix, _, name = word.rpartition("/")
            if prefix.rstrip("/") not in by_audience:
                found = self.resource(prefix, tenant_id)
                by_audience[prefix.rstrip("/")] = found
                request.resources.append(found)
            found = by_audience[prefix.rstrip("/")]
            _check_name(name, word, found, application)
            found.names.append(name)
            found.spelled.append(word)
        return request

    def resource(self, prefix: str, tenant_id: str | None) -> ResourceScopes:
        """Raises EntraError 500011 for what is not a resource in this tenant."""
        origin = prefix.rstrip("/")
        if origin in {"", self._places.graph, GRAPH_APP_ID}:
            return ResourceScopes(prefix or self._places.graph, GRAPH_APP_ID, "graph")
        if origin == self._places.discovery:
            return ResourceScopes(prefix, DATAVERSE_APP_ID, "discovery")
        environment = self._directory.environment_at(origin)
        if environment and tenant_id in {None, environment.tenant_id}:
            return ResourceScopes(prefix, DATAVERSE_APP_ID, environment.url_name)
        tenant = self._directory.tenant(tenant_id) if tenant_id else None
        raise EntraError(
            500011,
            "invalid_resource",
            f"The resource principal named {origin} was not found in the tenant named "
            f"{tenant.name if tenant else 'common'}. This can happen if the application has not been installed by "
            "the administrator of the tenant or consented to by any user in the tenant. You might have sent your "
            "authentication request to the wrong tenant.",
        )

    def asked(
        self, request: ScopeRequest, application: Application, tenant_id: str, person_oid: str
    ) -> dict[str, list[str]]:
        """Resource app id → scope names, in the order asked.

        `.default` is what the registration declares, but only until something has been granted:
        from then on it means just that.
        """
        wanted: dict[str, list[str]] = {}
        for resource in request.resources:
            names = wanted.setdefault(resource.app_id, [])
            names += [name for name in resource.names if name != DEFAULT]
            granted = self.granted(application, tenant_id, person_oid, resource.app_id)
            if resource.wants_default and (person_oid == EVERYBODY or not granted):
                for app_id, declared in declared_scopes(application).items():
                    wanted.setdefault(app_id, []).extend(declared)
        if request.openid:
            wanted.setdefault(GRAPH_APP_ID, []).extend(word.lower() for word in request.openid)
        return {app_id: list(dict.fromkeys(names)) for app_id, names in wanted.items() if names}

    def missing_consent(
        self, request: ScopeRequest, application: Application, tenant_id: str, person_oid: str
    ) -> dict[str, list[str]]:
        """The part of `asked` that the person has yet to agree to."""
        lacking = {}
        for app_id, names in self.asked(request, application, tenant_id, person_oid).items():
            have = self.granted(application, tenant_id, person_oid, app_id)
            rest = [name for name in names if name not in have]
            if rest:
                lacking[app_id] = rest
        return lacking

    def granted(
        self, application: Application, tenant_id: str, person_oid: str, resource: str
    ) -> frozenset[str]:
        return self._directory.consents.granted(tenant_id, person_oid, application.app_id, resource)


def declared_scopes(application: Application) -> dict[str, list[str]]:
    """What the registration lists under API permissions: resource app id → delegated scopes."""
    declared: dict[str, list[str]] = {}
    for entry in application.document.get("requiredResourceAccess") or []:
        resource = str(entry.get("resourceAppId", ""))
        names: Iterable[str | None] = (
            name_of(resource, str(access.get("id")))
            for access in entry.get("resourceAccess") or []
            if access.get("type") == "Scope"
        )
        declared.setdefault(resource, []).extend(name for name in names if name)
    return declared


def _check_name(name: str, word: str, resource: ResourceScopes, application: Application) -> None:
    if name == DEFAULT:
        return
    if not name:
        raise EntraError(
            70011,
            "invalid_scope",
            f"The provided value for the input parameter 'scope' is not valid. Scope {word}",
        )
    if name not in BY_RESOURCE[resource.app_id]:
        raise EntraError(
            650053,
            "invalid_client",
            f"The application '{application.display_name}' asked for scope '{name}' that doesn't exist on the "
            f"resource '{resource.app_id}'. Contact the app vendor.",
            status=400,
        )
