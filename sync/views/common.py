"""Finding what an address names, for whoever may see it."""

from uuid import UUID

from django.http import HttpRequest

from accounts.actors import person_of
from accounts.rules import for_person
from core.problems import Missing
from sync.models import Sync, SyncEntity

RELATED = ("team", "integration__team", "integration__environment", "stage", "schedule")


def find(request: HttpRequest, pk: UUID) -> Sync:
    """The sync, if this person may look at it. Raises Missing for any other."""
    found = for_person(Sync.objects.select_related(*RELATED), person_of(request)).filter(pk=pk).first()
    if found is None:
        raise Missing(
            "There is no such sync, or it belongs to a team you are not in.",
            advice="Look in the list of syncs, or ask an owner of its team for access.",
        )
    return found


def find_entity(request: HttpRequest, pk: UUID, row: int) -> SyncEntity:
    """One entity of such a sync. Raises Missing."""
    sync = find(request, pk)
    found = sync.entities.select_related("run").filter(pk=row).first()
    if found is None:
        raise Missing("This sync has no such entity.", advice="Open the sync and choose one of those listed.")
    found.sync = sync
    return found
