"""What only callers of a service can be told, and the one shape of all its errors (RFC 9457)."""

import math

from django.http import HttpRequest, HttpResponse

from core.problems import BadInput, Clash, Missing, NotPermitted, Problem
from integrations.api.answers import json_answer
from microsoft.errors import Conflict


class Unauthorised(Problem):
    """Nobody knows who calls."""

    status = 401
    title = "A key is needed"
    usual_advice = "Send the header Authorization: Bearer isk_… with a key of this service."


class Gone(Problem):
    """It was there, and will not come back."""

    status = 410
    title = "Withdrawn"
    usual_advice = "Use a later version."


class Stale(Clash):
    """The record is no longer the one that If-Match names."""

    status = 412
    title = "The record has changed"
    usual_advice = "Read the record again, and repeat the change with its new etag if it is still wanted."


class LengthMissing(BadInput):
    status = 411
    title = "The length is missing"
    usual_advice = "Send the header Content-Length with the body, instead of sending it in chunks."


class TooLarge(BadInput):
    status = 413
    title = "Too much at once"
    usual_advice = "Send less at once."


class WrongMediaType(BadInput):
    status = 415
    title = "This is not JSON"
    usual_advice = "Send JSON, with the header Content-Type: application/json."


class AnotherBody(BadInput):
    status = 422
    title = "This idempotency key was used for something else"
    usual_advice = "Use a new Idempotency-Key for a new record; repeat the old body for the old one."


class TooManyCalls(Problem):
    status = 429
    title = "Too many calls"
    usual_advice = "Wait as long as the header Retry-After says."


class WrongMethod(Problem):
    status = 405
    title = "Not in this way"
    usual_advice = "The header Allow names the methods that work here."

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"This address takes {', '.join(allowed)}.", code="method")
        self.allowed = allowed


class Broken(Problem):
    status = 500
    title = "Our mistake"
    usual_advice = "Try again. If it happens again, give the administrator of Isthmus the request id."


def in_the_words_of_the_service(problem: Problem, request: HttpRequest) -> Problem:
    """The same problem, with the status that HTTP has for it where people's pages have none."""
    stale = isinstance(problem.__cause__, Conflict) and problem.__cause__.status == 412
    if isinstance(problem, Clash) and stale and request.headers.get("If-Match"):
        return _as(Stale, problem)
    if isinstance(problem, Missing) and problem.code == "withdrawn":
        return _as(Gone, problem)
    return problem


def code_of(problem: Problem) -> str:
    """The kind of problem, for programs. Microsoft's own code stands among the ids."""
    ours = problem.code if problem.code != problem.ids.get("code") else ""
    return ours or CODES.get(problem.status, "refused")


def problem_answer(problem: Problem, request_id: str) -> HttpResponse:
    """`application/problem+json`: type, title, status, detail, advice, code, fields and ids."""
    theirs = {f"microsoft_{name}": value for name, value in problem.ids.items()}
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "advice": problem.advice or ("" if problem.fields else problem.usual_advice),
        "code": code_of(problem),
        "fields": problem.fields,
        "request_id": request_id,
        "ids": {"request_id": request_id, **theirs},
    }
    answer = json_answer(
        {name: value for name, value in body.items() if value}, problem.status, "application/problem+json"
    )
    if problem.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if isinstance(problem, Unauthorised):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Isthmus"'
    if isinstance(problem, WrongMethod):
        answer.headers["Allow"] = ", ".join(problem.allowed)
    return answer


def _as(kind: type[Problem], problem: Problem) -> Problem:
    return kind(
        problem.message,
        advice=problem.advice if kind is not Stale else "",
        ids=problem.ids,
        fields=problem.fields,
        code=problem.code,
    )


CODES = {
    BadInput.status: "invalid",
    NotPermitted.status: "forbidden",
    Missing.status: "not_found",
    Clash.status: "conflict",
    411: "length_missing",
    412: "stale",
    413: "too_large",
    415: "media_type",
    422: "idempotency",
    429: "rate_limit",
    500: "internal",
    503: "unavailable",
}
