"""What a handler holds while it works: its payload, its actor, and its claim on the run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from core import clock
from core.problems import NotPermitted, Remedy
from core.redaction import redact_text
from jobs import stopping
from jobs.handlers import Kind
from jobs.models import JobRun

WRITE_EVERY = 0.3  # seconds; pages poll once a second, so more writes would show nobody anything


class Cancelled(Exception):  # noqa: N818
    """Somebody asked to stop. Let it pass through; the engine records it."""


class LeaseLost(Exception):  # noqa: N818
    """Another worker may have this run by now: change nothing more. Let it pass through."""


class Released(Exception):  # noqa: N818
    """The worker gives the run back, to be continued by the next one: it shuts down, or for the reason given."""


class TimedOut(Exception):  # noqa: N818
    """The attempt took longer than its kind allows."""


class WaitForPerson(Exception):  # noqa: N818
    """Nothing more can be done until a person has acted; `remedy` is the button that leads there."""

    def __init__(self, message: str, remedy: Remedy | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Running:
    """One attempt at a run. Made by the engine, used by one handler, from one thread."""

    def __init__(self, row: JobRun, kind: Kind) -> None:
        self.row = row
        self.kind = kind
        self.id: UUID = row.pk
        self.payload: dict[str, Any] = row.payload
        self.subject_id = row.subject_id
        self.attempt = row.attempt
        self.failures = row.failures
        self.values: dict[str, Any] = {
            name: getattr(row, name) for name in ("done", "total", "step", "message")
        }
        self.unwritten: dict[str, Any] = {}  # told, but too recently to be worth a write
        self._moved: dict[str, Any] | None = None
        self._deadline = time.monotonic() + kind.limit
        self._written_at = 0.0

    @property
    def actor(self) -> Actor:
        """The person who asked, or the system with the duty for which a schedule asked.

        Raises:
            NotPermitted: when that person is gone or may no longer sign in.

        """
        if self.row.requested_by is not None:
            if not self.row.requested_by.is_active:
                raise NotPermitted(f"{self.row.requested_by} asked for this and may no longer sign in.")
            return Actor.person(self.row.requested_by)
        if not self.row.duty:
            raise NotPermitted("Whoever asked for this is no longer here. Ask for it again.")
        return Actor.system(self.row.duty)

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        step: str | None = None,
        message: str | None = None,
    ) -> None:
        """Say how far it is; what is left out stays as it was. Also renews the lease.

        Raises:
            Cancelled, Released, TimedOut: stop now.
            LeaseLost: stop now, and write nothing more.

        """
        told = {"done": done, "total": total, "step": step, "message": message}
        news = {name: value for name, value in told.items() if value is not None}
        if message is not None:
            news["message"] = redact_text(message)
        spoke = any(self.values[name] != news.get(name, self.values[name]) for name in ("step", "message"))
        self.values.update(news)
        self.unwritten.update(news)
        if spoke or time.monotonic() - self._written_at >= WRITE_EVERY:
            self.check()

    def check(self) -> None:
        """Renew the lease, write the progress, and learn whether to go on. Raises as `progress` does."""
        if self.overdue:
            raise TimedOut
        self.renew(**self.unwritten)
        self.unwritten = {}
        self._written_at = time.monotonic()
        if JobRun.objects.filter(pk=self.id, cancel_requested_at__isnull=False).exists():
            raise Cancelled
        if stopping.is_set():
            raise Released

    def renew(self, **values: Any) -> None:
        """Hold the lease for another while.

        Raises:
            LeaseLost: when the run is no longer this attempt's.

        """
        if not self.mine().update(lease_until=clock.after(self.kind.lease), **values):
            raise LeaseLost(f"run {self.id}, attempt {self.attempt}")

    def mine(self) -> Any:
        """The row, as long as it still belongs to this attempt: every write goes through this fence."""
        return JobRun.objects.filter(pk=self.id, attempt=self.attempt, state=JobRun.State.RUNNING)

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction that commits only while this attempt owns the run.

        What is written inside and the cursor (see `move`) stand or fall together. No HTTP in here.

        Raises:
            LeaseLost: before the body starts.

        """
        values, payload = dict(self.values), self.payload
        self._moved = {}
        try:
            with transaction.atomic():
                # The update comes first: it takes the row's lock, so that nobody can claim the run until the end.
                self.renew()
                yield
                if self._moved:
                    self.renew(failures=0, **self._moved)
            if self._moved:
                self.failures = 0
        except BaseException:
            self.values, self.payload = values, payload
            raise
        finally:
            self._moved = None

    def move(self, done: int, *, total: int | None = None, cursor: dict[str, Any] | None = None) -> None:
        """Inside `fenced`: how far it is once that has committed. The next attempt finds it in `done` and `payload`.

        A run that moves is not failing: the count of failures in a row begins anew.

        Args:
            done: how many units are complete.
            total: of how many, where that is known by now.
            cursor: joins the payload.

        """
        if self._moved is None:
            raise RuntimeError("A cursor moves together with its effect: inside `with run.fenced()`.")
        told: dict[str, Any] = {"done": done}
        if total is not None:
            told["total"] = total
        self.values.update(told)
        if cursor is not None:
            self.payload = told["payload"] = {**self.payload, **cursor}
        self._moved.update(told)

    @property
    def done(self) -> int:
        """How many units are complete; a later attempt starts with what the earlier ones reached."""
        return int(self.values["done"])

    @property
    def overdue(self) -> bool:
        return time.monotonic() > self._deadline
