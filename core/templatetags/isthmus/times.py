"""Moments and lengths of time. The server writes UTC; static/isthmus/js/times.js shows the reader's own zone."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock

NEVER = format_html('<span class="muted">{}</span>', "—")


def when(moment: datetime | None, style: str = "relative", empty: str = "") -> SafeString:
    """`<time>` for a moment. `style`: relative ("5 minutes ago"), datetime or date."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', empty) if empty else NEVER
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=UTC)
    utc = moment.astimezone(UTC)
    full = utc.strftime("%Y-%m-%d %H:%M:%S UTC")
    text = utc.strftime("%Y-%m-%d") if style == "date" else utc.strftime("%Y-%m-%d %H:%M UTC")
    return format_html(
        '<time datetime="{}" data-when="{}" title="{}">{}</time>',
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"),
        style,
        full,
        text,
    )


def duration(length: timedelta | float | None) -> str:
    """`{{ seconds|duration }}`: 340 ms, 2.4 s, 3 min 5 s, 1 h 20 min, 3 d 4 h."""
    if length in (None, ""):
        return "—"
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, part, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {small}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def elapsed(started: datetime | None, finished: datetime | None = None) -> SafeString:
    """How long something took; while it runs, the page keeps counting."""
    if started is None:
        return SafeString("")
    if finished is not None:
        return format_html("<span>{}</span>", duration(finished - started))
    return format_html(
        '<span data-since="{}">{}</span>',
        started.isoformat(),
        duration(max(clock.now() - started, timedelta(0))),
    )
