"""What the pages about runs ask beyond the run itself."""

from typing import Any

from django import template
from django.apps import apps
from django.template import Context

from jobs import services
from jobs.models import JobRun

register = template.Library()


@register.simple_tag(takes_context=True)
def may_manage(context: Context, run: JobRun) -> bool:
    """Whether the person at the page may cancel, retry or resume this run."""
    request: Any = context.get("request")
    return request is not None and services.may_manage(request.user, run)


@register.simple_tag
def subject_url(run: JobRun) -> str:
    """The page of what the run is about, where that still exists and has one."""
    if not run.subject_type:
        return ""
    try:
        subject: Any = apps.get_model(run.subject_type).objects.filter(pk=run.subject_id).first()
    except (LookupError, ValueError):
        return ""
    return str(subject.get_absolute_url()) if hasattr(subject, "get_absolute_url") else ""


@register.simple_tag(takes_context=True)
def back_here(context: Context) -> str:
    """Where the person is: of a fragment that htmx fetched, the page it stands in."""
    request: Any = context.get("request")
    if request is None:
        return ""
    return (
        str(request.htmx.current_url_abs_path or request.get_full_path())
        if request.htmx
        else request.get_full_path()
    )
