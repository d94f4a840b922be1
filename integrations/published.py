"""Published definitions, opened once per process: a version never changes."""

import uuid
from functools import lru_cache

from django.db.models import QuerySet

from core.problems import Missing
from integrations.definition import Definition
from integrations.models import Binding, Integration, Version

# Documents of a connection that no call needs: opening them takes longer than the query.
_UNUSED = [
    f"connection__{name}"
    for name in (
        "sealed_identifiers",
        "wanted_privileges",
        "applied_privileges",
        "narrowest_depths",
        "test_error",
        "links",
        "warned",
    )
]


@lru_cache(maxsize=256)
def definition_of(version_id: uuid.UUID) -> Definition:
    """The definition of a version, by the version's id."""
    return Version.objects.get(pk=version_id).definition


def usable(integration: Integration) -> "QuerySet[Version]":
    """The versions that were not withdrawn, the latest first. Their definitions are not opened."""
    return unopened(integration).exclude(state=Version.State.WITHDRAWN)


def unopened(integration: Integration) -> "QuerySet[Version]":
    """All its versions, the latest first, without what only pages about them show."""
    return integration.versions.defer("sealed_definition", "notes", "changes")


def number_of(integration: Integration, number: int) -> Version:
    """The version with this number, whatever its state. Raises Missing."""
    version: Version | None = unopened(integration).filter(number=number).first()
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
    rows = Binding.objects.select_related("connection__environment", "stage").defer(*_UNUSED)
    try:
        return rows.get(integration=integration, stage__slug=stage_slug)
    except Binding.DoesNotExist:
        raise Missing(
            f"{integration.name} is not bound to a connection on {stage_slug[:40]}.",
            title="Not bound",
            advice="Someone who builds integrations in its team can bind it.",
        ) from None
