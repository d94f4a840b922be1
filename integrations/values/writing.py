"""From Python values (or the JSON and form text that stand for them) to the body of a Web API request."""

from collections.abc import Mapping
from typing import Any

from core.problems import BadInput
from integrations.definition import Attribute, Entity
from integrations.kinds import BLOBS, Kind, kind_of
from integrations.records import Link
from integrations.values.links import bind, checked_link
from integrations.values.scalars import CHECKS, Unfit


def checked(attribute: Attribute, value: Any) -> Any:
    """The value as Python holds it: Decimal, aware datetime, Link…; text that stands for it is converted.

    Raises:
        Unfit: with a sentence for the person, when the value does not fit the attribute.

    """
    if value is None or value == "":
        return None
    kind = kind_of(attribute)
    return checked_link(attribute, value) if kind is Kind.LOOKUP else CHECKS[kind](attribute, value)


def body_for(entity: Entity, values: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """The JSON body of a create or an update.

    Raises:
        BadInput: `fields` names every attribute that is unknown, not writable, missing or does not fit.

    """
    body: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in values.items():
        attribute = entity.attribute(name)
        try:
            body |= _written(attribute, value, creating=creating)
        except Unfit as unfit:
            errors[name] = str(unfit)
    if creating:
        errors |= {
            attribute.name: "This is required."
            for attribute in entity.attributes
            if attribute.required
            and attribute.can_create
            and attribute.name not in values
            and kind_of(attribute) not in BLOBS
        }
    if errors:
        raise BadInput(
            f"Nothing was written to {entity.label or entity.name}: " + _sentence(errors), fields=errors
        )
    return body


def _written(attribute: Attribute | None, value: Any, *, creating: bool) -> dict[str, Any]:
    if attribute is None:
        raise Unfit("The integration has no such attribute.")
    if not (attribute.can_create if creating else attribute.can_update):
        raise Unfit(
            "This cannot be set when a record is created." if creating else "This cannot be changed later."
        )
    if kind_of(attribute) in BLOBS:
        raise Unfit("Files are sent to an address of their own, not with the record.")
    python = checked(attribute, value)
    if python is None and attribute.required:
        raise Unfit("This is required.")
    if kind_of(attribute) is Kind.LOOKUP:
        # A new record has no link to clear, and Dataverse refuses to clear what is not there.
        return {} if creating and python is None else bind(attribute, python)
    return {attribute.logical_name: _wire(attribute, python)}


def _wire(attribute: Attribute, value: Any) -> Any:
    kind = kind_of(attribute)
    if value is None:
        return None
    if kind is Kind.CHOICES:
        return ",".join(str(item) for item in value) or None
    if kind is Kind.DATE:
        return value.isoformat()
    if kind in {Kind.INSTANT, Kind.CLOCK}:
        return value.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return value


def _sentence(errors: Mapping[str, str]) -> str:
    shown = [f"{name}: {text}" for name, text in list(errors.items())[:5]]
    rest = len(errors) - len(shown)
    return " ".join(shown) + (f" And {rest} more." if rest > 0 else "")


__all__ = ["Link", "Unfit", "body_for", "checked"]
