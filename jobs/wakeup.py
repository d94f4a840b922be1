"""Tells a worker that there is something to do. Losing the message loses nothing: the tick sends another."""

from uuid import UUID

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)


def wake_on_commit(run_id: UUID) -> None:
    """Publish when, and only when, the surrounding transaction has committed."""
    transaction.on_commit(lambda: wake(run_id))


def wake(run_id: UUID | str) -> bool:
    """Publish now. False, and a line in the log, when the broker does not take it."""
    from jobs import tasks

    try:
        tasks.wake.apply_async((str(run_id),))
    except Exception as error:  # noqa: BLE001  the run is safe in its row, whatever the broker says
        log.warning(
            "wake-up not sent; the next tick sends it", run_id=str(run_id), error=type(error).__name__
        )
        return False
    return True
