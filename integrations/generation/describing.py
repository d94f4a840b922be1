"""What is said about an attribute in generated code: its type, and a sentence."""

from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of

_PLAIN = {
    Kind.TEXT: ("str", "TextField"),
    Kind.LONG_TEXT: ("str", "TextField"),
    Kind.INTEGER: ("int", "IntegerField"),
    Kind.DECIMAL: ("Decimal", "DecimalField"),
    Kind.MONEY: ("Decimal", "DecimalField"),
    Kind.FLOAT: ("float", "FloatField"),
    Kind.BOOLEAN: ("bool", "BooleanField"),
    Kind.DATE: ("dt.date", "DateField"),
    Kind.INSTANT: ("dt.datetime", "DateTimeField"),
    Kind.CLOCK: ("dt.datetime", "DateTimeField"),
    Kind.LOOKUP: ("Reference", "ReferenceField"),
    Kind.ID: ("str", "IdField"),
    Kind.FILE: ("str", "FileField"),
    Kind.IMAGE: ("str", "Field[str]"),
}


def is_offered(attribute: Attribute) -> bool:
    """Whether the package can hold its values."""
    return kind_of(attribute) in {*_PLAIN, Kind.CHOICE, Kind.CHOICES}


def types_of(attribute: Attribute, choice: str) -> tuple[str, str, str]:
    """Its Python type, its field class, and the field's further argument; `choice` names its enumeration."""
    kind = kind_of(attribute)
    if kind is Kind.CHOICE:
        return choice, "ChoiceField", choice
    if kind is Kind.CHOICES:
        return f"tuple[{choice}, ...]", "ChoicesField", choice
    annotation, field = _PLAIN[kind]
    return annotation, field, ""


def sentence(text: str) -> str:
    """One line that can stand in a docstring."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split()).replace("\\", "/").replace('"', "'")


def description(attribute: Attribute) -> str:
    """A line about an attribute: its label, what fits, and when it can be set."""
    parts = [attribute.label or attribute.name, _bounds(attribute), *_habits(attribute)]
    return sentence(". ".join(part for part in parts if part)) + "."


_USUAL = {
    Kind.FILE: "Which file there is; `read_file` and `write_file` carry it",
    Kind.INSTANT: "Aware; UTC when read",
    Kind.CLOCK: "Naive: the same in every time zone",
}


def _bounds(attribute: Attribute) -> str:
    kind = kind_of(attribute)
    if attribute.max_length:
        return f"Up to {attribute.max_length} characters"
    if kind is Kind.LOOKUP:
        return f"Points to {' or '.join(sorted(attribute.targets))}" if attribute.targets else ""
    if attribute.minimum is not None and attribute.maximum is not None:
        return f"From {attribute.minimum} to {attribute.maximum}"
    return _USUAL.get(kind, "")


def _habits(attribute: Attribute) -> list[str]:
    if not attribute.can_create and not attribute.can_update:
        return ["Set by Dynamics"]
    return [
        words
        for words, holds in (
            ("Required", attribute.required),
            ("Cannot be set at creation", not attribute.can_create),
            ("Cannot be changed later", not attribute.can_update),
            ("Cannot be read", not attribute.can_read),
        )
        if holds
    ]
