"""/applications/{id}/owners. https://learn.microsoft.com/graph/api/application-post-owners"""

import sqlite3

from werkzeug.wrappers import Response

from sandbox.directory import Directory
from sandbox.graph.applications import Applications
from sandbox.graph.caller import READ_APPLICATIONS
from sandbox.graph.collections import listing
from sandbox.graph.errors import bad_request, not_found
from sandbox.graph.people import show
from sandbox.graph.request import Call, nothing


class Owners:
    def __init__(self, directory: Directory, applications: Applications) -> None:
        self._directory = directory
        self._applications = applications

    def list(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        application = self._applications.find(call, call.keys[0])
        people = map(self._directory.person, self._directory.applications.owners(application.id))
        items = [{"@odata.type": "#microsoft.graph.user", **show(person)} for person in people if person]
        return listing(call, "directoryObjects", items, {"id"})

    def add(self, call: Call) -> Response:
        application = self._applications.managed(call)
        reference = call.body().get("@odata.id")
        if not isinstance(reference, str) or "/" not in reference:
            raise bad_request("The request body must contain an '@odata.id' that names a directory object.")
        person_id = reference.rstrip("/").rpartition("/")[2]
        person = self._directory.person(person_id)
        if person is None or person.tenant_id != call.tenant_id:
            raise not_found(person_id)
        try:
            self._directory.applications.add_owner(application.id, person.oid)
        except sqlite3.IntegrityError:
            raise bad_request(
                "One or more added object references already exist for the following modified properties: 'owners'."
            ) from None
        return nothing()

    def remove(self, call: Call) -> Response:
        application = self._applications.managed(call)
        person_id = call.keys[1].value
        if not self._directory.applications.remove_owner(application.id, person_id.lower()):
            raise not_found(person_id)
        return nothing()
