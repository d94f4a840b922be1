"""How a problem looks to whoever asked: a page, a fragment for htmx, or problem+json."""

import math

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.problems import Problem


def wants_json(request: HttpRequest) -> bool:
    """True for the service API and for callers that accept JSON but not HTML."""
    return request.path.startswith("/api/") or (
        request.accepts("application/json") and not request.accepts("text/html")
    )


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer with the problem's status, its advice, and every id that support may ask for."""
    problem.ids.setdefault("request-id", getattr(request, "id", ""))
    if wants_json(request):
        response: HttpResponse = JsonResponse(
            problem.as_json(), status=problem.status, content_type="application/problem+json"
        )
    else:
        template = "core/problem_fragment.html" if request.headers.get("HX-Request") else "core/problem.html"
        response = render(request, template, {"problem": problem}, status=problem.status)
    if problem.retry_after:
        response.headers["Retry-After"] = str(math.ceil(problem.retry_after))
    return response
