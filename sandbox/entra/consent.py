"""What an application asks for, what is still to be agreed to, and by whom."""

from sandbox.directory import Directory, Person
from sandbox.directory.consents import EVERYBODY
from sandbox.entra.permissions import BY_RESOURCE, GRAPH, OPENID, Permission
from sandbox.entra.scopes import ScopeRequest, Scopes
from sandbox.entra.visit import Visit

Names = dict[str, list[str]]  # resource app id → scope names


class Consent:
    def __init__(self, directory: Directory, scopes: Scopes) -> None:
        self._directory = directory
        self._scopes = scopes

    def request(self, visit: Visit, person: Person) -> ScopeRequest:
        """Raises EntraError if a scope makes no sense in the person's tenant."""
        return self._scopes.parse(visit.wish.scope, person.tenant_id, visit.application)

    def services(self, visit: Visit, person: Person) -> set[str]:
        return {resource.service for resource in self.request(visit, person).resources}

    def lacking(self, visit: Visit, person: Person) -> Names:
        """What this person, or for an administrator's consent the whole tenant, has yet to agree to."""
        whom = EVERYBODY if visit.kind == "admin" else person.oid
        return self._scopes.missing_consent(
            self.request(visit, person), visit.application, person.tenant_id, whom
        )

    def asked(self, visit: Visit, person: Person) -> Names:
        """Everything the request names, agreed to or not."""
        return self._scopes.asked(
            self.request(visit, person), visit.application, person.tenant_id, person.oid
        )

    def needs_administrator(self, lacking: Names, visit: Visit, person: Person) -> bool:
        if person.is_administrator:
            return False
        return visit.kind == "admin" or any(one.admin_only for one in permissions(lacking))

    def grant(self, visit: Visit, person: Person, *, for_everybody: bool) -> None:
        """Record the agreement; the application enters the tenant with the first one."""
        everybody = visit.kind == "admin" or (for_everybody and person.is_administrator)
        tenant_id, application = person.tenant_id, visit.application
        with self._directory.database.write():
            if not self._directory.principals.exists(tenant_id, application.app_id):
                self._directory.principals.create(tenant_id, application.app_id, application.display_name)
            whom = EVERYBODY if everybody else person.oid
            for resource, names in self.asked(visit, person).items():
                self._directory.consents.grant(tenant_id, whom, application.app_id, resource, names)


def permissions(names: Names) -> list[Permission]:
    """For the page: what matters most first, so Graph's sign-in basics come last."""
    found = [BY_RESOURCE[resource][name] for resource, scopes in names.items() for name in scopes]
    return sorted(found, key=lambda one: (not one.admin_only, one.title in _BASICS))


_BASICS = {GRAPH[name].title for name in OPENID}
