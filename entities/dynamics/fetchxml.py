"""A view's FetchXML as a query of the grid, if the published definition has all that it asks for.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/fetchxml/overview
"""

from collections.abc import Mapping
from itertools import product
from math import prod
from xml.etree.ElementTree import Element, ParseError, fromstring

from core.problems import BadInput
from entities.query import MAX_CONDITIONS, MAX_SORT, Condition, GridQuery
from integrations.definition import Attribute, Entity
from integrations.filters import LISTS, Operator, operators_for
from integrations.kinds import UNSORTABLE, kind_of
from integrations.searching.conditions import odata_filter

O = Operator  # noqa: E741  the table below reads better short
Clauses = list[list[Condition]]  # all of these, each of them any of those
MOST_COLUMNS = 20
MOST_DEPTH = 16
TOO_DEEP = "its conditions are nested too deep"


class Unlike(ValueError):  # noqa: N818
    """The view asks for something that this grid or this integration cannot. The text says what."""


def query_from(entity: Entity, fetchxml: str, layout: list[str] | None = None) -> GridQuery:
    """What the view shows, as the address bar would say it.

    Args:
        entity: the published entity; attributes outside it make the view unusable, columns outside it are left out.
        fetchxml: the view's own query.
        layout: the logical names of the columns it shows; those it fetches, if unknown.

    Raises:
        Unlike: with what stands in the way.

    """
    table = parsed(fetchxml).find("entity")
    if table is None or table.get("name") != entity.logical_name:
        raise Unlike("it is about another entity")
    known = {item.logical_name: item for item in entity.attributes if item.can_read}
    clauses: Clauses = []
    for element in table:
        if element.tag == "filter":
            clauses += _filter(known, element)
        elif element.tag == "link-entity" and (element.find(".//filter") is not None or _is_inner(element)):
            raise Unlike("it filters by related records")
    query = GridQuery(
        sort=_sort(known, table),
        conditions=tuple(_flat(clauses)),
        columns=tuple(
            known[name].name for name in (layout or _fetched(table))[:MOST_COLUMNS] if name in known
        ),
    )
    if len(query.conditions) > MAX_CONDITIONS:
        raise Unlike("it has too many conditions")
    try:
        odata_filter(entity, query.typed)
    except BadInput as problem:
        raise Unlike("; ".join(problem.fields.values()) or problem.message) from None
    return query


def parsed(text: str) -> Element:
    """An XML document of Dynamics. Raises Unlike for what is none, or declares entities, which none of them do."""
    if "<!" in text:
        raise Unlike("its query cannot be read")
    try:
        return fromstring(text)  # noqa: S314  without a declaration there is nothing to expand
    except ParseError:
        raise Unlike("its query cannot be read") from None


def _is_inner(element: Element) -> bool:
    return element.get("link-type", "inner") not in ("outer", "left")


def _fetched(table: Element) -> list[str]:
    return [element.get("name", "") for element in table.findall("attribute")]


def _sort(known: Mapping[str, Attribute], table: Element) -> tuple[str, ...]:
    found = []
    for element in table.findall("order"):
        attribute = known.get(element.get("attribute", ""))
        if attribute and kind_of(attribute) not in UNSORTABLE:
            found.append(("-" if element.get("descending") in ("true", "1") else "") + attribute.name)
    return tuple(found[:MAX_SORT])


def _filter(known: Mapping[str, Attribute], element: Element, depth: int = 1) -> Clauses:
    """In conjunctive form. Quick find placeholders ask for nothing until something is looked for."""
    if depth > MOST_DEPTH:
        raise Unlike(TOO_DEEP)
    if element.get("isquickfindfields") in ("1", "true"):
        return []
    parts = [
        _filter(known, each, depth + 1) if each.tag == "filter" else _condition(known, each)
        for each in element
        if each.tag in ("filter", "condition")
    ]
    parts = [part for part in parts if part]
    if element.get("type", "and") == "and" or len(parts) < 2:
        return [clause for part in parts for clause in part]
    # Each way has at least one condition of every part; counted first, as they may be more than memory holds.
    if prod(map(len, parts)) * len(parts) > MAX_CONDITIONS:
        raise Unlike(TOO_DEEP)
    combined = [[each for clause in way for each in clause] for way in product(*parts)]
    if sum(map(len, combined)) > MAX_CONDITIONS:
        raise Unlike(TOO_DEEP)
    return combined


def _condition(known: Mapping[str, Attribute], element: Element) -> Clauses:
    if element.get("entityname"):
        raise Unlike("it filters by related records")
    name, operator = element.get("attribute", ""), element.get("operator", "")
    attribute = known.get(name)
    if attribute is None:
        raise Unlike(f"it filters by {name}, which is not part of this integration")
    values = [each.text or "" for each in element.findall("value")] or [element.get("value", "")]
    meant = _meant(operator, values)
    if meant is None or any(each not in operators_for(attribute) for each, _ in meant):
        raise Unlike(f"it compares {attribute.label or name} by “{operator}”")
    return [[Condition(attribute.name, each, value)] for each, value in meant]


def _meant(operator: str, values: list[str]) -> list[tuple[Operator, str]] | None:
    """The comparison in words of ours: (operator, value) pairs that must all hold; None for one we lack."""
    value = values[0]
    if operator in ("like", "not-like"):
        return _like(value, negative=operator == "not-like")
    chosen = _SAME.get(operator)
    if chosen:
        return [(chosen, ",".join(values) if chosen in LISTS else value)]
    if operator == "between" and len(values) == 2:
        return [(O.BETWEEN, "..".join(each[:10] for each in values))]
    if operator == "neq":
        return [(O.NE, value)]
    if operator == "last-seven-days":
        return [(O.LAST_DAYS, "7")]
    return [(O.NEXT_DAYS, "7")] if operator == "next-seven-days" else None


def _like(pattern: str, *, negative: bool) -> list[tuple[Operator, str]] | None:
    core = pattern.strip("%")
    if "%" in core or "_" in core or "[" in core or not core:
        return None
    begins, ends = not pattern.startswith("%"), not pattern.endswith("%")
    if negative:
        return [(O.NOT_CONTAINS, core)] if not (begins or ends) else None
    if begins and ends:
        return [(O.EQ, core)]
    return [(O.STARTS_WITH if begins else O.ENDS_WITH if ends else O.CONTAINS, core)]


def _flat(clauses: Clauses) -> list[Condition]:
    flat: list[Condition] = []
    for clause in clauses:
        for position, each in enumerate(clause):
            flat.append(Condition(each.attribute, each.operator, each.value, alternative=position > 0))
    return list(dict.fromkeys(flat))


_SAME: dict[str, Operator] = {
    "null": O.EMPTY,
    "not-null": O.NOT_EMPTY,
    "in": O.IN,
    "not-in": O.NOT_IN,
    "contain-values": O.HAS_ANY,
    "not-contain-values": O.HAS_NONE,
    "eq-userid": O.ME,
    "ne-userid": O.NOT_ME,
    "begins-with": O.STARTS_WITH,
    "ends-with": O.ENDS_WITH,
    "last-x-days": O.LAST_DAYS,
    "next-x-days": O.NEXT_DAYS,
    **{
        each.replace("_", "-"): O(each)
        for each in (
            *("today", "yesterday", "tomorrow", "this_week", "last_week", "next_week"),
            *("this_month", "last_month", "next_month", "this_year", "last_year"),
            *("on", "on_or_before", "on_or_after", "eq", "ne", "gt", "ge", "lt", "le"),
        )
    },
}
