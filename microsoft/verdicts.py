"""From an unwelcome answer of Graph, discovery or Dataverse to the error it means.

The HTTP status decides first: Dataverse's codes can be empty, and one of them is a catch-all.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
https://learn.microsoft.com/en-us/graph/errors
"""

import base64
import binascii
import re
from typing import Any

from .errors import (
    ClaimsChallenge,
    Conflict,
    Details,
    Duplicate,
    Forbidden,
    Invalid,
    MicrosoftError,
    NotAllowed,
    NotFound,
    Refused,
    Throttled,
    Unauthorized,
    Unreachable,
)
from .wire import Response, decode_json, retry_after_of

_PRIVILEGE = re.compile(r"\bmissing (prv\w+)")
_CLAIMS = re.compile(r'\bclaims="([^"]+)"')
_DUPLICATES = {
    "0x80040237",  # duplicate record, or a record with matching key values
    "0x80060892",  # alternate key violated on create
    "0x80040333",  # found by a duplicate detection rule; older servers answer 500
    "objectconflict",
    "request_multipleobjectswithsamekeyvalue",
}
_ADVICE = {
    "0x80072560": "No user of this environment matches the account or application. Add it as a user there.",
    "0x80040225": "The user is disabled in this environment. Enable it there.",
    "0x80040220": "A security role is missing a privilege. An administrator can add it.",
    "0x80095ffc": "The application is not on the environment's list of allowed applications.",
    "0x80060883": "The entity does not support optimistic concurrency without a version.",
    "0x80040227": "Other records refer to this one. Remove those references first.",
    "0x80048408": "This status does not go with this status reason. Set both together.",
    "authorization_requestdenied": "The account may not register applications. Ask for the role "
    "Application Developer, or let an administrator do it.",
    "directory_quotaexceeded": "The account has created as many directory objects as it may. "
    "Delete some, or let an administrator do it.",
    "keycredentialsinvalidenddate": "The certificate's dates are outside what the tenant allows.",
    "authentication_missingormalformed": "The proof made with the current key was not accepted.",
}
_BY_STATUS: dict[int, type[Refused]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: NotAllowed,
    409: Conflict,
    412: Conflict,
    413: Invalid,
    414: Invalid,
    415: Invalid,
    422: Invalid,
    501: NotAllowed,
}


def error_of(response: Response) -> MicrosoftError:
    """The error that an answer with status 300 or more means."""
    code, message = _code_and_message(response)
    status = response.status
    message = message or f"Microsoft answered {status} without an explanation"
    details: Details = {
        "code": code,
        "status": status,
        "request_id": response.request_id,
        "correlation_id": response.correlation_id,
        "advice": _ADVICE.get(code.lower(), ""),
    }
    if status == 401 and (claims := claims_of(response)):
        return ClaimsChallenge(message, claims=claims, **details)
    if status == 403:
        missing = _PRIVILEGE.search(message)
        return Forbidden(message, privilege=missing[1] if missing else "", **details)
    if code.lower() in _DUPLICATES and status in (400, 409, 412, 500):
        return Duplicate(message, **details)
    if status == 429:
        return Throttled(message, retry_after=retry_after_of(response.headers), **details)
    if status in (407, 408) or (status >= 500 and status != 501):
        return Unreachable(message, retry_after=retry_after_of(response.headers), **details)
    if 300 <= status < 400:
        details["advice"] = (
            "A proxy or gateway redirects requests. Redirects are not followed, check the address."
        )
    return _BY_STATUS.get(status, Refused)(message, **details)


def claims_of(response: Response) -> str:
    """The claims that a 401 asks for, as JSON text, else empty.

    https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge
    """
    found = _CLAIMS.search(response.headers.get("www-authenticate", ""))
    if found is None:
        return ""
    encoded = found[1]
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        return base64.b64decode(padded, altchars=b"-_" if set(padded) & {"-", "_"} else None).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _code_and_message(response: Response) -> tuple[str, str]:
    try:
        body: Any = decode_json(response.content)
    except ValueError:
        return "", ""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(body.get("Message") or body.get("message") or "") if isinstance(body, dict) else ""
    return str(error.get("code") or ""), str(error.get("message") or "")
