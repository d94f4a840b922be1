"""The Celery side: one task, whose message only says that there may be something to do."""

from celery import shared_task, signals

from jobs import engine, stopping


@shared_task(name="jobs.wake", ignore_result=True)
def wake(run_id: str) -> None:  # noqa: ARG001  for the log of the broker; see below
    """Carry out the most urgent due run, which need not be the one that caused this message."""
    row = engine.claim()
    if row is not None:
        engine.carry_out(row)


@signals.worker_shutting_down.connect
def give_runs_back(**_kwargs: object) -> None:
    """Handlers that report progress stop at their next report, and their runs go back to the queue."""
    stopping.begin()


@signals.worker_init.connect
def take_runs(**_kwargs: object) -> None:
    stopping.clear()
