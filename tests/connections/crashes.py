"""Crashes at numbered requests. The requests themselves are real; only the process 'dies' around them."""

import requests

from core import clock
from jobs import reconciler
from jobs.models import JobRun
from jobs.testing import run_due


class Crash(BaseException):
    """What the engine does not catch: to it, the worker is gone."""


class Requests:
    """Counts every request of the process, token requests included, and crashes around one of them."""

    def __init__(self, monkeypatch) -> None:
        self.count = 0
        self.struck = ""  # the request around which the worker died last
        self._at, self._after, self._where = 0, False, ""
        self._trouble = lambda: 0
        real = requests.Session.send

        def send(session, request, **options):
            self.count += 1
            number = self.count
            if number == self._at:
                self.struck = f"{request.method} {request.url.split('?')[0]}"
            if number == self._at and not self._after:
                raise Crash(self.struck)
            status = self._trouble()
            if status:
                return _trouble(request, status)
            answer = real(session, request, **options)
            changing = request.method != "GET" and self._where and self._where in request.url
            if (number == self._at and self._after) or changing:
                raise Crash(self.struck or request.url)
            return answer

        monkeypatch.setattr(requests.Session, "send", send)

    def crash(self, at: int, *, after: bool) -> None:
        """Die around the request of this number, counted from now."""
        self.count = 0
        self._at, self._after = at, after

    def fail(self, draw) -> None:
        """Answer with the status that this draws for each request, if any, without asking."""
        self._trouble = draw

    def crash_at(self, where: str) -> None:
        """Die after the first request that changes something at an address with this in it."""
        self._where = where

    def rest(self) -> None:
        """Die no more."""
        self._at, self._where = 0, ""
        self._trouble = lambda: 0

    def changes(self) -> bool:
        """Whether the request that was struck may have changed something at Microsoft."""
        method, _, address = self.struck.partition(" ")
        return method != "GET" and not address.endswith("/token")


def _trouble(request, status: int) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = status, request.url, request
    answer.headers["Retry-After"] = "0"
    answer._content = b"{}"
    answer._content_consumed = True
    return answer


def run_until_dead() -> bool:
    """Whether the worker died. Its run stays claimed, as it would."""
    try:
        run_due(early=True)
    except Crash:
        return True
    return False


def restart() -> None:
    """What the reconciler does once the dead worker's lease has run out."""
    JobRun.objects.filter(state=JobRun.State.RUNNING).update(lease_until=clock.after(-1))
    reconciler.reclaim()
    run_due(early=True)
