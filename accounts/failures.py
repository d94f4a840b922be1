"""What an authorization remembers of a refusal: its state for people, and a pause before the next attempt."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Authorization
from core import clock
from microsoft.errors import (
    AdminConsentRequired,
    ConsentRequired,
    InteractionRequired,
    MicrosoftError,
    SignInExpired,
    Throttled,
    Transient,
    Unreachable,
)

COOL_DOWN = 15.0  # seconds before Microsoft is asked the same thing again
SHORT_COOL_DOWN = 3.0  # after a failure that usually passes
State = Authorization.State
_KINDS: dict[str, type[MicrosoftError]] = {
    kind.__name__: kind
    for kind in (
        SignInExpired,
        AdminConsentRequired,
        ConsentRequired,
        InteractionRequired,
        Throttled,
        Unreachable,
        MicrosoftError,
    )
}


def remember(row: Authorization, scope: str, error: MicrosoftError) -> None:
    """Set the state that this error means, and until when the answer is taken as given."""
    pause = COOL_DOWN
    if isinstance(error, Transient):
        pause = error.retry_after or SHORT_COOL_DOWN
    elif isinstance(error, SignInExpired):
        row.state, row.claims, row.blocked_scope = State.REVOKED, "", ""
    elif isinstance(error, ConsentRequired):
        if isinstance(error, AdminConsentRequired):
            wait_for_administrator(row, scope)
        row.state, row.claims, row.blocked_scope = State.NEEDS_CONSENT, error.claims or "", scope
        row.scopes = [granted for granted in row.scopes if granted != scope]
    elif isinstance(error, InteractionRequired):
        row.state, row.claims, row.blocked_scope = State.NEEDS_INTERACTION, error.claims or "", scope
    if not isinstance(error, Transient):
        # Of a sign-in that is over, what to do now is all there is to say.
        advice = error.advice if isinstance(error, SignInExpired) else ""
        row.reason = f"{error.message} {advice}".strip()
    row.failed_at = clock.now()
    row.failure = {
        "kind": next(name for name, kind in _KINDS.items() if isinstance(error, kind)),
        "scope": scope,
        "message": error.message,
        "advice": error.advice,
        "ids": error.ids(),
        "until": clock.after(pause).isoformat(),
    }


def repeat(row: Authorization, scope: str) -> None:
    """Raise the remembered error again while it cools, instead of asking Microsoft the same thing."""
    failure = row.failure
    if not failure or failure["scope"] != scope or clock.now() > datetime.fromisoformat(failure["until"]):
        return
    kind: type[Any] = _KINDS[failure["kind"]]
    more: dict[str, Any] = {}
    if issubclass(kind, InteractionRequired):
        more = {"claims": row.claims or None}
    elif issubclass(kind, Transient):
        more = {
            "retry_after": max(1.0, (datetime.fromisoformat(failure["until"]) - clock.now()).total_seconds())
        }
    details = {**failure["ids"], "advice": failure["advice"], **more}
    raise kind(failure["message"], **details)


def overcome(row: Authorization, scope: str) -> None:
    """A token came for this scope: if the trouble was about it, the trouble is over."""
    _granted(row, [scope])
    if row.state != State.LIVE and row.blocked_scope not in ("", scope):
        return
    row.state = State.LIVE
    forget(row)


def signed_in(row: Authorization, scopes: Iterable[str]) -> None:
    """A sign-in mends what it asked for. A challenge for another permission still waits for its answer."""
    _granted(row, scopes)
    still_blocked = row.blocked_scope and row.blocked_scope not in scopes and row.state != State.REVOKED
    row.failure = {}
    if not still_blocked:
        row.state = State.LIVE
        forget(row)


def wait_for_administrator(row: Authorization, scope: str) -> None:
    """Only an administrator can go on from here; since when is what it was first."""
    if row.awaited_scope != scope or row.awaited_since is None:
        row.awaited_scope, row.awaited_since = scope, clock.now()


def _granted(row: Authorization, scopes: Iterable[str]) -> None:
    if row.awaited_scope in scopes:
        row.awaited_scope, row.awaited_since = "", None


def forget(row: Authorization) -> None:
    """Nothing is wrong any more."""
    row.claims = row.reason = row.blocked_scope = ""
    row.failed_at, row.failure = None, {}
