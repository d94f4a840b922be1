"""The *Filter* panel and the chips: what may be asked of an attribute, and with which control."""

from dataclasses import dataclass, field
from urllib.parse import quote

from django.urls import reverse

from core.problems import BadInput
from entities.place import Place
from entities.query import TO, Condition, GridQuery
from entities.widgets import LookupWidget, yes_no
from entities.wording import describe
from integrations.definition import Attribute
from integrations.filters import (
    EMPTINESS,
    LABELS,
    LISTS,
    RELATIVE,
    WHO,
    WITHOUT_VALUE,
    Operator,
    operators_for,
)
from integrations.kinds import DATES, NUMBERS, Kind, kind_of
from integrations.records import Record
from integrations.searching.conditions import odata_filter

DAYS = frozenset({Operator.LAST_DAYS, Operator.NEXT_DAYS})
WHOLE_DAYS = frozenset(
    {Operator.ON, Operator.ON_OR_BEFORE, Operator.ON_OR_AFTER, Operator.BETWEEN, *RELATIVE}
)


@dataclass(frozen=True)
class Question:
    """One row of the panel. `control` is none, choice, choices, lookup, date, days, number or text.

    `until` is the second value where two are asked for; `instead` is the filter that the answer replaces.
    """

    attribute: Attribute
    operator: Operator
    operators: list[tuple[str, str]]
    control: str
    options: list[tuple[str, str]] = field(default_factory=list)
    value: str = ""
    until: str = ""
    error: str = ""
    picker: str = ""  # a lookup's combobox, ready to be shown
    instead: str = ""

    @property
    def is_range(self) -> bool:
        return self.operator is Operator.BETWEEN

    @property
    def chosen(self) -> list[str]:
        return self.value.split(",")


@dataclass(frozen=True)
class Chip:
    text: str
    without: str  # the address of the list without this filter
    change: str  # the address at which the panel asks about it
    joint: str = (
        ""  # the address at which “and” and “or” before it are the other way round; the first has none
    )


def question(
    place: Place,
    attribute: Attribute,
    operator: str = "",
    value: str = "",
    error: str = "",
    *,
    instead: Condition | None = None,
    label: str = "",
) -> Question:
    """What the panel asks about an attribute; an operator that does not suit it gives way to the first that does."""
    askable = [item for item in operators_for(attribute) if _askable(place, attribute, item)]
    chosen = Operator(operator) if operator in askable else askable[0]
    options = [(str(option.value), option.label) for option in attribute.options]
    control = _control(attribute, chosen)
    begin, _, end = value.partition(TO) if chosen is Operator.BETWEEN else (value, "", "")
    return Question(
        attribute=attribute,
        operator=chosen,
        operators=[(item.value, LABELS[item]) for item in askable],
        control=control,
        options=yes_no(attribute) if kind_of(attribute) is Kind.BOOLEAN else options,
        value=begin,
        until=end,
        error=error,
        picker=_picker(place, attribute, value, label) if control == "lookup" else "",
        instead=str(instead) if instead else "",
    )


def askable_attributes(place: Place) -> list[Attribute]:
    """What a list can be filtered by."""
    return [item for item in place.columns if operators_for(item)]


def trouble_with(place: Place, condition: Condition) -> str:
    """Why a condition cannot be asked, for the place where it was typed; empty when it can."""
    try:
        odata_filter(place.entity, condition.as_filter())
    except BadInput as problem:
        return problem.fields.get(condition.attribute) or problem.message
    return ""


def names_in(records: list[Record]) -> dict[str, str]:
    """How the found records call the records they link to, by id."""
    return {link.id: str(link) for record in records for link in record.links.values()}


def chips(place: Place, query: GridQuery, names: dict[str, str]) -> list[list[Chip]]:
    """The filters in force: groups that must all hold, each of one filter or of alternatives."""
    by_name = {item.name: item for item in place.columns}
    return [
        [
            Chip(
                describe(condition, by_name[condition.attribute], names),
                query.without(condition).address,
                f"{query.at(1).address}&change={quote(str(condition))}",
                query.rejoined(condition).address if condition != query.conditions[0] else "",
            )
            for condition in group
        ]
        for group in query.groups
    ]


def _askable(place: Place, attribute: Attribute, operator: Operator) -> bool:
    """The comparisons that the panel's controls can express; the operations know more."""
    kind = kind_of(attribute)
    if operator in EMPTINESS or operator in WHO:
        return True
    if kind is Kind.LOOKUP:
        return operator not in LISTS and bool(place.lookup_targets(attribute))
    if kind in DATES:
        return operator in DAYS or operator in WHOLE_DAYS
    return operator not in LISTS or kind in {Kind.CHOICE, Kind.CHOICES}


def _control(attribute: Attribute, operator: Operator) -> str:
    if operator in WITHOUT_VALUE:
        return "none"
    if operator in DAYS:
        return "days"
    return "choices" if operator in LISTS else _CONTROLS.get(kind_of(attribute), "text")


_CONTROLS = {
    Kind.CHOICE: "choice",
    Kind.BOOLEAN: "choice",
    Kind.LOOKUP: "lookup",
    **dict.fromkeys(DATES, "date"),
    **dict.fromkeys(NUMBERS, "number"),
}


def _picker(place: Place, attribute: Attribute, value: str, label: str) -> str:
    widget = LookupWidget(label)
    widget.search_url = reverse("entities:lookup", args=[*place.address, attribute.name])
    entity = next(iter(attribute.targets), "")
    return widget.render("value", f"{entity}:{value}" if value else None, {"id": "filter-value"})
