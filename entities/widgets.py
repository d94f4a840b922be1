"""The control that a person would expect for an attribute."""

from collections.abc import Mapping
from typing import Any

from django import forms

from entities.origin import Raw
from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of

# Something was typed, and nothing chosen: neither a record nor a wish to clear the lookup.
UNCHOSEN = "?"
NOTHING = ("", "—")
INPUT_TYPES = {"Email": "email", "Url": "url", "Phone": "tel"}
NUMBER_KEYS = {
    Kind.INTEGER: "numeric",
    Kind.DECIMAL: "decimal",
    Kind.MONEY: "decimal",
    Kind.FLOAT: "decimal",
}


class LookupWidget(forms.Widget):
    """A combobox: the chosen record's name, a hidden `entity:id`, and a type-ahead that htmx fills.

    The name travels with the form as `<field>-label`, only so that a form with errors shows it again.
    """

    template_name = "entities/widgets/lookup.html"

    def __init__(self, label: str = "") -> None:
        super().__init__()
        self.search_url = ""  # empty where none of the targets can be looked up here
        self.label = label

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if f"{name}-label" not in data and name not in data:
            return None
        self.label = data.get(f"{name}-label", "")
        return super().value_from_datadict(data, files, name) or (UNCHOSEN if self.label.strip() else "")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        tied = context["widget"]["attrs"]
        context["widget"] |= {
            "search_url": self.search_url,
            "label": self.label,
            "described_by": tied.get("aria-describedby", ""),
            "invalid": tied.get("aria-invalid", ""),
        }
        return context

    def format_value(self, value: Any) -> str:
        return "" if not value or value == UNCHOSEN else str(value)


class ReasonWidget(forms.Select):
    """Status reasons, each with the status it belongs to; `goes_with` names the control of that status."""

    def __init__(self, attribute: Attribute, choices: list[tuple[str, str]]) -> None:
        super().__init__(choices=choices)
        self._states = {
            str(option.value): option.state for option in attribute.options if option.state is not None
        }

    def goes_with(self, name: str) -> None:
        self.attrs["data-reasons-of"] = name

    def create_option(self, name: str, value: Any, *more: Any, **named: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *more, **named)
        if str(value) in self._states:
            option["attrs"]["data-state"] = self._states[str(value)]
        return option


def widget_for(attribute: Attribute, origin: Raw | None = None, label: str = "") -> forms.Widget:
    """The control for an attribute that holds `origin`, which is called `label`. It can hold that unchanged."""
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP:
        return LookupWidget(label)
    if kind is Kind.CHOICES:
        return forms.CheckboxSelectMultiple(choices=_options(attribute, origin, label))
    if kind is Kind.CHOICE:
        choices = [NOTHING, *_options(attribute, origin, label)]
        return (
            ReasonWidget(attribute, choices) if attribute.type == "Status" else forms.Select(choices=choices)
        )
    if kind is Kind.BOOLEAN:
        return forms.Select(choices=[NOTHING, *yes_no(attribute)])
    if kind is Kind.LONG_TEXT or attribute.format == "TextArea" or "\n" in (origin or ""):
        # A single line would lose the line breaks that some records have where nobody expects them.
        return forms.Textarea(attrs={"rows": 4, "dir": "auto", **_length(attribute)})
    return forms.TextInput(attrs=_input_attributes(attribute, kind, str(origin or "")))


def yes_no(attribute: Attribute) -> list[tuple[str, str]]:
    """Both values of a yes-or-no attribute with the words that Dynamics has for them."""
    labels = {bool(option.value): option.label for option in attribute.options}
    return [("true", labels.get(True, "Yes")), ("false", labels.get(False, "No"))]


def _options(attribute: Attribute, origin: Raw | None, label: str) -> list[tuple[str, str]]:
    """What can be chosen, and what the record holds already even if it can no longer be chosen."""
    offered = [(str(option.value), option.label) for option in attribute.options]
    held = origin if isinstance(origin, list) else [origin] if origin else []
    known = {value for value, _ in offered}
    strange = [value for value in held if value not in known]
    return [*offered, *((value, label if label and len(held) == 1 else value) for value in strange)]


def _input_attributes(attribute: Attribute, kind: Kind, origin: str) -> dict[str, Any]:
    if kind is Kind.DATE:
        return {"type": "date"}
    if kind in {Kind.INSTANT, Kind.CLOCK}:
        return {"type": "datetime-local", "step": 1}
    if kind in NUMBER_KEYS:
        return {"inputmode": NUMBER_KEYS[kind], "autocomplete": "off"}
    # Browsers trim what stands in these; where that would change the value, plain text leaves it alone.
    suited = INPUT_TYPES.get(attribute.format, "text") if origin == origin.strip() else "text"
    return {"type": suited, "dir": "auto", **_length(attribute)}


def _length(attribute: Attribute) -> dict[str, Any]:
    return {"maxlength": attribute.max_length} if attribute.max_length else {}
