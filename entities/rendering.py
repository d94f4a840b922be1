"""A cell's HTML. Written here and not as a template, because a grid has hundreds of them."""

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

NOTHING = mark_safe(
    '<span class="nothing"><span aria-hidden="true">—</span><span class="visually-hidden">empty</span></span>'
)


def shown(text: str, url: str = "", *, leads_away: bool = False) -> SafeString:
    """Text in its own direction, as a link where it leads somewhere."""
    if not text:
        return NOTHING
    if not url:
        return mark_safe(f"<bdi>{escape(text)}</bdi>")  # noqa: S308  escaped
    away = mark_safe(' rel="noopener noreferrer"') if leads_away else ""
    return format_html('<a href="{}"{}><bdi>{}</bdi></a>', url, away, text)


def moment(text: str, machine: str, exact: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, text)


def choices(picked: list[tuple[str, str]]) -> SafeString:
    """(label, colour) each as a small label with its colour before it."""
    return mark_safe("".join(_choice(label, color) for label, color in picked))  # noqa: S308  escaped


def _choice(label: str, color: str) -> str:
    dot = (
        f'<svg class="dot" viewBox="0 0 8 8" aria-hidden="true"><circle cx="4" cy="4" r="4" fill="{escape(color)}"/></svg>'
        if color
        else ""
    )
    return f'<span class="pick">{dot}<bdi>{escape(label)}</bdi></span>'
