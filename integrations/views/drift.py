"""Looking for drift, and mending it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from core.problems import Missing
from integrations.models import Drift
from integrations.services import drifts
from integrations.views.common import find, revision_of


@require_POST
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    drifts.ask(actor_of(request), find(request, pk))
    messages.success(request, "The environments of its stages are being compared; look again in a moment.")
    return redirect("integrations:detail", pk=pk)


@require_POST
def mend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a draft that follows the environment of one drift."""
    integration = find(request, pk)
    given = request.POST.get("drift", "")
    rows = Drift.objects.select_related("environment").filter(integration=integration)
    found = (
        rows.filter(pk=int(given)).first()
        if given.isascii() and given.isdigit() and len(given) < 16
        else None
    )
    if found is None:
        raise Missing("There is no such drift any more.", advice="Look at the integration's page again.")
    drifts.mend(actor_of(request), integration, revision_of(request), found.environment)
    messages.success(
        request, f"The draft is as {found.environment} is now. Look at what changes, and publish it."
    )
    return redirect("integrations:review", pk=pk)
