"""Frames around content: page header, panel, callout, empty state, table, live region, code."""

from hashlib import sha256

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.isthmus.marks import copy_button, icon
from core.templatetags.isthmus.states import badge

CALLOUTS = {
    "info": "info-circle-fill",
    "success": "check-circle-fill",
    "warning": "exclamation-triangle-fill",
    "danger": "exclamation-circle-fill",
}


def _if(template: str, value: object) -> SafeString:
    return format_html(template, value) if value not in (None, "") else SafeString("")


def page_header(
    content: str, title: object, lead: object = "", kind: str = "", state: object = ""
) -> SafeString:
    """The page's one h1, with its state and what one can do. Between the tags: buttons."""
    return format_html(
        '<header class="page-header"><div class="page-header-text">'
        '<div class="page-title"><h1>{}</h1>{}</div>{}</div>{}</header>',
        title,
        badge(kind, state) if state else "",
        _if('<p class="lead">{}</p>', lead),
        _if('<div class="page-actions">{}</div>', content.strip() and SafeString(content)),
    )


def panel(
    content: str, title: object = "", lead: object = "", css: str = "", flush: bool = False
) -> SafeString:
    """A card with an h2. `flush` leaves out the padding, for a table or list that brings its own."""
    head = SafeString("")
    if title not in (None, ""):
        head = format_html(
            '<div class="panel-head"><div><h2>{}</h2>{}</div></div>', title, _if("<p>{}</p>", lead)
        )
    body = (
        SafeString(content) if flush else format_html('<div class="panel-body">{}</div>', SafeString(content))
    )
    return format_html('<section class="{}">{}{}</section>', f"panel {css}".strip(), head, body)


def callout(content: str, level: str = "info", title: object = "", symbol: str = "") -> SafeString:
    """Something to know before going on. `level`: info, success, warning, danger."""
    role = SafeString(' role="alert"') if level == "danger" else ""
    return format_html(
        '<div class="callout callout-{}"{}>{}{}<div>{}</div></div>',
        level,
        role,
        icon(symbol or CALLOUTS.get(level, "info-circle-fill")),
        _if('<p class="callout-title">{}</p>', title),
        SafeString(content),
    )


def empty_state(content: str, title: object, text: object = "", symbol: str = "inbox") -> SafeString:
    """Nothing here yet, and what to do about it. Between the tags: buttons."""
    return format_html(
        '<div class="empty"><div class="empty-icon">{}</div><h2>{}</h2>{}{}</div>',
        icon(symbol),
        title,
        _if("<p>{}</p>", text),
        _if('<div class="empty-actions">{}</div>', content.strip() and SafeString(content)),
    )


def table_wrap(content: str, label: str) -> SafeString:
    """Lets a wide table scroll within itself, reachable by keyboard. `label` names it for readers."""
    return format_html(
        '<div class="table-scroll" role="region" aria-label="{}">{}</div>', label, SafeString(content)
    )


def live(content: str, url: str, name: str, active: bool = True, every: str = "1s") -> SafeString:
    """A region that asks `url` for its next state while `active`, and is morphed into it.

    The answer is the same region under the same `name` (its element id); one that is not active ends the polling.
    A failing server leaves the last state standing and is asked again.
    """
    if not active:
        return format_html('<div id="{}" data-live="done">{}</div>', name, SafeString(content))
    return format_html(
        '<div id="{}" data-live="on" hx-get="{}" hx-trigger="every {}" hx-swap="outerMorph"'
        ' hx-status:5xx="swap:none">{}</div>',
        name,
        url,
        every,
        SafeString(content),
    )


def code(content: str, title: str = "") -> SafeString:
    """A block of code to read and copy. Between the tags: the text, escaped as usual."""
    text = content.strip("\n")
    name = f"code-{sha256(text.encode()).hexdigest()[:10]}"
    return format_html(
        '<figure class="code mb-0"><figcaption class="code-head"><span>{}</span>{}</figcaption>'
        '<pre role="region" aria-label="{}"><code id="{}">{}</code></pre></figure>',
        title,
        copy_button(source=f"#{name}", label="Copy"),
        title or "Code",
        name,
        SafeString(text),
    )
