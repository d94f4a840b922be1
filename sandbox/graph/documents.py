"""What an application looks like in JSON, and which of it a caller may write."""

from typing import Any

from sandbox.directory import Application, Directory, ServicePrincipal
from sandbox.graph.errors import bad_request
from sandbox.graph.keys import show, show_password

AUDIENCES = {
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
}
WRITABLE: dict[str, type | tuple[type, ...]] = {
    "api": dict,
    "appRoles": list,
    "description": str,
    "displayName": str,
    "groupMembershipClaims": str,
    "identifierUris": list,
    "info": dict,
    "isFallbackPublicClient": bool,
    "keyCredentials": list,
    "notes": str,
    "optionalClaims": dict,
    "passwordCredentials": list,
    "publicClient": dict,
    "requiredResourceAccess": list,
    "serviceManagementReference": str,
    "signInAudience": str,
    "spa": dict,
    "tags": list,
    "uniqueName": str,
    "web": dict,
}
EMPTY: dict[str, Any] = {
    "description": None,
    "identifierUris": [],
    "isFallbackPublicClient": None,
    "notes": None,
    "tags": [],
    "appRoles": [],
    "api": {"oauth2PermissionScopes": []},
    "requiredResourceAccess": [],
    "web": {"redirectUris": [], "logoutUrl": None},
    "spa": {"redirectUris": []},
    "publicClient": {"redirectUris": []},
}
MAX_NAME = 256


def check_document(body: dict[str, Any]) -> dict[str, Any]:
    """The properties that are kept as sent, without the keys. Raises GraphError 400."""
    for name, value in body.items():
        if name.startswith("@"):
            continue
        if name not in WRITABLE:
            raise bad_request(f"Invalid property '{name}'.")
        if value is not None and not isinstance(value, WRITABLE[name]):
            raise bad_request(f"Cannot convert the value of property '{name}' to its expected type.")
    if body.get("passwordCredentials"):
        raise bad_request("New password credentials must be generated with service actions.")
    if body.get("signInAudience") not in AUDIENCES | {None}:
        raise bad_request(
            f"Invalid value '{body['signInAudience']}' specified for property 'signInAudience'."
        )
    if len(body.get("displayName") or "") > MAX_NAME:
        raise bad_request("Invalid value specified for property 'displayName' of resource 'Application'.")
    for platform in ("web", "spa", "publicClient"):
        _check_redirects((body.get(platform) or {}).get("redirectUris") or [])
    _check_access(body.get("requiredResourceAccess") or [])
    return {
        name: value
        for name, value in body.items()
        if not name.startswith("@") and name not in {"keyCredentials", "passwordCredentials"}
    }


def show_application(
    directory: Directory, application: Application, *, with_keys: bool = False
) -> dict[str, Any]:
    tenant = directory.tenant(application.tenant_id)
    credentials = directory.credentials
    return {
        "id": application.id,
        "deletedDateTime": application.deleted,
        "appId": application.app_id,
        "createdDateTime": application.created,
        "displayName": application.display_name,
        "publisherDomain": tenant.domain if tenant else None,
        "signInAudience": application.sign_in_audience,
        "uniqueName": application.unique_name,
        **EMPTY,
        **application.document,
        "keyCredentials": [show(key, with_key=with_keys) for key in credentials.keys(application.id)],
        "passwordCredentials": [show_password(one) for one in credentials.passwords(application.id)],
    }


def show_principal(principal: ServicePrincipal, application: Application | None) -> dict[str, Any]:
    return {
        "id": principal.id,
        "deletedDateTime": None,
        "accountEnabled": principal.enabled,
        "appId": principal.app_id,
        "appDisplayName": application.display_name if application else principal.display_name,
        "appOwnerOrganizationId": application.tenant_id if application else None,
        "createdDateTime": principal.created,
        "displayName": principal.display_name,
        "servicePrincipalNames": [principal.app_id],
        "servicePrincipalType": "Application",
        "signInAudience": application.sign_in_audience if application else None,
        "tags": [],
    }


def _check_redirects(uris: Any) -> None:
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise bad_request("redirectUris must be a collection of strings.")
    for uri in uris:
        secure = uri.startswith("https://") or ("://" in uri and not uri.startswith("http://"))
        if not (secure or uri.startswith(("http://localhost", "http://127.0.0.1"))):
            raise bad_request(
                f"The URI '{uri}' must start with https:// or http://localhost.", "InvalidReplyUrl"
            )


def _check_access(entries: list[Any]) -> None:
    for entry in entries:
        accesses = entry.get("resourceAccess") if isinstance(entry, dict) else None
        if not isinstance(accesses, list) or not isinstance(entry.get("resourceAppId"), str):
            raise bad_request("Invalid value specified for property 'requiredResourceAccess'.")
        if not all(isinstance(one, dict) and one.get("type") in {"Scope", "Role"} for one in accesses):
            raise bad_request("Invalid value specified for property 'resourceAccess'.")
