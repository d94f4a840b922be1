"""The error pages Django itself asks for, and whether this process is alive."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.pages import database_down, problem_response
from core.problems import BadInput, Missing, NotPermitted, Problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_response(
        request, BadInput("The request could not be understood.", advice="Go back and try again.")
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(request, NotPermitted(str(exception) or "This page is not for you."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_response(
        request,
        Missing(
            "There is nothing here, or it belongs to a team you are not in.",
            advice="Check the address, or ask an owner of the team for access.",
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view has foreseen. Django calls it while the exception is being handled."""
    error = sys.exception()
    if isinstance(error, OperationalError | InterfaceError):
        return database_down(request, error)
    problem = Problem(
        "Something broke inside Isthmus, and it has been logged.",
        title="Our mistake",
        advice="Try again. If it happens again, give your administrator the id below.",
    )
    problem.status = 500
    return problem_response(request, problem, bare=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return problem_response(
        request,
        NotPermitted(
            "This form is no longer valid, so nothing was changed.",
            advice="Go back, reload the page and send it again. Cookies must be allowed.",
        ),
    )


@login_not_required
def alive(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """For load balancers: the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
