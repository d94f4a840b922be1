from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules import for_person
from integrations.definition import Entity, Operation
from integrations.models import Binding, Integration
from integrations.published import definition_of


@dataclass(frozen=True)
class Shelf:
    """An integration on one stage, with the entities that can be browsed there."""

    binding: Binding
    entities: list[Entity]

    @property
    def lead(self) -> str:
        return (
            f"{self.binding.stage} · {self.binding.connection.environment} · {self.binding.integration.team}"
        )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every entity this person can browse: published, bound, and of a team they are in."""
    bindings = Binding.objects.select_related("integration__team", "stage", "connection__environment").filter(
        integration__in=for_person(Integration.objects.all(), request.user)
    )
    shelves = [Shelf(binding, _browsable(binding.integration)) for binding in bindings]
    return render(request, "entities/index.html", {"shelves": [shelf for shelf in shelves if shelf.entities]})


def _browsable(integration: Integration) -> list[Entity]:
    version = integration.versions.defer("sealed_definition").first()
    if version is None:
        return []
    return [item for item in definition_of(version.pk).entities if Operation.SEARCH in item.operations]
