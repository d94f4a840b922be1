"""How to use what is published: in code of this installation, and in the portal."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from integrations.definition import ActsAs
from integrations.examples import examples
from integrations.generation.samples import package_examples
from integrations.published import definition_of
from integrations.views.common import find, page


@require_GET
def use(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    latest = integration.versions.defer("sealed_definition").first()
    bindings = list(integration.bindings.select_related("stage", "connection__environment"))
    context = page(request, integration, published=latest, bindings=bindings)
    if latest and bindings:
        definition = definition_of(latest.pk)
        context |= {
            "definition": definition,
            "as_person": definition.acts_as is ActsAs.PERSON,
            "service_address": request.build_absolute_uri(f"/api/{integration.service_name}"),
            "package_samples": package_examples(integration.service_name, definition),
            "examples": examples(integration.service_name, definition, bindings[0].stage.slug),
        }
    return render(request, "integrations/use.html", context)
