"""Buttons that change something, the notice that one must authorise first, and problems with their remedy."""

from typing import Any

from django.template import Context

from core.templatetags.isthmus.navigation import address

ALARM = {"danger"}


def _token(context: Context) -> Any:
    return context.get("csrf_token", "")


def post_button(
    context: Context,
    label: str,
    url: str,
    *,
    style: str = "secondary",
    symbol: str = "",
    confirm: str = "",
    confirm_title: str = "",
    confirm_label: str = "",
    css: str = "",
    disabled: bool = False,
    **values: object,
) -> dict[str, Any]:
    """A button in a form of its own that posts to `url`; further keywords become hidden fields.

    `style`: primary, secondary, quiet, danger, link. With `confirm` a dialog asks first.
    """
    return {
        "csrf_token": _token(context),
        "label": label,
        "url": address(url),
        "style": style,
        "symbol": symbol,
        "confirm": confirm,
        "confirm_title": confirm_title or (f"{label}?" if confirm else ""),
        "confirm_label": confirm_label or label,
        "alarm": style in ALARM,
        "css": css,
        "disabled": disabled,
        "values": {name: value for name, value in values.items() if value not in (None, "")},
    }


def gate_notice(
    context: Context, url: str = "accounts:authorise", text: str = "", title: str = "", **values: object
) -> dict[str, Any]:
    """The page can be read, but changing it takes the person's own authorization. One button, and back here.

    Further keywords (`tenant`, `reach`, …) go along as hidden fields; `next` is the present page unless given.
    """
    request = context.get("request")
    back = values.pop("next", "") or (request.get_full_path() if request is not None else "")
    return {
        "csrf_token": _token(context),
        "url": address(url),
        "title": title or "You need to authorise with Microsoft to change this",
        "text": text
        or "You can read everything here. Changes are made with your own Microsoft account, so Microsoft must know it is you.",
        "values": {
            name: value for name, value in {**values, "next": back}.items() if value not in (None, "")
        },
    }


def problem(context: Context, trouble: Any, title: str = "") -> dict[str, Any]:
    """A problem as a callout: what happened, what to do, which ids to quote.

    `trouble` is a core.problems.Problem, a MicrosoftError or a dict such as JobRun.error: message, advice, fields,
    remedy (label, url, post), ids, code. A `title` of " " leaves the title out, where a heading above says it already.
    """
    found = trouble if isinstance(trouble, dict) else _read(trouble)
    return {
        "csrf_token": _token(context),
        "problem": {**found, "title": str(title or found.get("title") or "That did not work").strip()},
    }


def _read(trouble: Any) -> dict[str, Any]:
    names = ("title", "message", "advice", "fields", "remedy", "code")
    found = {name: getattr(trouble, name, "") for name in names}
    found["message"] = found["message"] or str(trouble)
    numbers = getattr(trouble, "ids", {})
    found["ids"] = numbers() if callable(numbers) else numbers
    return found
