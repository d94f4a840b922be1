"""What every answer owes to whoever gets it: guarding headers, no traceback, and a way on where something is wrong."""

import json
import re

from core.problems import Problem

SIGN_IN = "/sign-in/"
EXPLAINED = re.compile(
    r'role="alert"|errorlist|errornote|field-error|messagelist|aria-invalid|class="callout|class="empty|suggestion-none'
)


def owes(answer, *statuses):
    """Check an answer of whatever kind; with `statuses`, that it is one of those."""
    status, text = answer.status_code, answer.content.decode(errors="replace")
    said = f"{answer.request['REQUEST_METHOD']} {answer.request['PATH_INFO']} → {status}\n{text[:1500]}"
    assert "Traceback (most recent call last)" not in text, said
    assert status < 500 or status == 503, said
    assert not statuses or status in statuses, f"not one of {statuses}: {said}"
    assert answer.headers["X-Request-Id"], said
    _guarded(answer, said)
    if 300 <= status < 400:
        assert answer.headers["Location"], said
    elif "json" in answer.headers["Content-Type"]:
        _json(answer, said)
    elif "html" in answer.headers["Content-Type"]:
        _html(answer, text, said)
    return answer


def _guarded(answer, said):
    """The policy forbids what is inline; nothing may frame, sniff or follow the page; cookies are for us alone."""
    parts = answer.headers["Content-Security-Policy"].split(";")
    policy = dict(part.strip().partition(" ")[::2] for part in parts)
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'", said
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'", said
    assert answer.headers["X-Content-Type-Options"] == "nosniff", said
    assert answer.headers["X-Frame-Options"] == "DENY", said
    assert answer.headers["Referrer-Policy"] == "same-origin", said
    assert "no-store" in answer.headers["Cache-Control"], said
    for cookie in (one for one in answer.cookies.values() if one.value):
        assert cookie["httponly"], said
        assert cookie["samesite"] in {"Lax", "Strict"}, said


def _json(answer, said):
    body = json.loads(answer.content)
    if answer.status_code >= 400:
        assert body["title"], said
        assert body["detail"], said
        assert body.get("advice") or body.get("fields") or body.get("remedy"), said
        assert body["request_id"] == answer.headers["X-Request-Id"], said


def _html(answer, text, said):
    fragment = "HX-Request" in answer.wsgi_request.headers
    if answer.status_code < 400 and fragment:
        return
    assert ("<html" in text) is not fragment, said
    if not fragment:
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        assert title, said
        assert title[1].strip(" ·\n").removesuffix("Isthmus").strip(" ·\n|"), said
    if answer.status_code >= 400:
        problem = problem_in(answer)
        if problem is not None:
            assert problem.message, said
            # A form that says what to correct, or who was faster, needs no other way on, and no id to ask about.
            formed = answer.status_code in {409, 422}
            assert formed or problem.advice or problem.remedy or problem.fields, said
            assert formed or answer.headers["X-Request-Id"] in text, said
        assert problem is not None or EXPLAINED.search(text) or offers_authorisation(answer), said


def problem_in(answer):
    """The problem that a page was made of, or None where it was a form or a list."""
    found = answer.context.get("problem") if answer.context else None
    return found if isinstance(found, Problem) else None


def offers_authorisation(answer):
    """Whether the page has the button that leads to Microsoft and back."""
    return "Authorise with Microsoft" in answer.content.decode() and "authorizations/authorise/" in (
        answer.content.decode()
    )


def leads_to_sign_in(answer):
    return answer.status_code == 302 and answer.headers["Location"].partition("?")[0] in {
        SIGN_IN,
        "/admin/login/",
    }


def bare_of_ids(answer):
    """The page without what differs from one request to the next."""
    text = answer.content.decode().replace(answer.headers["X-Request-Id"], "")
    text = re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="\w+"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b\d+\b", "", text)
