"""Ways from page to page: the side navigation, breadcrumbs, tabs, wizard steps, paging."""

from collections.abc import Mapping, Sized
from typing import Any

from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.templatetags.isthmus.marks import icon


def address(target: object) -> str:
    """The URL of a URL name, or the target itself when it is a path already; "" when nothing answers to it."""
    text = str(target or "")
    if not text or text.startswith(("/", "?", "#", "http://", "https://")):
        return text
    try:
        return reverse(text)
    except NoReverseMatch:
        return ""


def _current(context: Context, url: str) -> bool:
    request = context.get("request")
    if request is None:
        return False
    path = str(request.path)
    return path == url if url == reverse_home() else path.startswith(url)


def reverse_home() -> str:
    return address("home") or "/"


def _amount(count: object) -> int:
    return len(count) if isinstance(count, Sized) and not isinstance(count, str) else int(count or 0)  # type: ignore[call-overload]


def nav_item(
    context: Context, label: str, names: str, symbol: str, *, key: str = "", count: object = 0, but: str = ""
) -> SafeString:
    """One line of the side navigation, or nothing when none of the URL `names` (space-separated) exists.

    `key` is the letter of its shortcut (g, then the letter). `count` (a number or a list) asks for attention.
    `but` names URLs below this one that belong to another item.
    """
    url = next((found for found in map(address, names.split()) if found), "")
    if not url:
        return SafeString("")
    elsewhere = any(_current(context, other) for other in map(address, but.split()) if other)
    here = _current(context, url) and not elsewhere
    waiting = _amount(count)
    return format_html(
        '<li><a class="nav-item" href="{}"{}{}>{}<span>{}</span>{}</a></li>',
        url,
        SafeString(' aria-current="page"') if here else "",
        format_html(' data-key="{}"', key) if key else "",
        icon(symbol),
        label,
        format_html(
            '<span class="count count-alert nav-count">{}<span class="visually-hidden"> need attention</span></span>',
            waiting,
        )
        if waiting
        else "",
    )


def crumbs(*parts: object) -> SafeString:
    """`{% crumbs "Connections" "connections:list" connection.name %}`: label, URL name or path, …, this page."""
    pairs = [(parts[at], address(parts[at + 1])) for at in range(0, len(parts) - 1, 2)]
    items = format_html_join(
        "",
        "<li>{}</li>",
        ((format_html('<a href="{}">{}</a>', url, label) if url else label,) for label, url in pairs),
    )
    if len(parts) % 2:
        items += format_html('<li aria-current="page">{}</li>', parts[-1])
    return format_html('<nav aria-label="Breadcrumb"><ol class="crumbs">{}</ol></nav>', items)


def tab(
    context: Context, label: str, target: str, active: bool | None = None, count: object = None
) -> SafeString:
    """A link of `<nav class="tabs" aria-label="…">`. Without `active` the present path decides."""
    url = address(target)
    request = context.get("request")
    here = active if active is not None else bool(request and request.path == url.partition("?")[0])
    shown = format_html('<span class="count">{}</span>', _amount(count)) if count is not None else ""
    return format_html(
        '<a class="tab" href="{}"{}>{}{}</a>',
        url,
        SafeString(' aria-current="page"') if here else "",
        label,
        shown,
    )


def stepper(current: int, *labels_and_urls: object) -> dict[str, Any]:
    """`{% stepper 2 "Environment" url1 "Entities" url2 "Review" "" %}`: steps of a wizard, from 1; "" is no link."""
    pairs = [labels_and_urls[at : at + 2] for at in range(0, len(labels_and_urls), 2)]
    return {
        "items": [
            {"number": number, "label": pair[0], "url": address(pair[1]) if len(pair) > 1 else ""}
            for number, pair in enumerate(pairs, start=1)
        ],
        "current": current,
    }


def with_query(context: Context, **changes: object) -> str:
    """The present query string with some parameters changed; None or "" removes one."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return ""
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


def pagination(
    context: Context,
    previous: object = None,
    following: object = None,
    info: object = "",
    name: str = "cursor",
) -> Mapping[str, Any]:
    """Previous and next by cursor: `{% pagination page.previous page.next info="50 of 2,000" %}`.

    A cursor becomes `?cursor=…` beside the other parameters; a value beginning with ? or / is taken as the link.
    """

    def link(cursor: object) -> str:
        text = str(cursor or "")
        return text if text.startswith(("?", "/")) or not text else with_query(context, **{name: text})

    return {"previous": link(previous), "following": link(following), "info": info}
