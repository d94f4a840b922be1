"""One run at a time works on a connection: two that look before they create could both find nothing."""

from core.problems import Unavailable
from jobs.models import JobRun
from jobs.running import Running

WAIT = 3.0


def wait_for_turn(run: Running) -> None:
    """Let the run that started first finish.

    Raises:
        Unavailable: another one is at work; the job engine tries again.

    """
    others = JobRun.objects.filter(
        subject_type=run.row.subject_type,
        subject_id=run.row.subject_id,
        kind__startswith="connections.",
        state=JobRun.State.RUNNING,
    ).exclude(pk=run.id)
    mine = (JobRun.objects.values_list("started_at", flat=True).get(pk=run.id), run.id)
    if any((other.started_at, other.pk) < mine for other in others):
        raise Unavailable("Another run is at work on this connection.", retry_after=WAIT)
