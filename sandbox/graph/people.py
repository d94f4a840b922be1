"""/me, /users, /organization and the policy that says what members may do."""

from typing import Any

from werkzeug.wrappers import Response

from sandbox.directory import Directory, Person
from sandbox.directory.cast import identifier
from sandbox.directory.model import ROLE_NAMES
from sandbox.graph.collections import listing
from sandbox.graph.errors import bad_request, denied, not_found
from sandbox.graph.odata import check_options, select
from sandbox.graph.request import Call, answer

READ_SELF = {"User.Read", "User.ReadBasic.All", "Directory.Read.All"}
READ_OTHERS = {"User.ReadBasic.All", "Directory.Read.All"}
READ_ORGANIZATION = {"User.Read", "Organization.Read.All", "Directory.Read.All"}


class People:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def me(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/user-get"""
        person = _myself(call)
        check_options(call.query)
        return answer({"@odata.context": call.context("users/$entity"), **select(show(person), call.query)})

    def my_roles(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/user-list-transitivememberof"""
        person = _myself(call)
        roles = [
            {
                "@odata.type": "#microsoft.graph.directoryRole",
                "id": identifier("role", person.tenant_id, template),
                "deletedDateTime": None,
                "description": ROLE_NAMES.get(template, template),
                "displayName": ROLE_NAMES.get(template, template),
                "roleTemplateId": template,
            }
            for template in sorted(person.roles)
        ]
        if "microsoft.graph.directoryRole" in call.request.path:
            roles = [{name: value for name, value in role.items() if name[0] != "@"} for role in roles]
        return listing(call, "directoryObjects", roles, {"id", "displayName", "roleTemplateId"})

    def list(self, call: Call) -> Response:
        call.caller.require(READ_OTHERS)
        people = [show(person) for person in self._directory.people(call.tenant_id)]
        return listing(call, "users", people, {"id", "userPrincipalName", "displayName", "mail"})

    def get(self, call: Call) -> Response:
        key = call.keys[0]
        person = self._directory.person(key.value) or self._directory.people_table.by_upn(key.value)
        reader = call.caller.require(READ_SELF)
        if person is None or person.tenant_id != call.tenant_id:
            raise not_found(key.value)
        if person.oid != reader.oid:
            call.caller.require(READ_OTHERS)
        check_options(call.query)
        return answer({"@odata.context": call.context("users/$entity"), **select(show(person), call.query)})

    def organization(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/organization-list"""
        call.caller.require(READ_ORGANIZATION)
        tenant = self._directory.tenant(call.tenant_id)
        if tenant is None:
            raise denied()
        domain = {"name": tenant.domain, "isDefault": True, "isInitial": True, "type": "Managed"}
        item: dict[str, Any] = {
            "id": tenant.id,
            "displayName": tenant.name,
            "tenantType": "AAD",
            "verifiedDomains": [domain],
        }
        return listing(call, "organization", [item], {"id", "displayName"})

    def authorization_policy(self, call: Call) -> Response:
        """https://learn.microsoft.com/graph/api/authorizationpolicy-get"""
        call.caller.require({"Policy.Read.All"})
        tenant = self._directory.tenant(call.tenant_id)
        item = {
            "id": "authorizationPolicy",
            "displayName": "Authorization Policy",
            "defaultUserRolePermissions": {
                "allowedToCreateApps": tenant is not None and tenant.members_may_register,
                "allowedToCreateSecurityGroups": True,
                "allowedToReadOtherUsers": True,
            },
        }
        shown = select(item, call.query)
        return answer({"@odata.context": call.context("policies/authorizationPolicy/$entity"), **shown})


def show(person: Person) -> dict[str, Any]:
    return {
        "businessPhones": [],
        "displayName": person.display_name,
        "givenName": person.given_name,
        "jobTitle": person.job_title,
        "mail": person.upn,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-US",
        "surname": person.surname,
        "userPrincipalName": person.upn,
        "id": person.oid,
    }


def _myself(call: Call) -> Person:
    if call.caller.claims.is_application:
        raise bad_request("/me request is only valid with delegated authentication flow.", "BadRequest")
    return call.caller.require(READ_SELF)
