"""Application registrations and service principals in Microsoft Entra, through Microsoft Graph.

Entra is spread over the world and shows changes late: what a step needs from the step before may be missing for
seconds to minutes. Such answers are raised as `NotReplicated`, so that the caller waits and repeats the step.

https://learn.microsoft.com/en-us/graph/api/resources/application
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from .errors import Conflict, Duplicate, Forbidden, Invalid, MicrosoftError, NotFound, NotReplicated
from .graph_objects import Application, Key, Person, ServicePrincipal, new_key, sign_proof
from .http import Door, Governor, Response, TokenProvider
from .odata import build_url, guid, key

__all__ = ["Application", "Graph", "Key", "Person", "ServicePrincipal", "sign_proof"]

_APPLICATION = "id,appId,displayName,uniqueName,keyCredentials"
_PRINCIPAL = "id,appId,accountEnabled"


class Graph:
    """Graph as seen by whoever gives the tokens.

    Permissions: `User.Read` for `me` and `directory_roles`, `Application.ReadWrite.All` for the rest. With
    `default_scope` the tokens are an application's own, which suffices for rolling its own keys.
    """

    def __init__(
        self,
        door: Door,
        tokens: TokenProvider,
        *,
        default_scope: bool = False,
        governor: Governor | None = None,
        priority: str = "person",
    ) -> None:
        self._door = door
        self._tokens = tokens
        self._default_scope = default_scope
        self._governor = governor
        self._priority = priority

    def me(self) -> Person:
        """Who is signed in. https://learn.microsoft.com/en-us/graph/api/user-get"""
        found = self._call(
            "GET", "/me", {"$select": "id,displayName,userPrincipalName"}, permission="User.Read"
        ).json()
        return Person(
            id=found["id"],
            display_name=found.get("displayName") or "",
            upn=found.get("userPrincipalName") or "",
        )

    def directory_roles(self) -> list[str]:
        """Template ids of the person's active directory roles. Advisory: eligible ones do not show.

        https://learn.microsoft.com/en-us/graph/api/user-list-transitivememberof
        """
        relative = "/me/transitiveMemberOf/microsoft.graph.directoryRole"
        found = self._call("GET", relative, {"$select": "roleTemplateId"}, permission="User.Read").json()
        return [role["roleTemplateId"] for role in found["value"] if role.get("roleTemplateId")]

    def find_application(self, unique_name: str) -> Application | None:
        """The application with this unique name, None if there is none (or it does not show yet)."""
        try:
            found = self._call(
                "GET", f"/applications(uniqueName={key(unique_name)})", {"$select": _APPLICATION}
            )
        except NotFound:
            return None
        return Application.read(found.json())

    def application(self, object_id: str) -> Application:
        """The application with this object id. https://learn.microsoft.com/en-us/graph/api/application-get"""
        return Application.read(self._call("GET", _application(object_id), {"$select": _APPLICATION}).json())

    def ensure_application(
        self, unique_name: str, display_name: str, key_pair_der_base64: str | bytes
    ) -> tuple[Application, bool]:
        """The application with this unique name, and whether it was created now, with this certificate in it.

        An existing one is returned as it is: writing to it would replace its certificates. Compare its `keys`.
        https://learn.microsoft.com/en-us/graph/api/application-upsert
        """
        existing = self.find_application(unique_name)
        if existing is not None:
            return existing, False
        body = {
            "displayName": display_name,
            # Without this the application would be open to every tenant and to personal accounts.
            "signInAudience": "AzureADMyOrg",
            "keyCredentials": [new_key(key_pair_der_base64)],
        }
        answer = self._call(
            "PATCH",
            f"/applications(uniqueName={key(unique_name)})",
            body=body,
            headers={"Prefer": "create-if-missing"},
        )
        if answer.status == 201:
            return Application.read(answer.json()), True
        found = self.find_application(unique_name)
        if found is None:
            raise NotReplicated("The application exists but does not show yet", status=answer.status)
        return found, False

    def rename_application(self, object_id: str, display_name: str) -> None:
        """https://learn.microsoft.com/en-us/graph/api/application-update"""
        self._call("PATCH", _application(object_id), body={"displayName": display_name}, retry=True)

    def set_keys(self, object_id: str, keep: Iterable[Key], add: Iterable[str | bytes] = ()) -> Application:
        """Make the application's certificates exactly these, and return it as it is then.

        The collection is replaced as a whole, without a version check: hold a lock around reading and setting.
        Expired ones in `keep` are dropped, as Graph would refuse the whole change because of them.
        """
        kept = [key.as_kept() for key in keep if not key.is_expired()]
        self._call(
            "PATCH", _application(object_id), body={"keyCredentials": kept + [new_key(der) for der in add]}
        )
        return self.application(object_id)

    def add_key(self, object_id: str, der: str | bytes, proof: str, *, key_id: str = "") -> Key:
        """Add a certificate, proven by a current key (see `sign_proof`); an application may do so for itself.

        With `key_id` (a GUID) the key is to have that id, so that it can be named when the answer is lost.

        https://learn.microsoft.com/en-us/graph/api/application-addkey
        """
        credential = new_key(der) | ({"keyId": str(guid(key_id))} if key_id else {})
        body = {"keyCredential": credential, "passwordCredential": None, "proof": proof}
        return Key.read(self._call("POST", f"{_application(object_id)}/addKey", body=body).json())

    def remove_key(self, object_id: str, key_id: str, proof: str) -> None:
        """Remove a certificate, proven by another current key. One that is gone already is no error.

        https://learn.microsoft.com/en-us/graph/api/application-removekey
        """
        body = {"keyId": str(guid(key_id)), "proof": proof}
        try:
            self._call("POST", f"{_application(object_id)}/removeKey", body=body)
        except NotFound:
            return
        except Invalid as error:
            if "no credentials found" not in error.message.lower():
                raise

    def check_proof(self, object_id: str, proof: str) -> None:
        """Whether an application may roll its own keys under this object id. Changes nothing.

        Graph looks at the proof before it looks for the key, so the removal of one that cannot be there tells.

        Raises:
            NotFound, Forbidden, Unauthorized: the object id is not this application's, or the key is not.

        """
        body = {"keyId": str(uuid4()), "proof": proof}
        try:
            self._call("POST", f"{_application(object_id)}/removeKey", body=body)
        except Invalid as error:
            if "no credentials found" not in error.message.lower():
                raise

    def add_owner(self, object_id: str, person_id: str) -> None:
        """Make a person an owner of the application; twice is once.

        https://learn.microsoft.com/en-us/graph/api/application-post-owners
        """
        reference = {
            "@odata.id": build_url(self._door.cloud.graph, f"/v1.0/directoryObjects/{guid(person_id)}")
        }
        try:
            self._call("POST", f"{_application(object_id)}/owners/$ref", body=reference)
        except (Invalid, Conflict, Duplicate) as error:
            if "already exist" not in error.message:
                raise
        except NotFound as error:
            raise NotReplicated.instead_of(error) from None

    def delete_application(self, object_id: str) -> None:
        """Delete the application and its service principal; one that is gone already is no error.

        It stays restorable for 30 days, presumably with its keys: remove those first.
        https://learn.microsoft.com/en-us/graph/api/application-delete
        """
        try:
            self._call("DELETE", _application(object_id), retry=True)
        except NotFound:
            return

    def find_service_principal(self, app_id: str) -> ServicePrincipal | None:
        """The service principal of an application in this tenant, None if there is none (or it does not show yet)."""
        try:
            found = self._call("GET", f"/servicePrincipals(appId='{guid(app_id)}')", {"$select": _PRINCIPAL})
        except NotFound:
            return None
        return ServicePrincipal.read(found.json())

    def ensure_service_principal(self, app_id: str) -> tuple[ServicePrincipal, bool]:
        """The service principal of an application, and whether it was created now.

        https://learn.microsoft.com/en-us/graph/api/serviceprincipal-post-serviceprincipals
        """
        existing = self.find_service_principal(app_id)
        if existing is not None:
            return existing, False
        try:
            answer = self._call("POST", "/servicePrincipals", body={"appId": str(guid(app_id))})
        except (Conflict, Duplicate, Invalid, Forbidden, NotFound) as error:
            if _is_replication(error):
                raise NotReplicated.instead_of(error) from None
            existing = self.find_service_principal(app_id)
            if existing is None:
                raise
            return existing, False
        return ServicePrincipal.read(answer.json()), True

    def set_service_principal_enabled(self, principal_id: str, enabled: bool) -> None:
        """Let the application get tokens in this tenant, or stop it at once.

        https://learn.microsoft.com/en-us/graph/api/serviceprincipal-update
        """
        body = {"accountEnabled": enabled}
        self._call("PATCH", f"/servicePrincipals/{guid(principal_id)}", body=body, retry=True)

    def _call(
        self,
        method: str,
        relative: str,
        params: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        permission: str = "Application.ReadWrite.All",
        retry: bool | None = None,
    ) -> Response:
        return self._door.request(
            method,
            build_url(self._door.cloud.graph, f"/v1.0{relative}", params),
            tokens=self._tokens,
            scope=self._door.cloud.graph_scope(".default" if self._default_scope else permission),
            json=body,
            headers={"Accept": "application/json", **(headers or {})},
            governor=self._governor,
            priority=self._priority,
            retry=retry,
        )


def _application(object_id: str) -> str:
    return f"/applications/{guid(object_id)}"


def _is_replication(error: MicrosoftError) -> bool:
    """Whether the application, just created, is merely not visible yet where its principal is to be made.

    The 403 looks like a missing right and is not one.
    """
    if isinstance(error, NotFound):
        return True
    text = error.message.lower()
    return "does not reference a valid application object" in text or (
        "backing application of the service principal" in text
    )
