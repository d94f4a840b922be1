"""How a problem looks to whoever asked: a page, a fragment for htmx, or problem+json."""

import math

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.problems import Problem, Unavailable

log = structlog.get_logger(__name__)


def wants_json(request: HttpRequest) -> bool:
    """True for the service API and for callers that accept JSON but not HTML."""
    return request.path.startswith("/api/") or (
        request.accepts("application/json") and not request.accepts("text/html")
    )


def problem_response(request: HttpRequest, problem: Problem, *, bare: bool = False) -> HttpResponse:
    """The answer with the problem's status, its advice, and every id that support may ask for.

    A `bare` one knows nobody and asks no database: it is for the moments when that is what is broken.
    """
    problem.ids.setdefault("request-id", getattr(request, "id", ""))
    if not (problem.advice or problem.remedy or problem.fields):
        problem.advice = problem.usual_advice
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            problem.as_json(), status=problem.status, content_type="application/problem+json"
        )
    else:
        fragment = "core/problem_fragment.html" if request.headers.get("HX-Request") else ""
        if bare:
            text = render_to_string(fragment or "500.html", {"problem": problem})
            response = HttpResponse(text, status=problem.status)
        else:
            template = fragment or "core/problem.html"
            response = render(request, template, {"problem": problem}, status=problem.status)
    if problem.retry_after:
        response.headers["Retry-After"] = str(math.ceil(problem.retry_after))
    return response


def database_down(request: HttpRequest, error: Exception) -> HttpResponse:
    """Our own database is away, locked or full. Another try may help."""
    log.error("database_unavailable", path=request.path, exc_info=error)
    problem = Unavailable(
        "Isthmus cannot use its own database at the moment.",
        advice="Wait a moment and try again. If it stays so, give your administrator the id below.",
        code="database",
        retry_after=10,
    )
    return problem_response(request, problem, bare=True)
