"""The documentation of a service's REST interface, made from the same document that programs get."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.problems import Missing
from integrations.api.describing import document_bytes
from integrations.explaining.reference import chapters
from integrations.models import Integration, Version
from integrations.published import definition_of, version_of
from integrations.views.common import find, page, service_address


@require_GET
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entity at a time: a page with hundreds of operations would help nobody."""
    integration = find(request, pk)
    versions = list(integration.versions.defer("sealed_definition"))
    if not versions:
        return render(request, "integrations/docs.html", page(request, integration))
    version = _version(request, integration)
    definition = definition_of(version.pk)
    entity = next(
        (each for each in definition.entities if each.name == request.GET.get("entity")),
        definition.entities[0],
    )
    context = page(
        request,
        integration,
        shown=version,
        versions=versions,
        entities=definition.entities,
        entity=entity,
        chapters=chapters(definition, entity),
        address=f"{service_address(request, integration)}/v{version.number}",
    )
    return render(request, "integrations/docs.html", context)


@require_GET
def document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The OpenAPI document, for people who feed it to their tools."""
    integration = find(request, pk)
    version = _version(request, integration)
    content = document_bytes(version.pk, version.number, integration.service_name, integration.name)
    answer = HttpResponse(content, content_type="application/json")
    name = f"{integration.service_name}-v{version.number}.openapi.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _version(request: HttpRequest, integration: Integration) -> Version:
    asked = request.GET.get("version", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 7):
        raise Missing(f"{integration.name} has no such version.")
    return version_of(integration, int(asked) if asked else None)
