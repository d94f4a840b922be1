"""The pages about runs. A run that a person may not see does not exist for them."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import Actor
from core.problems import Missing
from jobs import services
from jobs.forms import Filters
from jobs.models import JobRun

PER_PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The runs a person may see, newest first."""
    filters = Filters(request.GET, user=request.user)
    page = Paginator(filters.runs(), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "jobs/list.html",
        {
            "filters": filters,
            "filtered": bool(filters.chosen()),
            "page": page,
            "before": page.previous_page_number() if page.has_previous() else None,
            "after": page.next_page_number() if page.has_next() else None,
            "info": f"{page.start_index()} to {page.end_index()} of {page.paginator.count}",
        },
    )


@require_GET
def detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return render(request, "jobs/detail.html", {"run": _find(request, run_id)})


@require_GET
def row(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One row of the list; it asks again while the run moves, as the next two do."""
    return render(request, "jobs/includes/run_row.html", {"run": _find(request, run_id)})


@require_GET
def panel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The panel on pages of other apps."""
    return render(request, "jobs/includes/run_panel.html", {"run": _find(request, run_id)})


@require_GET
def facts(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The inside of the run's own page."""
    return render(request, "jobs/includes/run_live.html", {"run": _find(request, run_id)})


@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _act(request, run_id, services.cancel, "Cancelled.")


@require_POST
def retry(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _act(request, run_id, services.retry, "It is queued again.")


@require_POST
def resume(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _act(request, run_id, services.resume, "It goes on.")


def _find(request: HttpRequest, run_id: UUID) -> JobRun:
    run = services.visible_to(request.user).filter(pk=run_id).first()  # type: ignore[arg-type]
    if run is None:
        raise Missing(
            "There is no such run, or it belongs to a team you are not in.",
            advice="Open the list of jobs, or ask an owner of the team.",
        )
    return run


def _act(
    request: HttpRequest, run_id: UUID, service: Callable[[Actor, JobRun], JobRun], done: str
) -> HttpResponse:
    run = service(Actor.person(request.user), _find(request, run_id))  # type: ignore[arg-type]
    if run.state == JobRun.State.RUNNING:
        done = "It stops at its next step."
    messages.success(request, done)
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    if ours and back.startswith("/"):
        return HttpResponseRedirect(back)
    return redirect("jobs:detail", run_id=run_id)
