"""Global choices, and the options of choices wherever they are.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-update-optionsets
"""

from typing import Any

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.customize import solutions
from sandbox.dataverse.metadata.customize.workshop import (
    Document,
    Workshop,
    duplicate,
    in_use,
    new_id,
    not_custom,
    schema_name,
)
from sandbox.dataverse.metadata.model import Choice, Option
from sandbox.dataverse.metadata.reader import choice_of, labels_of, type_of

CUSTOM = {"is_custom": True, "is_managed": False}


def create(bench: Workshop, document: Document) -> Choice:
    """A global choice."""
    bench.demand("prvCreateOptionSet")
    name = schema_name(document, "option set", "Name")
    if any(choice.name.lower() == name.lower() for choice in bench.snapshot.items.choices):
        raise duplicate("An option set", name)
    boolean = type_of(document) == "BooleanOptionSetMetadata" or document.get("OptionSetType") == "Boolean"
    kind = "Boolean" if boolean else "Picklist"
    choice = choice_of(
        document,
        metadata_id=new_id(document),
        name=name,
        kind=kind,
        first=bench.option_prefix,
        is_global=True,
        **CUSTOM,
    )
    bench.alteration.put("choices", choice)
    bench.note(solutions.CHOICE, choice)
    return choice


def update(bench: Workshop, choice: Choice, document: Document) -> None:
    """PUT changes the texts; options have actions of their own."""
    bench.demand("prvWriteOptionSet")
    bench.alteration.put(
        "choices",
        msgspec.structs.replace(
            choice,
            labels=bench.labels(document, "DisplayName", choice.labels),
            description=bench.labels(document, "Description", choice.description),
        ),
    )


def delete(bench: Workshop, choice: Choice) -> None:
    """Raises a 400 while columns use it."""
    bench.demand("prvDeleteOptionSet")
    if not choice.is_custom:
        raise not_custom("option set", choice.name)
    users = [
        column
        for column in bench.snapshot.items.columns
        if column.choice == choice.name and not column.shadow_of
    ]
    if users:
        raise in_use("OptionSet", choice.name, len(users))
    bench.alteration.remove("choices", choice)


def addressed(bench: Workshop, body: Document) -> Choice:
    """The choice that an action names: OptionSetName, or EntityLogicalName with AttributeLogicalName."""
    if body.get("OptionSetName"):
        choice = bench.snapshot.choices.get(str(body["OptionSetName"]))
        if choice is None or not choice.is_global:
            raise ApiError("NotFound", f"Could not find an optionset with name {body['OptionSetName']}.")
        return choice
    entity = bench.entity(body.get("EntityLogicalName"))
    column = entity.columns.get(str(body.get("AttributeLogicalName") or "").lower())
    if column is None or not column.choice:
        raise ApiError(
            "NotFound",
            f"Could not find an attribute with specified attribute name: {body.get('AttributeLogicalName')}",
        )
    return bench.snapshot.choices[column.choice]


def _texts(body: Document, member: str) -> Any:
    if not isinstance(body.get(member), dict):
        raise bad_payload(f"The parameter '{member}' must be a Label.")
    return labels_of(body[member])


def _value(body: Document) -> int:
    value = body.get("Value")
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_payload("The parameter 'Value' must be a whole number.")
    return value


def _put(bench: Workshop, choice: Choice, options: list[Option]) -> None:
    bench.demand("prvWriteOptionSet")
    bench.alteration.put("choices", msgspec.structs.replace(choice, options=tuple(options)))


def _at(choice: Choice, value: int) -> int:
    for at, option in enumerate(choice.options):
        if option.value == value:
            return at
    raise ApiError(
        "InvalidArgument",
        f"The option value {value} does not exist in the option set {choice.name}.",
        code="0x80048404",
    )


def insert(bench: Workshop, body: Document) -> int:
    """A new option at the end; returns its value."""
    choice = addressed(bench, body)
    if choice.kind in {"Boolean", "State"}:
        raise ApiError("InvalidArgument", f"Options cannot be added to a choice of type {choice.kind}.")
    taken = {option.value for option in choice.options}
    value = body.get("Value")
    if value is None:
        value = bench.option_prefix
        while value in taken:
            value += 1
    value = _value({"Value": value})
    if value in taken:
        raise ApiError("InvalidArgument", f"The option value {value} is used already.", code="0x80044330")
    state = body.get("StateCode") if choice.kind == "Status" else None
    if choice.kind == "Status" and not isinstance(state, int):
        raise bad_payload("A status reason needs the parameter 'StateCode'.")
    option = Option(
        value=value,
        labels=_texts(body, "Label"),
        description=labels_of(body.get("Description")),
        color=body.get("Color") or None,
        external_value=body.get("ExternalValue") or None,
        state=state,
    )
    _put(bench, choice, [*choice.options, option])
    return value


def change(bench: Workshop, body: Document) -> None:
    """Another text for an option."""
    choice = addressed(bench, body)
    at = _at(choice, _value(body))
    old, options = choice.options[at], list(choice.options)
    merge = bool(body.get("MergeLabels"))
    labels, description = _texts(body, "Label"), labels_of(body.get("Description"))
    options[at] = msgspec.structs.replace(
        old,
        labels=old.labels | labels if merge else labels or old.labels,
        description=(old.description | description if merge else description) or old.description,
        color=body.get("Color") or old.color,
        external_value=body.get("ExternalValue") or old.external_value,
    )
    _put(bench, choice, options)


def drop(bench: Workshop, body: Document) -> None:
    """Take an option away; rows that have it keep their number."""
    choice = addressed(bench, body)
    at = _at(choice, _value(body))
    if choice.kind in {"Boolean", "State"}:
        raise ApiError("InvalidArgument", f"Options of a choice of type {choice.kind} cannot be deleted.")
    _put(bench, choice, [option for index, option in enumerate(choice.options) if index != at])


def order(bench: Workshop, body: Document) -> None:
    """Options in the order of the given values, which must be all of them."""
    choice = addressed(bench, body)
    values = body.get("Values")
    by_value = {option.value: option for option in choice.options}
    if not isinstance(values, list) or sorted(map(str, values)) != sorted(map(str, by_value)):
        raise ApiError("InvalidArgument", "The parameter 'Values' must hold every option value once.")
    _put(bench, choice, [by_value[value] for value in values])
