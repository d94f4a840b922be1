"""Graph's errors. https://learn.microsoft.com/graph/errors"""

from datetime import datetime
from typing import Any


class GraphError(Exception):
    """`code` is Graph's word for it; `details` its list of more exact ones."""

    def __init__(
        self, status: int, code: str, message: str, details: list[dict[str, str]] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or []


def body(error: GraphError, moment: datetime, request_id: str, client_request_id: str) -> dict[str, Any]:
    inner = {
        "date": moment.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        told["details"] = error.details
    return {"error": told | {"innerError": inner}}


def denied() -> GraphError:
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def not_found(name: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
    )


def bad_request(message: str, code: str = "Request_BadRequest") -> GraphError:
    return GraphError(400, code, message)


def no_segment(segment: str) -> GraphError:
    return bad_request(f"Resource not found for the segment '{segment}'.", "BadRequest")
