"""How each service words a failure that nobody caused: throttling and outages."""

import uuid
from datetime import UTC, datetime
from typing import Any

GRAPH_CODES = {429: "TooManyRequests", 503: "serviceNotAvailable", 504: "UnknownError", 409: "Directory_ConcurrencyViolation"}  # fmt: skip


def entra(status: int, code: str, message: str) -> dict[str, Any]:
    number = 90055 if status == 429 else 90033
    text = message or (
        "The tenant is throttled due to too many requests."
        if status == 429
        else "A transient error has occurred. Please try again."
    )
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    return {
        "error": code or "temporarily_unavailable",
        "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}",
        "error_codes": [number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
    }


def graph(status: int, code: str, message: str) -> dict[str, Any]:
    request_id = str(uuid.uuid4())
    return {
        "error": {
            "code": code or GRAPH_CODES.get(status, "generalException"),
            "message": message or ("Too many requests." if status == 429 else "The service is not available. Try again."),
            "innerError": {
                "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": request_id,
                "client-request-id": request_id,
            },
        }
    }  # fmt: skip


def dataverse(status: int, code: str, message: str) -> dict[str, Any]:
    throttled = status == 429
    usual = (
        "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
        if throttled
        else "An unexpected error occurred."
    )
    return {
        "error": {
            "code": code or ("0x80072322" if throttled else "0x80040216"),
            "message": message or usual,
        }
    }
