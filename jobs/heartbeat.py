"""Keeps the lease of a run while its handler is busy with something that does not report progress."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connections

from jobs.running import LeaseLost, Running

log = structlog.get_logger(__name__)


@contextmanager
def heartbeat(run: Running) -> Iterator[None]:
    """Renew the lease three times per lease, until the block ends, the lease is lost or time is up."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(run, done), name=f"lease-{run.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(run: Running, done: threading.Event) -> None:
    try:
        while not done.wait(run.kind.lease / 3):
            if run.overdue:
                # A handler that hangs loses its lease, and the run goes to somebody else.
                log.warning("job overdue", run_id=str(run.id))
                return
            try:
                run.renew()
            except LeaseLost:
                return  # the handler meets the fence itself at its next write
            except DatabaseError as error:
                log.warning("lease not renewed", run_id=str(run.id), error=str(error))
    finally:
        connections.close_all()
