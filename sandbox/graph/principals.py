"""/servicePrincipals. https://learn.microsoft.com/graph/api/resources/serviceprincipal"""

import sqlite3

from werkzeug.wrappers import Response

from sandbox.directory import Application, Directory, ServicePrincipal
from sandbox.graph.caller import READ_APPLICATIONS, WRITE_APPLICATIONS, check_may_manage
from sandbox.graph.collections import listing
from sandbox.graph.documents import show_principal
from sandbox.graph.errors import GraphError, bad_request, denied, not_found
from sandbox.graph.odata import check_options, select
from sandbox.graph.request import Call, Key, answer, nothing

FILTERABLE = {"id", "appId", "displayName", "servicePrincipalType", "accountEnabled"}
CHANGEABLE = {"accountEnabled": bool, "displayName": str, "tags": list, "notes": str}


class Principals:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._table = directory.principals

    def list(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        items = [self._shown(principal) for principal in self._table.of_tenant(call.tenant_id)]
        return listing(call, "servicePrincipals", items, FILTERABLE)

    def get(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        check_options(call.query)
        shown = select(self._shown(self._find(call, call.keys[0])), call.query)
        return answer({"@odata.context": call.context("servicePrincipals/$entity"), **shown})

    def create(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals"""
        person = call.caller.require(WRITE_APPLICATIONS)
        app_id = call.body().get("appId")
        if not isinstance(app_id, str):
            raise bad_request("A value is required for property 'appId' of resource 'ServicePrincipal'.")
        application = self._backing(app_id, call.tenant_id)
        if application.tenant_id == call.tenant_id or not person.is_administrator:
            check_may_manage(self._directory, person, application)
        delay = self._directory.settings.replication_delay
        try:
            principal = self._table.create(
                call.tenant_id, application.app_id, application.display_name, delay
            )
        except sqlite3.IntegrityError:
            raise _taken(app_id) from None
        context = call.context("servicePrincipals/$entity")
        return answer({"@odata.context": context, **self._shown(principal)}, 201)

    def patch(self, call: Call) -> Response:
        principal = self._managed(call)
        body = call.body()
        for name, value in body.items():
            if name not in CHANGEABLE and not name.startswith("@"):
                raise bad_request(f"Invalid property '{name}'.")
            if name in CHANGEABLE and not isinstance(value, CHANGEABLE[name]):
                raise bad_request(f"Cannot convert the value of property '{name}' to its expected type.")
        self._table.change(
            principal.id, enabled=body.get("accountEnabled"), display_name=body.get("displayName")
        )
        return nothing()

    def delete(self, call: Call) -> Response:
        principal = self._managed(call)
        with self._directory.database.write():
            self._table.delete(principal.id)
            self._directory.consents.revoke(app_id=principal.app_id)
        return nothing()

    def _find(self, call: Call, key: Key) -> ServicePrincipal:
        if key.name not in {"id", "appId"}:
            raise bad_request(
                f"The key property '{key.name}' is not defined on 'microsoft.graph.servicePrincipal'."
            )
        by_id = key.name == "id"
        find = self._table.get if by_id else self._table.find
        principal = find(call.tenant_id, key.value)
        if principal is None:
            raise not_found(key.value)
        return principal

    def _managed(self, call: Call) -> ServicePrincipal:
        person = call.caller.require(WRITE_APPLICATIONS)
        principal = self._find(call, call.keys[0])
        application = self._directory.applications.by_app_id(principal.app_id)
        if application is not None and application.tenant_id == call.tenant_id:
            check_may_manage(self._directory, person, application)
        elif not person.is_administrator:
            raise denied()
        return principal

    def _backing(self, app_id: str, tenant_id: str) -> Application:
        """The application behind a new principal. While it replicates, Graph says one untruth after another."""
        application = self._directory.applications.by_app_id(app_id)
        if application and (application.tenant_id == tenant_id or application.is_multi_tenant):
            return application
        coming = self._directory.applications.exists(app_id=app_id)
        if coming and coming.tenant_id == tenant_id:
            left = coming.visible_at - self._directory.clock.timestamp()
            if left < self._directory.settings.replication_delay / 2:
                raise GraphError(
                    403,
                    "Authorization_RequestDenied",
                    "When using this permission, the backing application of the service principal being created must "
                    "in the local tenant",
                )
        message = (
            f"The appId '{app_id}' of the service principal does not reference a valid application object."
        )
        raise GraphError(
            400,
            "Request_BadRequest",
            message,
            [{"code": "NoBackingApplicationObject", "message": message, "target": "appId"}],
        )

    def _shown(self, principal: ServicePrincipal) -> dict[str, object]:
        return show_principal(principal, self._directory.applications.by_app_id(principal.app_id))


def _taken(app_id: str) -> GraphError:
    return GraphError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        "The service principal cannot be created, updated, or restored because the service principal name "
        f"{app_id} is already in use.",
        [
            {
                "code": "ConflictingObjects",
                "message": "The service principal name is in use.",
                "target": "appId",
            }
        ],
    )
