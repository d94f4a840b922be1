"""Whether somebody works, and whether somebody looks at the clock."""

from celery import current_app

from core import clock
from core.doctor import Ailing, check
from jobs.models import Pulse

SILENT = 30.0  # seconds; the beat ticks every two


@check("worker", rank=50, needs=("broker",))
def worker() -> str:
    answers = current_app.control.ping(timeout=2.0) or []
    names = sorted(name for answer in answers for name in answer)
    if not names:
        raise Ailing(
            "no worker answers",
            "make run , or by itself:  celery -A config worker . Jobs that are asked for wait until then.",
        )
    return ", ".join(names)


@check("beat", rank=51, needs=("migrations",))
def beat() -> str:
    pulse = Pulse.objects.filter(pk="beat").first()
    remedy = "make run , or by itself:  celery -A config beat . Until then schedules and lost jobs wait."
    if pulse is None:
        raise Ailing("has never run here", remedy)
    age = (clock.now() - pulse.at).total_seconds()
    if age > SILENT:
        raise Ailing(f"was last seen at {pulse.at:%Y-%m-%d %H:%M:%S} UTC", remedy)
    return f"ticked {age:.0f} second(s) ago"
