"""What the pages about runs ask beyond the run itself."""

from datetime import datetime
from typing import Any

from django import template
from django.apps import apps
from django.template import Context

from core.templatetags.isthmus.times import duration, when
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


@register.simple_tag
def result_of(run: JobRun) -> list[tuple[str, object]]:
    """What a run found, in words: names without underscores, figures with separators, moments as such."""
    return [(_title(name), _shown(name, value)) for name, value in (run.result or {}).items()]


def _title(name: str) -> str:
    words = "took" if name == "seconds" else name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _shown(name: str, value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "seconds" and isinstance(value, int | float):
        return duration(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    if isinstance(value, str) and (moment := _moment(value)):
        return when(moment, style="datetime")
    return value


def _moment(text: str) -> datetime | None:
    """Of an ISO 8601 text with a zone; of any other text, nothing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
