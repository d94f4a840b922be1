"""For tests of other apps: carries out queued runs here and now, without broker or worker."""

from core import clock
from jobs import engine, handlers
from jobs.models import JobRun


def run_due(*, limit: int = 50, early: bool = False) -> list[JobRun]:
    """Carry out what is due, including what that asks for in turn; returns the runs, freshly read, in order.

    With `early`, runs that wait for their moment (back-off, not_before) do not wait.

    Raises:
        AssertionError: when there is no end to it after `limit` runs.

    """
    finished: list[JobRun] = []
    while True:
        if early:
            JobRun.objects.filter(state=JobRun.State.QUEUED, kind__in=handlers.names()).update(
                not_before=clock.now()
            )
        row = engine.claim()
        if row is None:
            return finished
        if len(finished) >= limit:
            raise AssertionError(f"{limit} runs, and still work to do: {row}")
        engine.carry_out(row, beat=False)
        row.refresh_from_db()
        finished.append(row)
