"""Everything that can go wrong while speaking to Microsoft.

    MicrosoftError
      Refused                    asking again in the same way will be refused again
        SignInExpired            the refresh token is dead or revoked: sign in again
        InteractionRequired      a round trip through the browser is needed, with .claims
          ConsentRequired        the person has to consent to a permission
            AdminConsentRequired only an administrator can
        CredentialRejected       the key or secret of our application was refused
        Unauthorized             401
          ClaimsChallenge        401 that names the .claims a new token must satisfy
        Forbidden                403, .privilege when Dataverse says which is missing
        NotFound                 404
        Conflict                 the record changed since it was read (412), or another clash (409)
        Duplicate                such a record, key or object exists already
        Invalid                  400, something in the request is wrong
        NotAllowed               405, the operation does not exist for this object
        OriginRefused            our own host policy: nothing was sent to that address
      Transient                  worth trying again, after .retry_after seconds when that is known
        Throttled                429
          NoTurn                 our own governor: nothing was sent
        Unreachable              no connection, a timeout, or 5xx
        NotReplicated            Microsoft Entra has accepted a change but does not show it everywhere yet

Every error carries `advice` for a person and the two ids that Microsoft support asks for. Messages never hold
tokens, keys or secrets.
"""

from typing import Self, TypedDict, Unpack


class Details(TypedDict, total=False):
    """What every error may carry beside its message."""

    code: str
    status: int | None
    request_id: str
    correlation_id: str
    advice: str


class MicrosoftError(Exception):
    """What went wrong (`message`, Microsoft's `code`, HTTP `status`), and what to do about it (`advice`)."""

    default_advice = "Try again; if it stays so, give the ids below to Microsoft support."

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        request_id: str = "",
        correlation_id: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.request_id = request_id
        self.correlation_id = correlation_id
        self.advice = advice or self.default_advice

    def __str__(self) -> str:
        return f"{self.message} ({self.code})" if self.code else self.message

    def ids(self) -> dict[str, str]:
        """The ids that are known, for display: any of code, request_id, correlation_id."""
        known = {
            "code": self.code,
            "request_id": self.request_id,
            "correlation_id": self.correlation_id,
        }
        return {name: value for name, value in known.items() if value}


class Refused(MicrosoftError):  # noqa: N818 (the tree reads as what happened)
    """Asking again in the same way will be refused again."""

    default_advice = "Microsoft refused this. The message says why."


class SignInExpired(Refused):
    """The refresh token is dead or revoked."""

    default_advice = "Your authorization with Microsoft has ended. Sign in with Microsoft again."


class InteractionRequired(Refused):
    """A browser round trip is needed; `claims` goes into the authorize request verbatim."""

    default_advice = "Microsoft wants to see you in the browser again. Use Authorise with Microsoft."

    def __init__(
        self, message: str, *, claims: str | None = None, suberror: str = "", **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.claims = claims
        self.suberror = suberror


class ConsentRequired(InteractionRequired):
    """The person has not consented to this permission. The refresh token is still good."""

    default_advice = "Consent is missing. Use Authorise with Microsoft and accept the permissions."


class AdminConsentRequired(ConsentRequired):
    """Only an administrator of the tenant can consent to this permission."""

    default_advice = "An administrator of your Microsoft tenant has to consent to these permissions first."


class CredentialRejected(Refused):
    """The key or secret of the application was refused (invalid_client)."""

    default_advice = "Microsoft refuses the application's own key or secret. It needs a new one."


class Unauthorized(Refused):
    """401 without a claims challenge."""

    default_advice = "Microsoft does not accept this token. Authorise again, or test the connection."


class ClaimsChallenge(Unauthorized):
    """401 that names what a new token must satisfy; pass `claims` on to the token provider verbatim."""

    default_advice = "Microsoft asks for a stronger sign-in. Use Authorise with Microsoft."

    def __init__(self, message: str, *, claims: str = "", **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.claims = claims


class Forbidden(Refused):
    """403; `privilege` is the missing one when Dataverse names it, else empty."""

    default_advice = "The account used here may not do this. An administrator can grant it."

    def __init__(self, message: str, *, privilege: str = "", **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.privilege = privilege


class NotFound(Refused):
    """404."""

    default_advice = "It does not exist, or the account used here may not see it."


class Conflict(Refused):
    """The record changed since it was read (412), or another clash (409)."""

    default_advice = "Somebody changed it in the meantime. Load it again and repeat your change."


class Duplicate(Refused):
    """Such a record, key or object exists already."""

    default_advice = "Something with the same key exists already. Use that, or choose other values."


class Invalid(Refused):
    """400, or a value that could not even be sent."""

    default_advice = "Microsoft could not make sense of a value or a name in the request."


class NotAllowed(Refused):
    """405: this operation does not exist for this object."""

    default_advice = "Microsoft does not allow this operation here."


class OriginRefused(Refused):
    """Our own host policy refused the address; nothing was sent there, and no token was fetched for it."""

    default_advice = "Check the address: it is not one of the addresses of the chosen Microsoft cloud."


class Transient(MicrosoftError):  # noqa: N818
    """Worth trying again; `retry_after` is in seconds, None when the server did not say."""

    default_advice = "This usually passes. Try again in a little while."

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class Throttled(Transient):
    """429."""

    default_advice = "Microsoft limits the number of requests. Try again when the wait is over."


class NoTurn(Throttled):
    """Our own governor keeps the request back so that the environment need not refuse it: nothing was sent."""

    default_advice = "Isthmus keeps within what the environment allows, and others use that just now. Try again in a moment."


class Unreachable(Transient):
    """No connection, a timeout, or 5xx."""

    default_advice = "Microsoft's service, the network or a proxy did not answer. Try again soon."


class NotReplicated(Transient):
    """Microsoft Entra has accepted a change but does not show it everywhere yet."""

    default_advice = (
        "Microsoft Entra needs some seconds, at times minutes, to spread a change. Wait, then retry."
    )

    @classmethod
    def instead_of(cls, error: MicrosoftError) -> Self:
        """The same trouble, seen as one that passes."""
        return cls(
            error.message,
            code=error.code,
            status=error.status,
            request_id=error.request_id,
            correlation_id=error.correlation_id,
        )
