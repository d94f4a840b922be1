"""What every page of an integration begins with."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts import gate
from accounts.actors import actor_of, person_of
from accounts.rules import for_person
from core.problems import BadInput, Missing
from integrations.models import Integration


def find(request: HttpRequest, pk: UUID) -> Integration:
    """The integration, if this person may look at it. Raises Missing for any other."""
    rows = Integration.objects.select_related("team", "environment", "created_by", "changed_by")
    found = for_person(rows, person_of(request)).filter(pk=pk).first()
    if found is None:
        raise Missing(
            "There is no such integration, or it belongs to a team you are not in.",
            advice="Look in the list of integrations, or ask an owner of its team for access.",
        )
    return found


def revision_of(request: HttpRequest) -> int:
    """Which state of the integration the person saw when they filled in the form."""
    try:
        return int(request.POST.get("revision", ""))
    except ValueError:
        raise BadInput(
            "The form is not complete.", advice="Load the page again and repeat the change."
        ) from None


def page(request: HttpRequest, integration: Integration, **more: Any) -> dict[str, Any]:
    """The context that all pages of the builder share. `gate` says whether this person may change anything."""
    seen = gate.check(
        actor_of(request),
        integration.team,
        integration.environment.tenant_id,
        back_to=request.get_full_path(),
    )
    draft = integration.draft  # opened once: every look at the property decrypts it
    first = next(iter(draft.entities), None)
    return {"integration": integration, "draft": draft, "gate": seen, "first_entity": first, **more}
