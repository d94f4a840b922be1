"""/applications. https://learn.microsoft.com/graph/api/resources/application"""

import sqlite3
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from sandbox.directory import Application, Directory
from sandbox.graph import proof
from sandbox.graph.caller import (
    CREATE_APPLICATIONS,
    READ_APPLICATIONS,
    WRITE_APPLICATIONS,
    check_may_manage,
    check_may_register,
)
from sandbox.graph.collections import listing
from sandbox.graph.documents import check_document, show_application
from sandbox.graph.errors import GraphError, bad_request, denied, not_found
from sandbox.graph.keys import DEFAULT_LIFE, Keys, read_moment, show, show_password
from sandbox.graph.odata import check_options, select
from sandbox.graph.request import Call, Key, answer, nothing

FILTERABLE = {
    "id",
    "appId",
    "displayName",
    "uniqueName",
    "signInAudience",
    "publisherDomain",
    "createdDateTime",
}


class Applications:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._table = directory.applications

    def list(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        items = [self._shown(application) for application in self._table.of_tenant(call.tenant_id)]
        return listing(call, "applications", items, FILTERABLE)

    def get(self, call: Call) -> Response:
        call.caller.require(READ_APPLICATIONS)
        check_options(call.query)
        application = self.find(call, call.keys[0])
        # The public keys themselves are shown only to those who ask for them.
        item = self._shown(application, with_keys="keyCredentials" in call.query.get("$select", ""))
        chosen = select(item, call.query)
        return answer({"@odata.context": call.context("applications/$entity"), **chosen})

    def create(self, call: Call) -> Response:
        person = call.caller.require(CREATE_APPLICATIONS)
        check_may_register(self._directory, person)
        return self._create(call, call.body(), unique_name=None)

    def patch(self, call: Call) -> Response:
        """By id, or by uniqueName with `Prefer: create-if-missing`.

        https://learn.microsoft.com/graph/api/application-upsert
        """
        key = call.keys[0]
        body = call.body()
        if key.name == "uniqueName":
            # The primary copy decides whether it exists, so a second call is told 204 at once.
            existing = self._table.exists(tenant_id=call.tenant_id, unique_name=key.value)
            if existing is None and call.prefers("create-if-missing"):
                return self._upsert(call, key, body)
            if existing is not None and call.prefers("create-if-missing"):
                return self._change(call, existing, body)
        return self._change(call, self.find(call, key), body)

    def delete(self, call: Call) -> Response:
        application = self._managed(call)
        with self._directory.database.write():
            self._table.delete(application)
            self._directory.consents.revoke(app_id=application.app_id)
        return nothing()

    def add_key(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/application-addkey"""
        application = self._own(call)
        body = call.body()
        proof.check(body.get("proof"), application, self._directory, issuers={application.id})
        key = self._keys().read(body.get("keyCredential"))
        credentials = self._directory.credentials
        with self._directory.database.write():
            present = credentials.keys(application.id)
            credentials.replace_keys(application.id, [*present, key])
        return answer({"@odata.context": call.context("microsoft.graph.keyCredential"), **show(key)})

    def remove_key(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/application-removekey"""
        application = self._own(call)
        body = call.body()
        proof.check(body.get("proof"), application, self._directory, issuers={application.id})
        credentials = self._directory.credentials
        with self._directory.database.write():
            present = credentials.keys(application.id)
            kept = [key for key in present if key.key_id != str(body.get("keyId")).lower()]
            if len(kept) == len(present):
                raise bad_request("No credentials found to be removed.")
            credentials.replace_keys(application.id, kept)
        return nothing()

    def add_password(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/application-addpassword"""
        application = self._managed(call)
        wanted = call.body().get("passwordCredential") or {}
        if not isinstance(wanted, dict):
            raise bad_request("passwordCredential must be an object.")
        now = self._directory.clock.timestamp()
        end = read_moment(wanted["endDateTime"]) if wanted.get("endDateTime") else now + 2 * DEFAULT_LIFE
        if end <= now:
            raise GraphError(
                400, "PasswordCredentialsInvalidEndDate", "Password credential end date is invalid."
            )
        name = wanted.get("displayName")
        if name is not None and not isinstance(name, str):
            raise bad_request("displayName must be a string.")
        password, secret = self._directory.credentials.add_password(application.id, name, end)
        shown = show_password(password, secret)
        return answer({"@odata.context": call.context("microsoft.graph.passwordCredential"), **shown})

    def remove_password(self, call: Call) -> Response:
        application = self._managed(call)
        if not self._directory.credentials.remove_password(
            application.id, str(call.body().get("keyId")).lower()
        ):
            raise bad_request("No password credential found with keyId.")
        return nothing()

    def find(self, call: Call, key: Key) -> Application:
        """Raises GraphError 404 for what is not there, or not there yet."""
        application = None
        if key.name == "id":
            application = self._table.get(call.tenant_id, key.value)
        elif key.name == "appId":
            application = self._table.by_app_id(key.value)
        elif key.name == "uniqueName":
            application = self._table.by_unique_name(call.tenant_id, key.value)
        else:
            raise bad_request(
                f"The key property '{key.name}' is not defined on 'microsoft.graph.application'."
            )
        if application is None or application.tenant_id != call.tenant_id:
            raise not_found(key.value)
        return application

    def managed(self, call: Call) -> Application:
        """The application in the path, if the caller may change it."""
        return self._managed(call)

    def _managed(self, call: Call) -> Application:
        person = call.caller.require(WRITE_APPLICATIONS)
        application = self.find(call, call.keys[0])
        check_may_manage(self._directory, person, application)
        return application

    def _own(self, call: Call) -> Application:
        """An application rolls its own keys, and nobody else's; no person does it this way."""
        application = self.find(call, call.keys[0])
        if not call.caller.claims.is_application or call.caller.claims.appid != application.app_id:
            raise denied()
        return application

    def _upsert(self, call: Call, key: Key, body: dict[str, Any]) -> Response:
        person = call.caller.require(WRITE_APPLICATIONS)
        check_may_register(self._directory, person)
        if body.get("uniqueName", key.value) != key.value:
            raise bad_request("The property 'uniqueName' does not match the key in the URL.")
        try:
            return self._create(call, {**body, "uniqueName": key.value}, unique_name=key.value)
        except sqlite3.IntegrityError:
            # Somebody else created it between the look and the leap.
            existing = self._table.exists(tenant_id=call.tenant_id, unique_name=key.value)
            if existing is None:
                raise
            return self._change(call, existing, body)

    def _create(self, call: Call, body: dict[str, Any], unique_name: str | None) -> Response:
        document = check_document(body)
        if not document.get("displayName"):
            raise bad_request("A value is required for property 'displayName' of resource 'Application'.")
        keys = self._keys().replace(body.get("keyCredentials") or [], [])
        name = unique_name or document.get("uniqueName")
        person = call.caller.person
        with self._directory.database.write():
            try:
                application = self._table.create(
                    call.tenant_id,
                    document.pop("displayName"),
                    unique_name=name,
                    sign_in_audience=document.pop("signInAudience", None)
                    or "AzureADandPersonalMicrosoftAccount",
                    document={key: value for key, value in document.items() if key != "uniqueName"},
                    delay=self._directory.settings.replication_delay,
                )
            except sqlite3.IntegrityError:
                if unique_name:
                    raise
                raise _taken("uniqueName") from None
            self._directory.credentials.replace_keys(application.id, keys)
            if person:
                self._table.add_owner(application.id, person.oid)
        context = call.context("applications/$entity")
        return answer({"@odata.context": context, **self._shown(application)}, 201)

    def _change(self, call: Call, application: Application, body: dict[str, Any]) -> Response:
        person = call.caller.require(WRITE_APPLICATIONS)
        check_may_manage(self._directory, person, application)
        document = check_document(body)
        if document.get("uniqueName", application.unique_name) != application.unique_name:
            raise bad_request("Property 'uniqueName' is read-only and cannot be set.")
        document.pop("uniqueName", None)
        changed = replace(
            application,
            display_name=document.pop("displayName", None) or application.display_name,
            sign_in_audience=document.pop("signInAudience", None) or application.sign_in_audience,
            document=application.document | document,
        )
        credentials = self._directory.credentials
        with self._directory.database.write():
            if "keyCredentials" in body:
                keys = self._keys().replace(body["keyCredentials"] or [], credentials.keys(application.id))
                credentials.replace_keys(application.id, keys)
            self._table.save(changed)
        return nothing()

    def _keys(self) -> Keys:
        return Keys(self._directory.clock.timestamp(), self._directory.settings.replication_delay)

    def _shown(self, application: Application, *, with_keys: bool = False) -> dict[str, Any]:
        return show_application(self._directory, application, with_keys=with_keys)


def _taken(name: str) -> GraphError:
    return GraphError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        f"Another object with the same value for property {name} already exists.",
        [{"code": "ObjectConflict", "message": f"The value of {name} is in use.", "target": name}],
    )
