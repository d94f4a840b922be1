"""Figures on the pages about mirrors."""

from django import forms, template
from django.forms import BoundField

from sync.forms import STRATEGY

register = template.Library()


@register.filter
def thousands(number: object) -> str:
    """1,234,567; a dash for nothing."""
    return "—" if number in (None, "") else f"{int(str(number)):,}"


@register.filter
def unlocalized(number: float) -> str:
    """A coordinate of a drawing, which takes a point whatever the language."""
    return f"{number:g}"


@register.filter
def add_numbers(number: float, other: float) -> str:
    return f"{number + other:g}"


@register.simple_tag
def strategies(form: forms.Form) -> list[BoundField]:
    """The fields that choose a way for each entity."""
    return [form[name] for name in form.fields if name.startswith(STRATEGY)]
