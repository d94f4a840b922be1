"""How runs look."""

from datetime import timedelta

from django import template

from jobs.models import JobRun

register = template.Library()

_CLASSES = {
    JobRun.State.QUEUED: "text-bg-secondary",
    JobRun.State.RUNNING: "text-bg-primary",
    JobRun.State.WAITING: "text-bg-warning",
    JobRun.State.SUCCEEDED: "text-bg-success",
    JobRun.State.FAILED: "text-bg-danger",
    JobRun.State.CANCELLED: "text-bg-secondary",
}


@register.filter
def state_class(run: JobRun) -> str:
    return _CLASSES[JobRun.State(run.state)]


@register.filter
def lasting(duration: timedelta | None) -> str:
    """`4.2 s`, `3 min 5 s`, `2 h 10 min`; nothing for nothing."""
    if duration is None:
        return ""
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
