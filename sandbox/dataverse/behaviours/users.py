"""People and application users.

https://learn.microsoft.com/power-platform/admin/manage-application-users
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from typing import Any

from sandbox.dataverse.behaviours.base import Behaviour
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted

NON_INTERACTIVE = 4
FIXED = frozenset({"applicationid", "azureactivedirectoryobjectid"})
FROM_DIRECTORY = frozenset({"domainname", "windowsliveid"})


class UserBehaviour(Behaviour):
    """A user exists in Entra first: as a person, or as an application's service principal."""

    def before_create(self, session: Session, draft: Draft) -> None:
        values = draft.values
        values.setdefault("businessunitid", session.access.rights.business_unit_id)
        if values.get("applicationid"):
            self._application(session, values)
        else:
            self._person(session, values)
        values["organizationid"] = session.organization.environment.id

    def _application(self, session: Session, values: dict[str, Any]) -> None:
        app_id, environment = values["applicationid"], session.organization.environment
        principal = session.organization.directory.service_principal(environment.tenant_id, app_id)
        if principal is None:
            raise ApiError(
                "UserApplicationUnknown",
                f"Application with id {app_id} was not found in the directory of tenant {environment.tenant_id}.",
            )
        if _exists(session, "applicationid", app_id):
            raise ApiError(
                "DuplicateRecord", f"A user for the application {app_id} already exists in this organization."
            )
        given = values.get("azureactivedirectoryobjectid")
        if given and given != principal.id:
            raise ApiError(
                "UserColumnRestricted", "The object id is not that of the application's service principal."
            )
        tenant = session.organization.directory.tenant(environment.tenant_id)
        name = f"{app_id}@{tenant.domain if tenant else environment.tenant_id}"
        values |= {
            "azureactivedirectoryobjectid": principal.id,
            "applicationiduri": f"api://{app_id}",
            "domainname": name,
            "accessmode": NON_INTERACTIVE,
            "islicensed": 0,
        }
        # Portals show application users with a hash before their name.
        values["firstname"] = values.get("firstname") or "#"
        values["lastname"] = values.get("lastname") or principal.display_name
        values["internalemailaddress"] = values.get("internalemailaddress") or name

    def _person(self, session: Session, values: dict[str, Any]) -> None:
        people = session.organization.directory.people(session.organization.environment.tenant_id)
        wanted = values.get("azureactivedirectoryobjectid"), (values.get("domainname") or "").lower()
        person = next((p for p in people if p.oid == wanted[0] or p.upn.lower() == wanted[1]), None)
        if person is None:
            raise ApiError(
                "InvalidArgument",
                "You are attempting to create a user with a domain logon that does not exist.",
                code="0x80041D28",
            )
        if _exists(session, "azureactivedirectoryobjectid", person.oid):
            raise ApiError(
                "DuplicateRecord",
                "The specified Active Directory user already exists as a Dynamics 365 user.",
            )
        values |= {
            "azureactivedirectoryobjectid": person.oid,
            "domainname": person.upn,
            "windowsliveid": person.upn,
            "firstname": values.get("firstname") or person.given_name,
            "lastname": values.get("lastname") or person.surname,
            "internalemailaddress": values.get("internalemailaddress") or person.upn,
            "islicensed": 1,
        }

    def before_update(self, session: Session, draft: Draft, before: dict[str, Any]) -> None:
        values = draft.values
        for name in FIXED & values.keys():
            if values[name] != before[name]:
                raise ApiError(
                    "UserColumnRestricted",
                    f"The attribute '{name}' of an application user cannot be changed.",
                )
        for name in FROM_DIRECTORY & values.keys():
            values[name] = before[name]
        disabling = values.get("isdisabled")
        if disabling is not None and disabling != before["isdisabled"]:
            session.access.demand("prvDisableUser")
            if disabling and before["systemuserid"] == session.access.user_id:
                raise ApiError("InvalidArgument", "You cannot disable yourself.", code="0x80041D31")

    def before_delete(self, session: Session, record_id: str, row: dict[str, Any]) -> None:
        if not row["isdisabled"] or not row["applicationid"]:
            raise ApiError(
                "InvalidArgument", "Only disabled application users can be deleted.", code="0x80041D48"
            )
        for entity in session.snapshot.entities.values():
            if entity.has_owner and _owns(session, entity.name, record_id):
                raise ApiError(
                    "CannotDeleteReferenced",
                    f"The user owns records of '{entity.name}' and cannot be deleted before they are reassigned.",
                )
        session.connection.execute("DELETE FROM usersettings WHERE systemuserid = ?", (record_id,))


def _exists(session: Session, column: str, value: str) -> bool:
    found = session.connection.execute(f"SELECT 1 FROM systemuser WHERE {quoted(column)} = ?", (value,))
    return found.fetchone() is not None


def _owns(session: Session, table: str, user_id: str) -> bool:
    found = session.connection.execute(f"SELECT 1 FROM {quoted(table)} WHERE ownerid = ? LIMIT 1", (user_id,))
    return found.fetchone() is not None
