"""The pages of a visit, filled in."""

from typing import Any

from werkzeug.wrappers import Response

from sandbox.directory import Directory, Person
from sandbox.entra.consent import Names, permissions
from sandbox.entra.visit import Visit
from sandbox.pages import page


class Screens:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def accounts(self, visit: Visit, problem: str = "") -> Response:
        """Who may be meant: narrowed by the tenant, the login hint and the domain hint."""
        tenants = {tenant.id: tenant for tenant in self._directory.people_table.tenants()}
        signed_in = set(self._directory.sign_ins.signed_in(visit.cookie))
        people = self._directory.people(visit.tenant.id if visit.tenant else None)
        hint = visit.wish.login_hint.lower()
        if any(person.upn.lower() == hint for person in people) and not problem:
            people = [person for person in people if person.upn.lower() == hint]
        domain = visit.wish.domain_hint.lower()
        if domain in {tenant.domain for tenant in tenants.values()}:
            people = [person for person in people if tenants[person.tenant_id].domain == domain]
        return page(
            "account",
            application=visit.application.display_name,
            action=f"{visit.action}/account",
            ctx=visit.ctx,
            problem=problem,
            people=[
                {
                    "oid": person.oid,
                    "upn": person.upn,
                    "display_name": person.display_name,
                    "given_name": person.given_name,
                    "surname": person.surname,
                    "job_title": person.job_title,
                    "tenant": tenants[person.tenant_id].name,
                    "signed_in": person.oid in signed_in,
                }
                for person in people
            ],
        )

    def proof(self, visit: Visit, person: Person) -> Response:
        return page("proof", action=f"{visit.action}/proof", ctx=visit.ctx, person=person)

    def consent(self, visit: Visit, person: Person, names: Names) -> Response:
        return page(
            "consent",
            **self._of_application(visit, person, names),
            for_everybody=visit.kind == "admin",
            may_consent_for_all=visit.kind == "authorize" and person.is_administrator,
        )

    def approval(self, visit: Visit, person: Person, names: Names) -> Response:
        """Only what a member cannot agree to; if it is all of that kind, all of it."""
        context = self._of_application(visit, person, names)
        reserved = [permission for permission in context["permissions"] if permission.admin_only]
        return page("approval", **context | {"permissions": reserved or context["permissions"]})

    def _of_application(self, visit: Visit, person: Person, names: Names) -> dict[str, Any]:
        publisher = self._directory.tenant(visit.application.tenant_id)
        tenant = self._directory.tenant(person.tenant_id)
        return {
            "action": f"{visit.action}/consent",
            "ctx": visit.ctx,
            "person": person,
            "application": visit.application.display_name,
            "publisher": publisher.domain if publisher else "",
            "tenant": tenant.name if tenant else "",
            "permissions": permissions(names),
        }
