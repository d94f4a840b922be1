"""Sign-out: forget the browser's people, then return to the application if that is its registered address.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
"""

from typing import Any

import jwt
from werkzeug.wrappers import Request, Response

from sandbox.directory import Directory, Person
from sandbox.entra.authorize import away
from sandbox.entra.redirects import attach, is_registered
from sandbox.entra.visit import COOKIE, Browsers
from sandbox.pages import page


class Logout:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._sign_ins = directory.sign_ins
        self._browsers = Browsers(directory.sign_ins)

    def start(self, request: Request, segment: str) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        people = [
            person for person in map(self._directory.person, self._sign_ins.signed_in(cookie)) if person
        ]
        hinted = _hinted(request.values.get("id_token_hint", ""), request.values.get("logout_hint", ""))
        chosen = next((person for person in people if hinted & {person.oid, person.upn.lower()}), None)
        target = {
            "uri": request.values.get("post_logout_redirect_uri", ""),
            "state": request.values.get("state", ""),
        }
        if len(people) > 1 and chosen is None:
            ctx = self._sign_ins.begin(cookie, target)
            return page("logout", action=f"/{segment}/oauth2/v2.0/logout", ctx=ctx, people=people)
        return self._out(cookie, chosen or (people[0] if people else None), target)

    def choose(self, request: Request) -> Response:
        ctx, cookie, target = self._browsers.resume(request)
        self._sign_ins.end(ctx)
        return self._out(cookie, self._directory.person(request.form.get("account", "")), target)

    def _out(self, cookie: str, person: Person | None, target: dict[str, Any]) -> Response:
        if person:
            self._sign_ins.sign_out(cookie, person.oid)
        uri, state = target["uri"], target["state"]
        if uri and self._is_known(uri):
            return away(attach(uri, {"state": state}, "query") if state else uri)
        return page("done", heading="You signed out of your account", text="You may close this window now.")

    def _is_known(self, uri: str) -> bool:
        return any(
            is_registered(application, uri)
            for tenant in self._directory.people_table.tenants()
            for application in self._directory.applications.of_tenant(tenant.id)
        )


def _hinted(id_token: str, hint: str) -> set[str]:
    """Who is meant. An id token only saves a click here, so its signature does not matter."""
    names = {hint.lower()} - {""}
    try:
        claims = jwt.decode(id_token, options={"verify_signature": False})
        return names | {str(claims.get("oid", ""))}
    except (jwt.PyJWTError, ValueError):
        return names
