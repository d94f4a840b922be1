"""Small marks within a line: icons, initials, ids with a copy button, a key with its value, a figure."""

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "vendor/bootstrap-icons/icons.svg"


@lru_cache(maxsize=1024)
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite. Give a `label` only where the icon stands alone; else it is hidden from readers."""
    place = f"{static(SPRITE)}#{name}"
    classes = f"icon {css}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, place
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, place)


def avatar(name: object, css: str = "") -> SafeString:
    """A person's initials in a disc."""
    words = [word for word in str(name or "?").replace("@", " ").split() if word[0].isalnum()] or ["?"]
    initials = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', css, initials)


def copy_button(text: object = "", source: str = "", label: str = "Copy") -> SafeString:
    """A button that copies `text`, or what the element at the selector `source` shows."""
    name, value = ("data-copy-from", source) if source else ("data-copy", text)
    return format_html(
        '<button type="button" class="copy" {}="{}" aria-label="{}" title="{}">{}</button>',
        SafeString(name),
        value,
        label,
        label,
        icon("copy"),
    )


def ident(value: object, label: str = "") -> SafeString:
    """An id, a URL or another thing to copy, in monospace with its button. Empty values become a dash."""
    if value in (None, ""):
        return format_html('<span class="muted">{}</span>', "—")
    button = copy_button(value, label=f"Copy {label}" if label else "Copy")
    return format_html('<span class="ident"><code>{}</code>{}</span>', value, button)


def kv(label: str, value: object = "", copy: bool = False, href: str = "", empty: str = "—") -> SafeString:
    """One line of a `<dl class="kv">`. `copy` shows the value as an id; `href` makes it a link."""
    if value in (None, ""):
        shown: SafeString | str = format_html('<span class="muted">{}</span>', empty)
    elif copy:
        shown = ident(value, label=label)
    elif href:
        shown = format_html('<a href="{}">{}</a>', href, value)
    else:
        shown = format_html("{}", value)
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, shown)


def stat(label: str, value: object, hint: str = "", href: str = "", symbol: str = "") -> SafeString:
    """A figure on a tile; with `href` the tile is a link. `symbol` names an icon."""
    inside = format_html(
        '<span class="stat-label">{}{}</span><span class="stat-value">{}</span>{}',
        icon(symbol) if symbol else "",
        label,
        value,
        format_html('<span class="stat-hint">{}</span>', hint) if hint else "",
    )
    if href:
        return format_html('<a class="stat" href="{}">{}</a>', href, inside)
    return format_html('<div class="stat">{}</div>', inside)
