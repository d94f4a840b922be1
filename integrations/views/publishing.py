"""The draft beside what is published, and the step from one to the other."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import actor_of
from core.problems import BadInput, Missing
from integrations.explaining.signatures import signatures
from integrations.forms import PublishForm, add_problem
from integrations.models import Integration
from integrations.services import publishing
from integrations.views.common import find, page, revision_of
from jobs import services as jobs
from jobs.models import JobRun


@require_GET
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    return render(request, "integrations/review.html", _context(request, integration, PublishForm()))


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for it; the page that follows shows how it goes. `again` names an older version to publish again."""
    integration = find(request, pk)
    if request.method == "GET":  # the address of a form that was refused, loaded again
        return redirect("integrations:review", pk=pk)
    form = PublishForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            publishing.ask(
                actor_of(request),
                integration,
                revision_of(request),
                given["notes"],
                again=given["again"] or 0,
            )
        except BadInput as problem:
            add_problem(form, problem)
        else:
            return redirect("integrations:publishing", pk=integration.pk)
    return render(request, "integrations/review.html", _context(request, integration, form), status=422)


@require_GET
def under_way(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the latest publication goes, or went."""
    integration = find(request, pk)
    run = _run(integration)
    if run is None:
        return redirect("integrations:review", pk=pk)
    return render(request, "integrations/publishing.html", page(request, integration, **_progress(run)))


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of that page that changes."""
    integration = find(request, pk)
    run = _run(integration)
    if run is None:
        raise Missing(f"{integration.name} was never published.")
    context = {"integration": integration, "bound": integration.bindings.exists(), **_progress(run)}
    return render(request, "integrations/includes/publishing.html", context)


def _run(integration: Integration) -> JobRun | None:
    return jobs.for_subject(integration).filter(kind=publishing.KIND).first()


def _progress(run: JobRun) -> dict[str, Any]:
    roles = run.result.get("roles pending", [])
    return {"run": run, "number": run.result.get("version"), "roles_pending": roles}


def _context(request: HttpRequest, integration: Integration, form: PublishForm) -> dict[str, Any]:
    seen = publishing.review(integration)
    return page(
        request,
        integration,
        review=seen,
        form=form,
        next_number=seen.next_number,
        signatures=signatures(seen.definition),
    )
