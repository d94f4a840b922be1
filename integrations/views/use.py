"""How to use what is published: in the portal, over REST, as a Python package, in code of this installation."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.problems import Missing
from integrations.definition import ActsAs, Definition
from integrations.explaining.curl import curl_examples
from integrations.explaining.examples import Example, examples
from integrations.generation.samples import package_examples
from integrations.models import Integration, Version
from integrations.published import definition_of
from integrations.views.common import find, page

Lines = Callable[[Integration, Version, Definition, str, str], list[Example]]


def _rest(
    row: Integration, version: Version, definition: Definition, address: str, _stage: str
) -> list[Example]:
    return curl_examples(row.service_name, version.number, address, definition)


def _python(
    row: Integration, version: Version, definition: Definition, address: str, _stage: str
) -> list[Example]:
    prefix = row.service_name.upper()
    install = f"pip install {row.service_name}-{version.number}-py3-none-any.whl"
    settings = f"{install}\nexport {prefix}_URL={address}\nexport {prefix}_KEY=…"
    return [Example("Install", settings), *package_examples(row.service_name, definition)]


def _here(
    row: Integration, _version: Version, definition: Definition, _address: str, stage: str
) -> list[Example]:
    return examples(row.service_name, definition, stage)


# What the address says → the tab, and its lines.
WAYS: dict[str, tuple[str, Lines | None]] = {
    "": ("In the portal", None),
    "rest": ("REST", _rest),
    "python": ("Python package", _python),
    "here": ("In this installation", _here),
}


@require_GET
def use(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    way = request.GET.get("way", "")
    if way not in WAYS:
        raise Missing("There is no such way to use it.", advice="Choose one of the tabs.")
    latest = integration.versions.defer("sealed_definition").first()
    bindings = list(integration.bindings.select_related("stage", "connection__environment"))
    context = page(request, integration, published=latest, bindings=bindings, means=way, tabs=_tabs(pk, way))
    if latest and bindings:
        definition = definition_of(latest.pk)
        address = request.build_absolute_uri(f"/api/{integration.service_name}")
        lines = WAYS[way][1]
        context |= {
            "definition": definition,
            "as_person": definition.acts_as is ActsAs.PERSON,
            "examples": lines(integration, latest, definition, address, bindings[0].stage.slug)
            if lines
            else [],
        }
    return render(request, "integrations/use.html", context)


def _tabs(pk: UUID, current: str) -> list[tuple[str, str, bool]]:
    here = reverse("integrations:use", args=[pk])
    return [
        (label, f"{here}?way={name}" if name else here, name == current) for name, (label, _) in WAYS.items()
    ]
