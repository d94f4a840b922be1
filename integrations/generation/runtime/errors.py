"""What can go wrong, as exceptions.

ServiceError
├── BadInputError       400, 413, 422   `fields` says what is wrong with which attribute; nothing was written
├── NotAuthorizedError  401             the key is missing, wrong, expired or revoked
├── NotPermittedError   403             the key, the integration or Dynamics does not allow it
├── NotFoundError       404, 410        no such record, entity or version, or no longer
├── ConflictError       409, 412        the record has changed since it was read, or there is one already
├── TooManyCallsError   429             wait `retry_after` seconds
└── UnavailableError    5xx             no answer, or none for now; `retry_after` may say how long
"""

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """The service refused or could not do it.

    Attributes:
        message: what happened.
        advice: what to do about it.
        status: the HTTP status, 0 when no answer came.
        fields: what is wrong with which attribute.
        ids: what to quote when asking for help, Microsoft's request ids included.
        retry_after: seconds after which it may work.

    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        advice: str = "",
        fields: Mapping[str, str] | None = None,
        ids: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.advice = advice
        self.fields = dict(fields or {})
        self.ids = dict(ids or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Message, advice and ids in one line."""
        quoted = ", ".join(f"{name} {value}" for name, value in self.ids.items())
        return " ".join(part for part in (self.message, self.advice, quoted and f"({quoted})") if part)


class BadInputError(ServiceError):
    """Something given does not fit; `fields` names it."""


class NotAuthorizedError(ServiceError):
    """The key is missing, wrong, expired or revoked."""


class NotPermittedError(ServiceError):
    """The key, the integration or Dynamics does not allow it."""


class NotFoundError(ServiceError):
    """There is no such record, entity or version."""


class ConflictError(ServiceError):
    """The record has changed since it was read, or there is one with this key already."""


class TooManyCallsError(ServiceError):
    """Slow down; `retry_after` says for how long."""


class UnavailableError(ServiceError):
    """No answer, or none for now."""


_BY_STATUS: dict[int, type[ServiceError]] = {
    400: BadInputError,
    401: NotAuthorizedError,
    403: NotPermittedError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
    412: ConflictError,
    413: BadInputError,
    422: BadInputError,
    429: TooManyCallsError,
}


def error_for(status: int, problem: Mapping[str, Any], retry_after: float | None) -> ServiceError:
    """The exception that an answer means; `problem` is its problem document (RFC 9457)."""
    kind = _BY_STATUS.get(status, UnavailableError if status >= 500 else ServiceError)
    return kind(
        str(problem.get("detail") or problem.get("title") or f"The service answered {status}."),
        status=status,
        advice=str(problem.get("advice") or ""),
        fields=problem.get("fields") or {},
        ids=problem.get("ids") or {},
        retry_after=retry_after,
    )
