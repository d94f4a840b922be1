"""Each answered call, noted for the usage of its integration."""

import time

from django.http import HttpResponse

from integrations.api.calls import Call
from integrations.metering.usage import Event, note


def account_for(call: Call, answer: HttpResponse, request_id: str, seconds: float) -> None:
    """Note the call. One that no key of the service was found for is nobody's: strangers write no accounts."""
    key = call.key
    if key is None:
        return
    note(
        Event(
            integration=str(key.integration_id),
            at=time.time(),
            caller=str(key.pk),
            method=(call.request.method or "")[:10],
            entity=call.entity_name,
            operation=call.operation,
            version=call.version.number if call.version else None,
            status=answer.status_code,
            code=call.code[:40],
            milliseconds=round(seconds * 1000),
            request_id=request_id,
            microsoft_request_id=answer.headers.get("X-Ms-Request-Id", "")[:64],
        )
    )
