"""Entra's errors: one exception, told as JSON, in a redirect, or on a page.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class EntraError(Exception):
    """`number` is the AADSTS code; `error` the OAuth one."""

    def __init__(
        self, number: int, error: str, message: str, *, suberror: str = "", claims: str = "", status: int = 0
    ) -> None:
        super().__init__(message)
        self.number = number
        self.error = error
        self.message = message
        self.suberror = suberror
        self.claims = claims
        self.status = status or (401 if error == "invalid_client" else 400)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What Microsoft's support asks for."""

    trace_id: str
    correlation_id: str
    timestamp: str

    @classmethod
    def now(cls, moment: datetime, correlation_id: str = "") -> "Occurrence":
        known = correlation_id if GUID.fullmatch(correlation_id) else str(uuid.uuid4())
        return cls(str(uuid.uuid4()), known, moment.strftime("%Y-%m-%d %H:%M:%SZ"))


def description(error: EntraError, seen: Occurrence) -> str:
    return (
        f"AADSTS{error.number}: {error.message} Trace ID: {seen.trace_id} "
        f"Correlation ID: {seen.correlation_id} Timestamp: {seen.timestamp}"
    )


def as_json(error: EntraError, seen: Occurrence, login: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": description(error, seen),
        "error_codes": [error.number],
        "timestamp": seen.timestamp,
        "trace_id": seen.trace_id,
        "correlation_id": seen.correlation_id,
        "error_uri": f"{login}/error?code={error.number}",
    }
    if error.suberror:
        body["suberror"] = error.suberror
    if error.claims:
        body["claims"] = error.claims
    return body


def missing(parameter: str) -> EntraError:
    return EntraError(
        900144,
        "invalid_request",
        f"The request body must contain the following parameter: '{parameter}'.",
    )


def malformed() -> EntraError:
    return EntraError(9002313, "invalid_request", "Invalid request. Request is malformed or invalid.")
