"""Request ids, and the one place where a problem becomes a page or JSON."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from core.pages import database_down, problem_response
from core.problems import Problem, WrongMethod, problem_from
from microsoft.errors import MicrosoftError

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: GetResponse) -> GetResponse:
    """Give every request an id that is logged, returned, and passed on to Microsoft's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = str(uuid.uuid4())  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response

    return middleware


def kept_by_nobody(get_response: GetResponse) -> GetResponse:
    """What is made for one person is stored neither on the way nor for whoever uses the browser next."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


class ProblemMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            return self._explained(request, response)
        return response

    def _explained(self, request: HttpRequest, bare: HttpResponse) -> HttpResponse:
        """Django answers a wrong method with an empty page. Reloading a page that was posted to ends there."""
        response = problem_response(
            request, WrongMethod("This address only takes what a button or form sends.")
        )
        response.headers["Allow"] = bare.headers["Allow"]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError):
            return database_down(request, error)
        if isinstance(error, MicrosoftError):
            error = problem_from(error)
        return problem_response(request, error) if isinstance(error, Problem) else None
