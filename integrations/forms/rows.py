"""The lines of an entity's page: what can be chosen, what is, how it is called, and what is wrong with that."""

from collections.abc import Mapping
from typing import Any

from django.template.defaultfilters import filesizeformat, pluralize

from integrations.definition import Definition, Operation
from integrations.forms.boxes import EntityChoice
from integrations.kinds import kind_for
from integrations.metadata.related import offered_keys, relations
from integrations.metadata.snapshot import choosable, is_mandatory
from integrations.names import default_name
from microsoft.dataverse import AttributeDefinition, EntityDefinition

Row = dict[str, Any]


def attribute_rows(details: EntityDefinition, choice: EntityChoice, errors: Mapping[str, str]) -> list[Row]:
    """All attributes that can be offered, the pinned ones marked."""
    creating = Operation.CREATE in choice.operations
    return [
        {
            "attribute": each,
            "kind": kind_for(each.type, each.date_behavior).value,
            "detail": _detail(each),
            "mandatory": is_mandatory(each),
            "pinned": each.is_primary_name or (creating and is_mandatory(each)),
            "chosen": each.logical_name in choice.chosen,
            "called": choice.called.get(each.logical_name, ""),
            "usual": default_name(each.logical_name),
            "error": errors.get(each.logical_name, ""),
        }
        for each in choosable(details)
    ]


def _detail(attribute: AttributeDefinition) -> str:
    """What else one wants to know of its values."""
    count, most = len(attribute.options), attribute.max_size_kb
    said = (
        (attribute.targets, ", ".join(attribute.targets[:4]) + (" …" if len(attribute.targets) > 4 else "")),
        (count, f"{count} choice{pluralize(count)}"),
        (attribute.max_length, f"up to {attribute.max_length} characters"),
        (most, f"up to {filesizeformat((most or 0) * 1024)}"),
        (attribute.base_of, f"of {attribute.base_of}, in the organization's currency"),
        (attribute.precision, f"{attribute.precision} digits after the point"),
    )
    return next((text for fact, text in said if fact), "")


def key_rows(details: EntityDefinition, choice: EntityChoice, errors: Mapping[str, str]) -> list[Row]:
    """The alternate keys, with the labels of the attributes they are made of."""
    labels = {each.logical_name: each.display_name for each in details.attributes}
    return [
        {
            "key": each,
            "attributes": [labels[name] for name in each.attributes],
            "chosen": each.logical_name in choice.parts.keys,
            "called": choice.parts.keys.get(each.logical_name) or default_name(each.logical_name),
            "error": errors.get(f"key:{each.logical_name}", ""),
        }
        for each in offered_keys(details)
    ]


def way_rows(
    details: EntityDefinition, draft: Definition, choice: EntityChoice, errors: Mapping[str, str]
) -> list[Row]:
    """The ways to the other entities of the draft, and to records of the same."""
    labels = {each.logical_name: each.label or each.name for each in draft.entities}
    columns = {each.logical_name: each.display_name for each in details.attributes}
    named = {**choice.parts.lists, **choice.parts.expand}
    return [
        {
            "way": each,
            "target": labels[each.target],
            "by": columns.get(each.attribute, "") if each.single else "",
            "expanded": each.navigation in choice.parts.expand,
            "listed": each.navigation in choice.parts.lists,
            "called": named.get(each.navigation) or each.usual,
            "error": errors.get(f"way:{each.navigation}", ""),
        }
        for each in relations(details, labels)
    ]
