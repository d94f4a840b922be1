"""Published definitions, opened once per process: a version never changes."""

import uuid
from functools import lru_cache

from django.db.models import QuerySet

from core.problems import Missing
from integrations.definition import Definition
from integrations.models import Binding, Integration, Version


@lru_cache(maxsize=256)
def definition_of(version_id: uuid.UUID) -> Definition:
    """The definition of a version, by the version's id."""
    return Version.objects.get(pk=version_id).definition


def usable(integration: Integration) -> "QuerySet[Version]":
    """The versions that were not withdrawn, the latest first. Their definitions are not opened."""
    return integration.versions.defer("sealed_definition").exclude(state=Version.State.WITHDRAWN)


def number_of(integration: Integration, number: int) -> Version:
    """The version with this number, whatever its state. Raises Missing."""
    version: Version | None = integration.versions.defer("sealed_definition").filter(number=number).first()
    if version is None:
        raise Missing(f"{integration.name} has no version {number}.")
    return version


def version_of(integration: Integration, number: int | None = None) -> Version:
    """A published version: the one with this number, or the latest. Its definition is not opened.

    Raises:
        Missing: when nothing, or not that number, has been published, or when it was withdrawn.

    """
    version = number_of(integration, number) if number else usable(integration).first()
    if version is not None and version.state == Version.State.WITHDRAWN:
        raise Missing(
            f"Version {version.number} of {integration.name} was withdrawn. {version.state_note}".strip(),
            title="Withdrawn",
            advice="Use a later version; the integration's page lists them.",
            code="withdrawn",
        )
    if version is None:
        raise Missing(
            f"{integration.name} has not been published yet, so there is nothing to use.",
            title="Not published yet",
            advice="Someone who builds integrations in its team can publish it.",
        )
    return version


def binding_of(integration: Integration, stage_slug: str) -> Binding:
    """Which connection it uses on this stage. Raises Missing."""
    binding = (
        Binding.objects.select_related("connection__environment", "stage")
        .filter(integration=integration, stage__slug=stage_slug)
        .first()
    )
    if binding is None:
        raise Missing(
            f"{integration.name} is not bound to a connection on {stage_slug[:40]}.",
            title="Not bound",
            advice="Someone who builds integrations in its team can bind it.",
        )
    return binding
