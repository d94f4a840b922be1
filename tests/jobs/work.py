"""Jobs for real workers: celery -A config worker -I tests.jobs.work. Their effects are rows that can be counted."""

import time

from accounts.models import Team
from jobs.handlers import job
from jobs.running import Running

STEPS = 4


@job("test.steps", title="Some steps", lease=1.0)
def steps(run: Running) -> dict[str, int]:
    """Four effects, each of which commits together with the cursor that says it is done."""
    for number in range(run.done, STEPS):
        run.progress(message=f"step {number}")
        time.sleep(run.payload["seconds"])
        with run.fenced():
            Team.objects.create(name=f"{run.id} {number} {run.attempt}")
            run.move(number + 1)
    return {"attempts": run.attempt}


@job("test.deaf", title="Does not report", lease=1.0)
def deaf(run: Running) -> None:
    """Busy for longer than its lease, without a word."""
    time.sleep(run.payload["seconds"])
