from collections.abc import Mapping
from typing import Any

from django import forms

from integrations.definition import Attribute

# Something was typed, and nothing chosen: neither a record nor a wish to clear the lookup.
UNCHOSEN = "?"


class LookupWidget(forms.Widget):
    """A combobox: the chosen record's name, a hidden `entity:id`, and a type-ahead that htmx fills.

    The name travels with the form as `<field>-label`, only so that a form with errors shows it again.
    """

    template_name = "entities/widgets/lookup.html"

    def __init__(self, attribute: Attribute) -> None:
        super().__init__()
        self.attribute = attribute
        self.search_url = ""  # empty where none of the targets belongs to the published definition
        self.label = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        self.label = data.get(f"{name}-label", "")
        return super().value_from_datadict(data, files, name) or (UNCHOSEN if self.label.strip() else "")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"search_url": self.search_url, "label": self.label}
        return context

    def format_value(self, value: Any) -> str:
        if not value or value == UNCHOSEN:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, dict):
            return f"{value['entity']}:{value['id']}"
        self.label = value.label
        return f"{value.entity}:{value.id}"
