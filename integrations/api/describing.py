"""The service's own description: GET …/openapi.json."""

from functools import lru_cache
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpResponse

from integrations import openapi
from integrations.api.answers import guarded
from integrations.api.bodies import query_of
from integrations.api.calls import Call
from integrations.published import definition_of


def describe(call: Call) -> HttpResponse:
    query_of(call.request, ())
    service = call.service
    content = document_bytes(
        service.version.pk, service.version.number, service.integration.service_name, service.integration.name
    )
    return guarded(HttpResponse(content, content_type="application/json"))


@lru_cache(maxsize=64)
def document_bytes(version_id: UUID, number: int, service: str, title: str) -> bytes:
    """The OpenAPI document of a version as JSON. A version never changes, so neither does this."""
    made = openapi.document(
        definition_of(version_id), service=service, title=title, version=number, address=settings.SITE_URL
    )
    return msgspec.json.encode(made)
