"""A cell's HTML. Written here and not as a template, because a grid has hundreds of them."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from entities.cells import Cell

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


def row(record_id: str, name: str, url: str, cells: Sequence["Cell"], *, tick: bool = True) -> SafeString:
    """A row of the grid: the tick where it can be chosen, the name as a link, and the other cells."""
    known, called = escape(record_id), escape(name)
    address = f' data-href="{escape(url)}"' if url else ""
    box = f'<input type="checkbox" class="form-check-input" name="record" value="{known}" data-select tabindex="-1" aria-label="Select {called}">'
    parts = [
        f'<tr data-id="{known}"{address}>',
        f'<td class="tick">{box if tick else ""}</td>',
    ]
    for position, cell in enumerate(cells):
        edit = " data-edit" if cell.can_edit else ""
        if position:
            number = ' class="num"' if cell.is_number else ""
            parts.append(f'<td data-name="{cell.name}"{number}{edit} tabindex="-1">{cell.html}</td>')
        else:
            text = f"<bdi>{escape(cell.text) or called}</bdi>"
            link = f'<a href="{escape(url)}" tabindex="-1">{text}</a>' if url else text
            parts.append(f'<th scope="row" data-name="{cell.name}"{edit} tabindex="-1">{link}</th>')
    return mark_safe("".join([*parts, "</tr>\n"]))  # noqa: S308  all that is not ours is escaped


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
