"""/directory/deletedItems: what was deleted within the last thirty days.

https://learn.microsoft.com/graph/api/resources/directory
"""

import sqlite3

from werkzeug.wrappers import Response

from sandbox.directory import Application, Directory, ServicePrincipal
from sandbox.directory.model import MANAGE_ALL_APPLICATIONS
from sandbox.graph.caller import READ_APPLICATIONS, WRITE_APPLICATIONS
from sandbox.graph.collections import listing
from sandbox.graph.documents import show_application, show_principal
from sandbox.graph.errors import GraphError, denied, not_found
from sandbox.graph.request import Call, answer, nothing


class RecycleBin:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def applications(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        deleted = self._directory.applications.of_tenant(call.tenant_id, deleted=True)
        items = [show_application(self._directory, application) for application in deleted]
        return listing(call, "directoryObjects", items, {"id", "appId", "displayName", "uniqueName"})

    def principals(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        deleted = self._directory.principals.of_tenant(call.tenant_id, deleted=True)
        return listing(
            call, "directoryObjects", [show_principal(one, None) for one in deleted], {"id", "appId"}
        )

    def get(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        return answer(self._shown(call, self._find(call)))

    def restore(self, call: Call) -> Response:
        """With its keys. A service principal is restored on its own."""
        item = self._restorable(call)
        table = self._directory.applications if isinstance(item, Application) else self._directory.principals
        try:
            table.restore(item.id)
        except sqlite3.IntegrityError:
            raise GraphError(
                409,
                "Request_MultipleObjectsWithSameKeyValue",
                "The object cannot be restored because one with the same unique key exists.",
            ) from None
        return answer(self._shown(call, item) | {"deletedDateTime": None})

    def purge(self, call: Call) -> Response:
        item = self._restorable(call)
        table = self._directory.applications if isinstance(item, Application) else self._directory.principals
        table.purge(item.id)
        return nothing()

    def _restorable(self, call: Call) -> Application | ServicePrincipal:
        """Raises GraphError 403 for people without an administrator's role."""
        person = call.caller.require(WRITE_APPLICATIONS)
        item = self._find(call)
        if not person.roles & MANAGE_ALL_APPLICATIONS:
            raise denied()
        return item

    def _find(self, call: Call) -> Application | ServicePrincipal:
        wanted = call.keys[0].value.lower()
        deleted: list[Application | ServicePrincipal] = [
            *self._directory.applications.of_tenant(call.tenant_id, deleted=True),
            *self._directory.principals.of_tenant(call.tenant_id, deleted=True),
        ]
        found = next((item for item in deleted if item.id == wanted), None)
        if found is None:
            raise not_found(call.keys[0].value)
        return found

    def _shown(self, call: Call, item: Application | ServicePrincipal) -> dict[str, object]:
        if isinstance(item, Application):
            shown, kind = show_application(self._directory, item), "application"
        else:
            shown, kind = show_principal(item, None), "servicePrincipal"
        return {
            "@odata.context": call.context("directoryObjects/$entity"),
            "@odata.type": f"#microsoft.graph.{kind}",
            **shown,
        }
