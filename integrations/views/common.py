"""What every page of an integration begins with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from accounts import gate
from accounts.actors import actor_of, person_of
from accounts.rules import for_person
from core.problems import BadInput, Clash, Missing, Problem
from integrations.definition import Definition
from integrations.differences import differences
from integrations.models import Integration
from integrations.published import definition_of


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


def status_of(problem: Problem | None) -> int:
    """Of a form's page: 409 where somebody else was faster, 422 where an entry is wrong."""
    if problem is None:
        return 200
    return problem.status if isinstance(problem, Clash) else 422


@dataclass(frozen=True)
class Leg:
    """One step of the builder. All stay open; `done` says whether there is something to come back to."""

    label: str
    url: str
    done: bool


def way(integration: Integration, draft: Definition) -> list[Leg]:
    """The builder's steps in order, from the first entity to its use."""
    first = next(iter(draft.entities), None)
    latest = integration.versions.values_list("pk", flat=True).first()
    published = latest is not None and not differences(definition_of(latest), draft)
    bound = integration.bindings.exists()

    def leg(label: str, name: str, done: bool, *more: str) -> Leg:
        return Leg(label, reverse(f"integrations:{name}", args=[integration.pk, *more]), done)

    return [
        leg("Entities", "entities", first is not None),
        leg("Attributes", "entity", True, first.logical_name)
        if first
        else leg("Attributes", "entities", False),
        leg("Names", "names", first is not None),
        leg("Review", "review", published),
        leg("Bind", "bind", bound),
        leg("Use", "use", latest is not None and bound),
    ]


def page(request: HttpRequest, integration: Integration, **more: Any) -> dict[str, Any]:
    """The context that all pages of the builder share. `gate` says whether this person may change anything."""
    seen = gate.check(
        actor_of(request),
        integration.team,
        integration.environment.tenant_id,
        back_to=request.get_full_path(),
    )
    draft = integration.draft  # opened once: every look at the property decrypts it
    return {"integration": integration, "draft": draft, "gate": seen, "way": way(integration, draft), **more}


def service_address(request: HttpRequest, integration: Integration) -> str:
    """Where programs find the service."""
    return request.build_absolute_uri(f"/api/{integration.service_name}")
