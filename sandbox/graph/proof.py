"""Proof of possession: a key may be rolled only by whoever holds a current one.

https://learn.microsoft.com/graph/application-rollkey-prooftoken
"""

import base64
import binascii
from typing import Any

import jwt

from sandbox.directory import Application, Directory
from sandbox.directory.credentials import public_key
from sandbox.graph.errors import GraphError

# The old Azure AD Graph, which is still whom the proof must be addressed to.
AUDIENCE = "00000002-0000-0000-c000-000000000000"
LONGEST = 600
SKEW = 300
UNCHECKED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


def check(proof: Any, application: Application, directory: Directory, *, issuers: set[str]) -> None:
    """Raises GraphError 401, the same for every defect, as Graph does."""
    if not isinstance(proof, str) or not _holds(proof, application, directory, issuers):
        raise GraphError(401, "Authentication_MissingOrMalformed", "Access Token missing or malformed.")


def _holds(proof: str, application: Application, directory: Directory, issuers: set[str]) -> bool:
    if "=" in proof:
        return False
    try:
        header = jwt.get_unverified_header(proof)
        thumbprint = _thumbprint(header.get("x5t"))
        key = directory.credentials.key_by_thumbprint(application.id, sha1=thumbprint) if thumbprint else None
        now = directory.clock.timestamp()
        if key is None or not key.start - SKEW <= now < key.end:
            return False
        claims: dict[str, Any] = jwt.decode(
            proof, public_key(key.certificate), algorithms=["RS256"], options=UNCHECKED
        )
        starts, expires = float(claims["nbf"]), float(claims["exp"])
    except (jwt.PyJWTError, ValueError, KeyError, TypeError):
        return False
    return (
        claims.get("aud") == AUDIENCE
        and claims.get("iss") in issuers
        and starts - SKEW <= now < expires + SKEW
        and expires - starts <= LONGEST
    )


def _thumbprint(value: Any) -> str:
    if not isinstance(value, str) or "=" in value:
        return ""
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex().upper()
    except binascii.Error:
        return ""
