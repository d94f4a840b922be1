"""From what the token and authorize endpoints say to the error it means.

Microsoft asks not to depend on AADSTS numbers, so `error` and `suberror` decide. Numbers choose the advice, and
in one place they keep us from a costly mistake: an `invalid_grant` without a suberror normally means that the
refresh token is dead, and throwing a good one away would cost a sign-in.

https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
https://learn.microsoft.com/en-us/entra/msal/dotnet/advanced/exceptions/msal-error-handling
"""

import re
from collections.abc import Mapping
from typing import Any

from .errors import (
    AdminConsentRequired,
    ConsentRequired,
    CredentialRejected,
    Details,
    Forbidden,
    InteractionRequired,
    Invalid,
    MicrosoftError,
    Refused,
    SignInExpired,
    Throttled,
    Unreachable,
)

_INTERACTION_SUBERRORS = {"basic_action", "additional_action", "message_only", "user_password_expired"}
_INTERACTION_NUMBERS = {50072, 50074, 50076, 50079, 50158, 53000, 53001, 53002, 53003, 53004, 530035}
_CONSENT_NUMBERS = {65001, 65004}
_ADMIN_CONSENT_NUMBERS = {90094, 90095, 90093}
_ADVICE = {
    50020: "This account does not belong to the tenant. Choose another account.",
    50034: "This account does not exist in the tenant. Choose another account.",
    50057: "The account is disabled.",
    500341: "The account was deleted. An administrator of the tenant can restore it for 30 days; after that somebody "
    "else takes over what was begun with it.",
    50105: "An administrator has to assign this account to the application first.",
    53000: "Your organisation's access rules ask for a compliant device.",
    53003: "Your organisation's access rules block this sign-in. Ask an administrator.",
    530035: "Your organisation's access rules block this sign-in. Ask an administrator.",
    65004: "You did not accept the permissions. Authorise again and accept them, or ask an administrator.",
    500011: "The environment is not known in this tenant. Check its address and the tenant.",
    650052: "The tenant has no Dataverse subscription, or it is switched off.",
    650053: "The sign-in application asks for a permission that does not exist.",
    650057: "The application has not been given this permission in its registration.",
    700016: "The application is not known in this tenant, or not yet.",
    7000112: "The application is disabled in this tenant.",
    7000215: "The application's secret is wrong. Enter the secret's value, not its id.",
    7000222: "The application's secret or certificate has expired.",
    7000229: "The application has no service principal in this tenant, or not yet.",
    700024: "The application's clock is wrong: its proof is outside its validity.",
    700027: "The application's certificate is not registered, or not yet.",
    9002325: "The sign-in application is registered as a single-page app. Register its redirect address as Web.",
    50011: "The redirect address is not registered for the sign-in application.",
    90002: "There is no such tenant.",
}
_BY_ERROR: dict[str, type[Refused]] = {
    "invalid_client": CredentialRejected,
    "unauthorized_client": CredentialRejected,
    "invalid_grant": SignInExpired,
    "access_denied": Forbidden,
}
_BROWSER_ERRORS = {"interaction_required", "login_required"}
_MAYBE_BROWSER_ERRORS = _BROWSER_ERRORS | {"invalid_grant", "consent_required", "access_denied"}
_AADSTS = re.compile(r"AADSTS(\d+)")
_TRAILER = re.compile(r"\s*Trace ID:.*", re.DOTALL)


def token_error(
    answer: Mapping[str, Any], *, status: int | None = None, retry_after: float | None = None
) -> MicrosoftError:
    """The error in a token answer of MSAL's: keys error, suberror, error_description, error_codes, claims, ids."""
    error = str(answer.get("error") or "")
    suberror = str(answer.get("suberror") or "")
    numbers = _numbers(answer)
    message = _message(answer)
    details = _details(answer, numbers, status)
    if status == 429:
        return Throttled(message, retry_after=retry_after, **details)
    if error in ("temporarily_unavailable", "server_error") or (status or 0) >= 500:
        return Unreachable(message, retry_after=retry_after, **details)
    interaction = _interaction(error, suberror, numbers, has_claims=bool(answer.get("claims")))
    if interaction is not None:
        claims = answer.get("claims")
        return interaction(message, claims=str(claims) if claims else None, suberror=suberror, **details)
    if error == "invalid_client" and status == 400:
        # The same word for a scope or resource that the application may not ask for; a refused credential is 401.
        return Invalid(message, **details)
    otherwise = Invalid if error.startswith("invalid_") else Refused
    return _BY_ERROR.get(error, otherwise)(message, **details)


def authorize_error(query: Mapping[str, str]) -> MicrosoftError:
    """The error with which Entra sent the browser back: query keys error, error_description, error_subcode."""
    answer = dict(query)
    answer.setdefault("suberror", answer.get("error_subcode", ""))
    details = _details(answer, _numbers(answer), None)
    if answer.get("error") == "access_denied" and 65004 in _numbers(answer):
        return ConsentRequired(_message(answer), **details)
    if answer.get("error") == "invalid_client":
        # No credential takes part in this step, so it speaks of the registration or of what was asked for.
        return Invalid(_message(answer), **details)
    return token_error(answer)


def _interaction(
    error: str, suberror: str, numbers: set[int], *, has_claims: bool
) -> type[InteractionRequired] | None:
    unsaid = error == "invalid_grant" and not suberror
    if error not in _MAYBE_BROWSER_ERRORS:
        return None
    if numbers & _ADMIN_CONSENT_NUMBERS:
        return AdminConsentRequired
    if "consent_required" in (error, suberror) or (unsaid and numbers & _CONSENT_NUMBERS):
        return ConsentRequired
    if error in _BROWSER_ERRORS or suberror in _INTERACTION_SUBERRORS or has_claims:
        return InteractionRequired
    return InteractionRequired if unsaid and numbers & _INTERACTION_NUMBERS else None


def _numbers(answer: Mapping[str, Any]) -> set[int]:
    given = answer.get("error_codes")
    listed = {int(number) for number in given if str(number).isdigit()} if isinstance(given, list) else set()
    return listed | {int(number) for number in _AADSTS.findall(str(answer.get("error_description") or ""))}


def _message(answer: Mapping[str, Any]) -> str:
    """Microsoft's own first lines, without the ids that follow them (they are kept apart)."""
    described = _TRAILER.sub("", str(answer.get("error_description") or "")).strip()
    return described or f"Microsoft refused to give a token: {answer.get('error') or 'no reason given'}"


def _details(answer: Mapping[str, Any], numbers: set[int], status: int | None) -> Details:
    return {
        "code": str(answer.get("error") or ""),
        "status": status,
        "request_id": str(answer.get("trace_id") or ""),
        "correlation_id": str(answer.get("correlation_id") or ""),
        "advice": next((_ADVICE[number] for number in sorted(numbers) if number in _ADVICE), ""),
    }
