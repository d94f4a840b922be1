"""Signed messages to other people's servers, as the Standard Webhooks specification has them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import outgoing
from core.clock import now

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, delivery: str, moment: int, body: bytes) -> str:
    """The `webhook-signature` of a body; `moment` is in whole seconds, as `webhook-timestamp` says it."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{delivery}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def send(url: str, secret: str, *, delivery: str, kind: str, at: datetime, data: Mapping[str, Any]) -> int:
    """Post one message and return the answer's status; `delivery` stays the same when it is sent again.

    Raises:
        core.problems.BadInput, core.problems.Unavailable: as `core.outgoing.post`.

    """
    body = json.dumps({"type": kind, "timestamp": at.isoformat(), "data": dict(data)}).encode()
    moment = int(now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(secret, delivery, moment, body),
    }
    return outgoing.post(url, body, headers)
