"""The one view behind which every service stands."""

from time import perf_counter

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from core.problems import Problem, Unavailable, problem_from
from integrations.api.accounting import account_for
from integrations.api.calls import Call
from integrations.api.problems import Broken, code_of, in_the_words_of_the_service, problem_answer
from integrations.api.routes import route, version_and_rest
from integrations.models import Version
from microsoft.errors import MicrosoftError
from microsoft.tracing import traced

log = structlog.get_logger(__name__)


@csrf_exempt
@login_not_required
def service(request: HttpRequest, service: str, path: str = "") -> HttpResponse:
    """Admit the caller, find the handler, answer; every problem in the one shape of services."""
    started = perf_counter()
    request_id: str = request.id  # type: ignore[attr-defined]
    asked, parts = version_and_rest(path)
    call = Call(request, service, asked)
    with traced(request_id) as trail:
        answer = _answered(call, parts, request_id)
    if trail.request_ids:
        answer.headers["X-Ms-Request-Id"] = trail.request_ids[-1]
    if call.version is not None:
        answer.headers["Isthmus-Version"] = str(call.version.number)
        if call.version.state == Version.State.DEPRECATED:
            answer.headers["Deprecation"] = "true"
    account_for(call, answer, request_id, perf_counter() - started)
    return answer


def _answered(call: Call, parts: tuple[str, ...], request_id: str) -> HttpResponse:
    try:
        call.admit()
        return route(parts).answer(call)
    except Exception as error:  # noqa: BLE001  whatever happens, callers get an answer they can read
        problem = in_the_words_of_the_service(_problem_of(error, call), call.request)
        call.code = code_of(problem)
        return problem_answer(problem, request_id)


def _problem_of(error: Exception, call: Call) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, MicrosoftError):
        return problem_from(error)
    log.error("service_failed", path=call.request.path, exc_info=error)
    if isinstance(error, OperationalError | InterfaceError):
        away = "Isthmus cannot use its own database at the moment."
        return Unavailable(away, code="database", retry_after=10)
    return Broken("Something broke inside Isthmus, and it has been logged.")
