"""A person's way from an application to its answer: account, second proof, consent.

Each page posts the id of its interaction, which belongs to one browser; so another site can
neither fill a page in nor accept in somebody's name.
"""

import uuid

from werkzeug.wrappers import Request, Response

from sandbox.clock import Clock
from sandbox.directory import Application, Directory, Person, Tenant
from sandbox.directory.model import GRAPH_APP_ID
from sandbox.entra.authorize import AuthorizeRequest
from sandbox.entra.claims import wants_second_factor
from sandbox.entra.clients import Clients
from sandbox.entra.consent import Consent
from sandbox.entra.errors import EntraError, Occurrence, missing
from sandbox.entra.grants import second_factor_needed, without_consent
from sandbox.entra.issuing import client_info
from sandbox.entra.redirects import is_registered
from sandbox.entra.scopes import Scopes
from sandbox.entra.screens import Screens
from sandbox.entra.visit import Browsers, Visit

# The older endpoint names no scopes: it means whatever the registration declares.
DEFAULT_OF_GRAPH = f"{GRAPH_APP_ID}/.default"


class Journeys:
    def __init__(self, directory: Directory, clock: Clock, clients: Clients, scopes: Scopes) -> None:
        self._directory = directory
        self._clock = clock
        self._clients = clients
        self._scopes = scopes
        self._sign_ins = directory.sign_ins
        self._browsers = Browsers(directory.sign_ins)
        self._consent = Consent(directory, scopes)
        self._screens = Screens(directory)

    def start(self, request: Request, segment: str, tenant: Tenant | None) -> Response:
        """The authorize endpoint. EntraErrors that leave it are for a page: the application may be a fake."""
        wish = AuthorizeRequest.read(request.values)
        return self._begin(request, "authorize", wish, segment, tenant)

    def start_admin_consent(self, request: Request, segment: str, tenant: Tenant | None) -> Response:
        """https://learn.microsoft.com/entra/identity-platform/v2-admin-consent"""
        values = {**request.values.to_dict(), "response_type": "code", "response_mode": "query", "prompt": ""}
        values.setdefault("scope", DEFAULT_OF_GRAPH)
        return self._begin(request, "admin", AuthorizeRequest.read(values), segment, tenant)

    def choose(self, request: Request) -> Response:
        """An account was picked or typed."""
        visit = self._resume(request)
        typed = request.form.get("username", "")
        picked = request.form.get("account", "")
        people = self._directory.people_table
        person = people.by_upn(typed) if typed else people.person(picked)
        if person is None:
            problem = f"AADSTS50034: The user account {typed or picked} does not exist in this directory."
            return self._screens.accounts(visit, problem)
        problem = unwelcome(person, visit)
        if problem:
            return self._screens.accounts(visit, problem)
        self._sign_ins.sign_in(visit.cookie, person.oid)
        visit.person = person.oid
        return self._advance(visit)

    def prove(self, request: Request) -> Response:
        """The second factor was approved or not."""
        visit = self._resume(request)
        if request.form.get("decision") != "approve":
            text = "Authentication failed during strong authentication request."
            return self._refuse(visit, EntraError(500121, "access_denied", text))
        visit.mfa = True
        return self._advance(visit)

    def decide(self, request: Request) -> Response:
        """Consent was given, refused, or left to somebody else."""
        visit = self._resume(request)
        decision = request.form.get("decision")
        person = self._directory.person(visit.person)
        if decision == "other" or person is None:
            visit.person = ""
            return self._advance(visit)
        try:
            blocked = self._consent.needs_administrator(self._consent.lacking(visit, person), visit, person)
            if decision == "accept" and not blocked:
                everybody = request.form.get("for_everybody") == "1"
                self._consent.grant(visit, person, for_everybody=everybody)
                visit.consented = True
                return self._advance(visit)
        except EntraError as error:
            return self._refuse(visit, error)
        if blocked:
            return self._refuse(visit, _admin_needed(visit.application))
        declined = EntraError(65004, "access_denied", "User declined to consent to access the app.")
        return self._refuse(visit, declined, error_subcode="cancel")

    def _begin(
        self, request: Request, kind: str, wish: AuthorizeRequest, segment: str, tenant: Tenant | None
    ) -> Response:
        application = self._known_application(wish, tenant)
        cookie, is_new = self._browsers.cookie(request)
        visit = Visit(kind, wish, application, segment, tenant, cookie)
        try:
            wish.check()
            # Nobody is known yet; a scope that no tenant has is refused before anybody signs in.
            self._scopes.parse(wish.scope, tenant.id if tenant else None, application)
            person = self._signed_in(visit)
            visit.person = person.oid if person else ""
            if wish.prompt == "none":
                response = self._silently(visit, person)
            else:
                visit.ctx = self._sign_ins.begin(cookie, visit.document())
                response = self._advance(visit)
        except EntraError as error:
            response = self._refuse(visit, error)
        return self._browsers.remember(response, cookie) if is_new else response

    def _resume(self, request: Request) -> Visit:
        ctx, cookie, document = self._browsers.resume(request)
        tenant = self._directory.tenant(document.pop("tenant"))
        wish = AuthorizeRequest(**document.pop("wish"))
        application = self._clients.find(wish.client_id, tenant)
        return Visit(wish=wish, application=application, tenant=tenant, cookie=cookie, ctx=ctx, **document)

    def _known_application(self, wish: AuthorizeRequest, tenant: Tenant | None) -> Application:
        application = self._clients.find(wish.client_id, tenant)
        if not wish.redirect_uri:
            raise missing("redirect_uri")
        if not is_registered(application, wish.redirect_uri):
            raise EntraError(
                50011,
                "invalid_request",
                f"The redirect URI '{wish.redirect_uri}' specified in the request does not match the redirect URIs "
                f"configured for the application '{application.app_id}'. Make sure the redirect URI sent in the "
                "request matches one added to your application in the Azure portal.",
            )
        return application

    def _signed_in(self, visit: Visit) -> Person | None:
        """The one person this can only mean, if there is one."""
        if visit.wish.prompt in {"login", "select_account"}:
            return None
        people = [self._directory.person(oid) for oid in self._sign_ins.signed_in(visit.cookie)]
        hint = visit.wish.login_hint.lower()
        fitting = [
            person
            for person in people
            if person and not unwelcome(person, visit) and hint in {"", person.upn.lower()}
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _silently(self, visit: Visit, person: Person | None) -> Response:
        if person is None:
            text = "A silent sign-in request was sent but no user is signed in."
            raise EntraError(50058, "login_required", text)
        if self._consent.lacking(visit, person):
            raise without_consent(visit.application, "consent_required")
        services = self._consent.services(visit, person)
        if wants_second_factor(self._directory, services, visit.wish.claims):
            raise second_factor_needed(next(iter(services), "graph"), visit.wish.claims)
        return self._finish(visit, person)

    def _advance(self, visit: Visit) -> Response:
        """Show the next page that is needed, or answer the application."""
        self._sign_ins.update(visit.ctx, visit.document())
        person = self._directory.person(visit.person)
        if person is None:
            return self._screens.accounts(visit)
        try:
            services = self._consent.services(visit, person)
            if not visit.mfa and wants_second_factor(self._directory, services, visit.wish.claims):
                return self._screens.proof(visit, person)
            page = self._consent_page(visit, person)
            if page:
                return page
            self._sign_ins.end(visit.ctx)
            return self._finish(visit, person)
        except EntraError as error:
            return self._refuse(visit, error)

    def _consent_page(self, visit: Visit, person: Person) -> Response | None:
        if visit.consented:
            return None
        lacking = self._consent.lacking(visit, person)
        if visit.kind == "authorize" and not lacking and visit.wish.prompt != "consent":
            return None
        if self._consent.needs_administrator(lacking, visit, person):
            return self._screens.approval(visit, person, lacking or self._consent.asked(visit, person))
        return self._screens.consent(visit, person, lacking or self._consent.asked(visit, person))

    def _finish(self, visit: Visit, person: Person) -> Response:
        wish = visit.wish
        if visit.kind == "admin":
            return wish.answer({"admin_consent": "True", "tenant": person.tenant_id, "scope": wish.scope})
        home = visit.tenant or self._directory.tenant(person.tenant_id)
        if home:
            self._clients.principal(visit.application, home)
        code = self._sign_ins.new_code(
            {
                "person": person.oid,
                "app_id": visit.application.app_id,
                "tenant": person.tenant_id,
                "redirect_uri": wish.redirect_uri,
                "scope": wish.scope,
                "nonce": wish.nonce,
                "code_challenge": wish.code_challenge,
                "code_challenge_method": wish.code_challenge_method,
                "mfa": visit.mfa,
            }
        )
        answer = {"code": code, "session_state": str(uuid.uuid4())}
        if wish.client_info == "1":
            answer["client_info"] = client_info(person)
        return wish.answer(answer)

    def _refuse(self, visit: Visit, error: EntraError, **more: str) -> Response:
        self._sign_ins.end(visit.ctx)
        return visit.wish.refuse(error, Occurrence.now(self._clock.now()), **more)


def unwelcome(person: Person, visit: Visit) -> str:
    """Why this person cannot sign in here; '' if they can."""
    if not person.enabled:
        return "AADSTS50057: The user account is disabled."
    if visit.tenant and person.tenant_id != visit.tenant.id:
        return (
            f"AADSTS50020: User account '{person.upn}' from identity provider does not exist in tenant "
            f"'{visit.tenant.name}' and cannot access the application "
            f"'{visit.application.app_id}'({visit.application.display_name}) in that tenant. Sign out and sign in "
            "again with a different user account."
        )
    return ""


def _admin_needed(application: Application) -> EntraError:
    return EntraError(
        90094,
        "access_denied",
        f"Admin consent is required for the permissions requested by this application. {application.display_name} "
        "needs permission to access resources in your organization that only an admin can grant.",
    )
