"""Creating once, however often the same call arrives: the header Idempotency-Key.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from core import clock
from core.problems import BadInput, Clash
from integrations.api.problems import AnotherBody
from integrations.definition import Operation
from integrations.models import Attempt, ServiceKey
from integrations.operations import EntityOperations
from microsoft.errors import Duplicate

KEPT = timedelta(days=1)
_TOKEN = re.compile(r"[\x21-\x7e]{1,255}")
_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")


def create_once(key: ServiceKey, token: str, operations: EntityOperations, values: Mapping[str, Any]) -> str:
    """The id of the record that this token stands for: created now, before, or by somebody just now.

    Raises:
        BadInput: the token is no token.
        AnotherBody: it stood for another record within the last day.
        Problem: what `EntityOperations.create` raises; the same call may then be repeated.

    """
    operations.require(Operation.CREATE)
    attempt = _attempt(key, token, _fingerprint(operations, values))
    if attempt.done:
        return str(attempt.record_id)
    try:
        record_id = operations.create(values, record_id=str(attempt.record_id))
    except Clash as clash:
        # The id is ours alone: if it is taken, this very call has got through before.
        if not (isinstance(clash.__cause__, Duplicate) and operations.exists(str(attempt.record_id))):
            raise
        record_id = str(attempt.record_id)
    Attempt.objects.filter(pk=attempt.pk).update(done=True, record_id=record_id)
    return record_id


def forget_old_attempts() -> int:
    """Drop what is older than a day; how many."""
    return Attempt.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def _attempt(key: ServiceKey, token: str, fingerprint: str) -> Attempt:
    if not _TOKEN.fullmatch(token):
        raise BadInput(
            "An Idempotency-Key is 1 to 255 letters, digits and signs, without blanks.",
            fields={"Idempotency-Key": "Use a fresh UUID for each record."},
        )
    now = clock.now()
    Attempt.objects.filter(key=key, token=token, created_at__lt=now - KEPT).delete()
    attempt, _new = Attempt.objects.get_or_create(
        key=key, token=token, defaults={"fingerprint": fingerprint, "created_at": now}
    )
    if attempt.fingerprint != fingerprint:
        raise AnotherBody("This Idempotency-Key stands for a different record already; nothing was written.")
    return attempt


def _fingerprint(operations: EntityOperations, values: Mapping[str, Any]) -> str:
    content = _encoder.encode([operations.entity.logical_name, values])
    return hashlib.sha256(content).hexdigest()
