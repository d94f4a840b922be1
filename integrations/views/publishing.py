"""The draft beside what is published, and the step from one to the other."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of
from core.problems import BadInput
from integrations.forms import PublishForm, add_problem
from integrations.models import Integration
from integrations.services import publishing
from integrations.signatures import signatures
from integrations.views.common import find, page, revision_of


@require_GET
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    return render(request, "integrations/review.html", _context(request, integration, PublishForm()))


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    if request.method == "GET":  # the address of a form that was refused, loaded again
        return redirect("integrations:review", pk=pk)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            version = publishing.publish(
                actor_of(request), integration, revision_of(request), form.cleaned_data["notes"]
            )
        except BadInput as problem:
            add_problem(form, problem)
        else:
            messages.success(request, f"Version {version.number} is published.")
            bound = integration.bindings.exists()
            return redirect("integrations:use" if bound else "integrations:bind", pk=integration.pk)
    return render(request, "integrations/review.html", _context(request, integration, form), status=422)


def _context(request: HttpRequest, integration: Integration, form: PublishForm) -> dict[str, Any]:
    seen = publishing.review(integration)
    next_number = seen.latest.number + 1 if seen.latest else 1
    return page(
        request,
        integration,
        review=seen,
        form=form,
        next_number=next_number,
        signatures=signatures(seen.definition),
    )
