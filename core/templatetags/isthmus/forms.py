"""Django forms in our clothes: labels, help, errors and their ties for readers."""

from typing import Any

from django import forms as django_forms
from django.forms import BoundField
from django.forms.utils import ErrorDict

GROUPS = (django_forms.RadioSelect, django_forms.CheckboxSelectMultiple)


def _css(widget: django_forms.Widget) -> str:
    if isinstance(widget, django_forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, django_forms.Select):
        return "form-select"
    return "form-control"


def _kind(widget: django_forms.Widget) -> str:
    if isinstance(widget, GROUPS):
        return "group"
    return "check" if isinstance(widget, django_forms.CheckboxInput) else "line"


def field(
    bound: BoundField, label: str = "", placeholder: str = "", css: str = "", cards: bool = False
) -> dict[str, Any]:
    """One field of a form: label, control, help, errors. `cards` shows radios or checkboxes as cards."""
    widget = bound.field.widget
    kind = _kind(widget)
    attrs: dict[str, str | bool] = {}
    if kind != "group":
        attrs["class"] = " ".join(part for part in (_css(widget), widget.attrs.get("class", ""), css) if part)
    if placeholder:
        attrs["placeholder"] = placeholder
    return {
        "bound": bound,
        "control": "" if kind == "group" else bound.as_widget(attrs=attrs),
        "kind": kind,
        "label": label or bound.label,
        "required": bound.field.required,
        "cards": cards,
    }


def form_errors(form: django_forms.BaseForm) -> dict[str, Any]:
    """What stands above a form that was not accepted: a summary with links to each field."""
    errors: ErrorDict = form.errors
    return {
        "form": form,
        "fields": [(form[name], found) for name, found in errors.items() if name in form.fields],
        "general": form.non_field_errors(),
        "shown": bool(errors),
    }


def form_fields(form: django_forms.BaseForm) -> dict[str, Any]:
    """The error summary, then every visible field, then the hidden ones."""
    return {"form": form}
