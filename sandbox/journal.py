"""The request log: what was asked of which service, never a secret or a token."""

import base64
import binascii
import json
import re
import threading
from collections import deque
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

KEPT = 10_000
# What may identify or authenticate somebody when it stands in a URL.
SECRET_PARAMETERS = {
    "code",
    "state",
    "nonce",
    "id_token_hint",
    "client_secret",
    "client_assertion",
    "login_hint",
}


class Journal:
    """The latest requests, in memory."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._numbers = count(1)

    def add(self, service: str, environ: dict[str, Any], when: datetime, status: int, seconds: float) -> None:
        path, _, query = environ["RAW_URI"].partition("?")
        entry = {
            "id": next(self._numbers),
            "time": when.isoformat(timespec="milliseconds"),
            "service": service,
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "query": redact(query),
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "client_request_id": environ.get("HTTP_CLIENT_REQUEST_ID")
            or environ.get("HTTP_X_MS_CLIENT_REQUEST_ID", ""),
            "user_agent": environ.get("HTTP_USER_AGENT", ""),
            "caller": caller(environ.get("HTTP_AUTHORIZATION", "")),
            **environ.get("sandbox.notes", {}),
        }
        with self._lock:
            self._entries.append(entry)

    def entries(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        """Oldest first. Filters: service, method, status (exact), path (regular expression), after (an id).

        Raises ValueError for a filter that cannot be read.
        """
        try:
            pattern = re.compile(filters.get("path", ""))
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}.") from error
        after = int(filters.get("after", "0"))
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if entry["id"] > after
            and pattern.search(f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"])
            and all(
                str(entry[name]) == filters[name]
                for name in ("service", "method", "status")
                if name in filters
            )
        ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def redact(query: str) -> str:
    """The query with the values of secret parameters replaced; others stay byte for byte."""
    if not any(name in query for name in SECRET_PARAMETERS):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(name, "…" if name in SECRET_PARAMETERS else value) for name, value in pairs], safe="…$"
    )


def caller(authorization: str) -> str:
    """Who the token says it is for; nobody has checked that here."""
    parts = authorization.partition(" ")[2].split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return str(claims.get("upn") or claims.get("appid") or "")
    except (binascii.Error, ValueError, AttributeError):
        return ""
