"""What a person reads when a round trip to Microsoft did not end well, and the one button that goes on from there."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from social_core.exceptions import AuthSessionError, SocialAuthBaseException

from accounts.wanted import Wanted
from core.cloud import cloud
from core.problems import NotPermitted, Problem, Remedy, Unavailable, problem_from
from microsoft.errors import AdminConsentRequired, ConsentRequired, InteractionRequired, MicrosoftError

ADMIN_CONSENT_STATE = "admin-consent"
_RETRY = {"retry_later", "restart_login", "reauthenticate"}


def problem_of(
    error: SocialAuthBaseException | MicrosoftError, wanted: Wanted | None, person: Any, back_to: str
) -> Problem:
    """The problem to raise for an error of Microsoft's or of social-auth's.

    `wanted` is what the round trip was for, `person` the request's user, `back_to` the page it was begun on.
    """
    again = _again(wanted, person, back_to)
    if isinstance(error, AdminConsentRequired):
        return NotPermitted(
            error.message,
            title="An administrator has to agree first",
            advice="There is an address to send to an administrator of your Microsoft tenant; then try again.",
            ids=error.ids(),
            remedy=Remedy("Show what to send", _admin_page(wanted)),
            code="admin_consent",
        )
    if isinstance(error, ConsentRequired):
        title = "The permissions were not accepted"
    elif isinstance(error, InteractionRequired):
        title = "Microsoft asks for one more step"
        again = _again(wanted, person, back_to, claims=error.claims or "")
    elif isinstance(error, MicrosoftError):
        problem = problem_from(error)
        problem.remedy = again
        return problem
    else:
        return _of_social_auth(error, again)
    return NotPermitted(
        error.message, title=title, advice=error.advice, ids=error.ids(), remedy=again, code="consent"
    )


def admin_consent_url(wanted: Wanted | None) -> str:
    """Where an administrator agrees for the whole tenant. Holds nothing secret and can be sent by mail."""
    scopes = wanted.scopes if wanted else ()
    return cloud().admin_consent_url(
        (wanted.tenant if wanted else "") or settings.ENTRA_TENANT,
        settings.ENTRA_CLIENT_ID,
        " ".join(scopes),
        # The address that every sign-in comes back to, so that only one has to be registered.
        settings.SITE_URL + reverse("social:complete", args=["entra"]),
        ADMIN_CONSENT_STATE,
    )


def _of_social_auth(error: SocialAuthBaseException, again: Remedy) -> Problem:
    if isinstance(error, AuthSessionError):
        return NotPermitted(
            "This sign-in was not begun in this browser, or it took too long.",
            title="Please start again",
            advice="Nothing has changed. Start once more, and allow cookies.",
            remedy=again,
            code=error.code,
        )
    kind = Unavailable if error.recovery == "retry_later" else NotPermitted
    advice = (
        "Try again." if error.recovery in _RETRY else "Ask an administrator of this site to look at the log."
    )
    return kind(str(error), title="Sign-in did not work", advice=advice, remedy=again, code=error.code)


def _again(wanted: Wanted | None, person: Any, back_to: str, claims: str = "") -> Remedy:
    back_to = back_to or reverse("home")
    if not person.is_authenticated:
        return Remedy("Back to sign-in", f"{reverse('accounts:sign_in')}?{urlencode({'next': back_to})}")
    if wanted is None or wanted.is_sign_in:
        return Remedy("Back to my authorizations", reverse("accounts:authorizations"))
    query = {"tenant": wanted.tenant, "reach": wanted.purpose, "next": back_to, "claims": claims}
    kept = urlencode({name: value for name, value in query.items() if value})
    return Remedy("Authorise with Microsoft", f"{reverse('accounts:authorise')}?{kept}", post=True)


def _admin_page(wanted: Wanted | None) -> str:
    query = {"tenant": wanted.tenant, "reach": wanted.purpose} if wanted and not wanted.is_sign_in else {}
    return f"{reverse('accounts:admin_consent')}?{urlencode({k: v for k, v in query.items() if v})}"
