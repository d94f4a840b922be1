"""Claims requests: what conditional access asks for, and when it is satisfied.

https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide
"""

import json
from typing import Any

from sandbox.directory import Directory
from sandbox.directory.cast import identifier
from sandbox.entra.errors import malformed

# In a claims request these mean "prove yourself better than so far".
STEP_UP = {"capolids", "acrs"}


def challenge_for(service: str) -> dict[str, Any]:
    """What a token error carries in `claims`, to be sent back verbatim with the next authorize request."""
    policy = identifier("policy", service)
    return {"access_token": {"capolids": {"essential": True, "values": [policy]}}}


def wants_second_factor(directory: Directory, services: set[str], claims: str) -> bool:
    """Because a service demands it, or because the client was told to ask for it. Raises EntraError."""
    wanted = _access_token_claims(claims)
    return bool(STEP_UP & set(wanted)) or bool(services & directory.settings.require_mfa)


def _access_token_claims(claims: str) -> dict[str, Any]:
    if not claims:
        return {}
    try:
        request = json.loads(claims)
        inner = request.get("access_token") or {}
    except (ValueError, AttributeError, RecursionError) as error:
        raise malformed() from error
    if not isinstance(inner, dict):
        raise malformed()
    return inner
