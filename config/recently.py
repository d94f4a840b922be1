"""A person's own way back: the records they looked at last, and the views that they or their team saved."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.rules import for_person, visible_teams
from entities.models import RecentRecord, SavedView
from integrations.definition import Definition, Operation
from integrations.models import Binding, Integration
from integrations.published import definition_of

MOST = 8


@dataclass(frozen=True)
class Way:
    """A link with what it leads to and where that is."""

    title: str
    text: str
    url: str
    at: object = None


def recent(person: User) -> list[Way]:
    """Records of integrations that the person may still look at, as they are published now."""
    rows = RecentRecord.objects.filter(user=person, integration__team__in=visible_teams(person))
    found = []
    for row in rows.select_related("integration").order_by("-seen_at")[: MOST * 2]:
        entity = _entity(row.integration, row.entity, Operation.GET)
        if entity:
            url = reverse("entities:record", args=[row.integration_id, row.stage, entity[0], row.record_id])
            found.append(
                Way(row.title or str(row.record_id)[:8], f"{entity[1]} · {row.integration}", url, row.seen_at)
            )
    return found[:MOST]


def my_views(person: User) -> list[Way]:
    rows = SavedView.objects.filter(
        Q(owner=person) | Q(shared=True), integration__in=for_person(Integration.objects.all(), person)
    )
    found = []
    for row in rows.select_related("integration").order_by("-updated_at")[: MOST * 2]:
        entity = _entity(row.integration, row.entity, Operation.SEARCH)
        binding = Binding.objects.filter(integration=row.integration).select_related("stage").first()
        if entity and binding:
            address = reverse("entities:grid", args=[row.integration_id, binding.stage.slug, entity[0]])
            where = f"{entity[1]} · {row.integration}{' · team' if row.shared else ''}"
            found.append(Way(row.name, where, f"{address}?{row.query}&view={row.pk}"))
    return found[:MOST]


def _entity(integration: Integration, logical_name: str, needed: Operation) -> tuple[str, str] | None:
    """Its name and label in the latest version, if that offers the operation."""
    version = integration.versions.defer("sealed_definition").first()
    definition: Definition | None = definition_of(version.pk) if version else None
    entity = definition.entity(logical_name) if definition else None
    if entity is None or needed not in entity.operations:
        return None
    return entity.name, entity.label or entity.name
