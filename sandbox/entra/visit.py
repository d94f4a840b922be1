"""One person's way through the pages, as it is remembered between two requests."""

from dataclasses import asdict, dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.directory import Application, Tenant
from sandbox.directory.sign_ins import SignIns
from sandbox.entra.authorize import AuthorizeRequest
from sandbox.entra.errors import EntraError

COOKIE = "sandbox_browser"


@dataclass(slots=True)
class Visit:
    """`kind` is authorize or admin (tenant-wide consent). `tenant` None is common or organizations."""

    kind: str
    wish: AuthorizeRequest
    application: Application
    segment: str
    tenant: Tenant | None
    cookie: str
    ctx: str = ""
    person: str = ""
    mfa: bool = False
    consented: bool = False

    @property
    def action(self) -> str:
        """Where the forms of this visit post to, before the page's own name."""
        return f"/{self.segment}/oauth2/v2.0"

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "wish": asdict(self.wish),
            "segment": self.segment,
            "tenant": self.tenant.id if self.tenant else "",
            "person": self.person,
            "mfa": self.mfa,
            "consented": self.consented,
        }


class Browsers:
    """The cookie that tells one browser from another."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins

    def cookie(self, request: Request) -> tuple[str, bool]:
        """The browser's cookie and whether it is a new one."""
        known = request.cookies.get(COOKIE, "")
        if known and self._sign_ins.browser_exists(known):
            return known, False
        return self._sign_ins.new_browser(), True

    def resume(self, request: Request) -> tuple[str, str, dict[str, Any]]:
        """Interaction id, cookie and document. Raises EntraError if this browser did not begin it."""
        ctx, cookie = request.form.get("ctx", ""), request.cookies.get(COOKIE, "")
        document = self._sign_ins.resume(ctx, cookie)
        if document is None:
            raise EntraError(
                50089,
                "invalid_request",
                "Authentication failed due to flow token expired. Go back to the application and sign in again; the "
                "browser must accept cookies.",
            )
        return ctx, cookie, document

    @staticmethod
    def remember(response: Response, cookie: str) -> Response:
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", path="/")
        return response
