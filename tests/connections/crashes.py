"""Crashes at numbered requests. The requests themselves are real; only the process 'dies' around them."""

from collections.abc import Callable, Iterator

import requests

from connections import clients
from connections.models import Connection
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
        self.sent: list[str] = []  # method and address of each since the count began
        self.struck = ""  # the request around which the worker died last
        self._at, self._after, self._where = 0, False, ""
        self._trouble = lambda: 0
        real = requests.Session.send

        def send(session, request, **options):
            self.count += 1
            number = self.count
            self.sent.append(f"{request.method} {request.url.split('?')[0]}")
            if number == self._at:
                self.struck = self.sent[-1]
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
        self.count, self.sent = 0, []
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


def changes(request: str) -> bool:
    """Whether this request, as in `sent`, may change something at Microsoft."""
    method, _, address = request.partition(" ")
    return method != "GET" and not address.endswith("/token")


def around_each(
    wire: Requests, prepare: Callable[[str], Connection], *, whole: bool
) -> Iterator[tuple[Connection, str]]:
    """Connections whose job died around a request and was taken up again, and where that was.

    `prepare(name)` gives a connection with a job asked for. The first two are not disturbed: they show which requests
    there are. Then a worker dies after each request that changes something; with `whole`, before and after each one.
    A crash elsewhere leaves what the crash after the change before it leaves: `whole` does not rely on that.
    """
    for name in ("First", "Undisturbed"):
        connection = prepare(name)
        _fresh_process()
        wire.crash(0, after=False)
        assert not run_until_dead()
        sent = list(wire.sent)
        yield connection, name
    for number, request in enumerate(sent, 1):
        for after in (False, True) if whole else (True,) if changes(request) else ():
            where = f"{'after' if after else 'before'} request {number}: {request}"
            connection = prepare(f"{number}{'b' if after else 'a'}")
            _fresh_process()
            wire.crash(number, after=after)
            died = run_until_dead()
            wire.rest()
            assert died, f"{where} was never sent"
            _fresh_process()
            restart()
            yield connection, where


def _fresh_process() -> None:
    """What dies with a process: its tokens. The vault's stay."""
    clients._tokens.clear()


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


def reclaim() -> None:
    """What the reconciler does once the dead worker's lease has run out."""
    JobRun.objects.filter(state=JobRun.State.RUNNING).update(lease_until=clock.after(-1))
    reconciler.reclaim()


def restart() -> None:
    """And another worker takes its run up."""
    reclaim()
    run_due(early=True)
