"""Errors for people: what happened, what to do, which ids to quote.

Problem
├─ BadInput          400   something that was typed or sent is wrong; `fields` says where
├─ NotPermitted      403   this person may not do this
├─ Missing           404   not there, or not visible to this person
├─ WrongMethod       405   there is something here, but not to be asked for in this way
├─ Clash             409   somebody else got there first
└─ Unavailable       503   something that Isthmus needs does not answer; worth another try
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microsoft.errors import (
    Conflict,
    Duplicate,
    Forbidden,
    Invalid,
    MicrosoftError,
    NotAllowed,
    NotFound,
    NoTurn,
    Transient,
)


@dataclass(frozen=True)
class Remedy:
    """One button: where it leads, and whether it posts there."""

    label: str
    url: str
    post: bool = False


class Problem(Exception):  # noqa: N818  a problem is what RFC 9457 calls it too
    """Something a person must know about. Its text is shown as it stands."""

    status = 400
    title = "That did not work"
    usual_advice = (
        "Go back and try again."  # for answers that would otherwise leave a person without a next step
    )

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        title: str = "",
        ids: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
        remedy: Remedy | None = None,
        code: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.title = title or self.title
        self.ids = dict(ids or {})
        self.fields = dict(fields or {})
        self.remedy = remedy
        self.code = code
        self.retry_after = retry_after

    def as_json(self) -> dict[str, Any]:
        """The body of an `application/problem+json` answer (RFC 9457)."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
            "advice": self.advice,
            "code": self.code,
            "fields": self.fields,
            "remedy": self._remedy_as_json(),
            **{name.replace("-", "_"): value for name, value in self.ids.items()},
        }
        return {name: value for name, value in body.items() if value}

    def _remedy_as_json(self) -> dict[str, str] | None:
        if self.remedy is None:
            return None
        method = "POST" if self.remedy.post else "GET"
        return {"label": self.remedy.label, "method": method, "url": self.remedy.url}


class BadInput(Problem):
    status = 400
    title = "Something needs correcting"
    usual_advice = "Go back, correct it, and send it again."


class NotPermitted(Problem):
    status = 403
    title = "You may not do this"
    usual_advice = "Ask an owner of your team, or whoever administers this site."


class Missing(Problem):
    status = 404
    title = "Not found"
    usual_advice = "Check the address, or ask an owner of the team for access."


class WrongMethod(Problem):
    status = 405
    title = "This address is not a page"
    usual_advice = "Open the page with the button for it, and press that button."


class Clash(Problem):
    status = 409
    title = "Somebody else changed this"
    usual_advice = "Load the page again, and repeat your change if it is still wanted."


class Unavailable(Problem):
    status = 503
    title = "Not available just now"
    usual_advice = "Wait a moment and try again."


_KINDS: list[tuple[type[MicrosoftError], type[Problem], str]] = [
    (NoTurn, Unavailable, "Others use this environment just now"),
    (Transient, Unavailable, "Microsoft does not answer as it should"),
    (NotFound, Missing, "Not found in Dynamics"),
    (Conflict, Clash, "Somebody else changed this record"),
    (Duplicate, Clash, "There is such a record already"),
    (Invalid, BadInput, "Dynamics did not accept this"),
    (Forbidden, NotPermitted, "Dynamics does not allow this"),
    (NotAllowed, Clash, "Dynamics does not do this to this record"),
]


def problem_from(error: MicrosoftError) -> Problem:
    """What to tell a person about an error that came from Microsoft."""
    kind, title = next(
        ((kind, title) for source, kind, title in _KINDS if isinstance(error, source)),
        (Unavailable, "Microsoft refused"),
    )
    return kind(
        error.message,
        title=title,
        advice=error.advice,
        ids=error.ids(),
        code=error.code,
        retry_after=getattr(error, "retry_after", None),
    )
