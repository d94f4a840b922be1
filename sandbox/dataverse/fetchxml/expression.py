"""QueryExpression, the JSON twin of FetchXML, turned into FetchXML's elements.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryexpression
"""

import re
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.fetchxml.element import DEEPEST, Element
from sandbox.dataverse.query.functions import MOST_VALUES

# Where the name of an operator is not FetchXML's in another spelling.
OPERATORS = {
    "Equal": "eq",
    "NotEqual": "ne",
    "GreaterThan": "gt",
    "GreaterEqual": "ge",
    "LessThan": "lt",
    "LessEqual": "le",
    "DoesNotBeginWith": "not-begin-with",
    "DoesNotEndWith": "not-end-with",
    "DoesNotContainValues": "not-contain-values",
    "AboveOrEqual": "eq-or-above",
    "UnderOrEqual": "eq-or-under",
    "EqualUserId": "eq-userid",
    "NotEqualUserId": "ne-userid",
    "EqualBusinessId": "eq-businessid",
    "NotEqualBusinessId": "ne-businessid",
    "EqualUserTeams": "eq-userteams",
    "EqualUserOrUserTeams": "eq-useroruserteams",
    "EqualUserOrUserHierarchy": "eq-useroruserhierarchy",
    "EqualUserOrUserHierarchyAndTeams": "eq-useroruserhierarchyandteams",
    "EqualUserLanguage": "eq-userlanguage",
    "Last7Days": "last-seven-days",
    "Next7Days": "next-seven-days",
}
JOINS = {
    "": "inner",
    "Inner": "inner",
    "LeftOuter": "outer",
    "Natural": "inner",
    "Exists": "exists",
    "In": "in",
}


def _need(given: Any, what: str, kind: type) -> Any:
    if not isinstance(given, kind):
        raise bad_payload(f"The member '{what}' of a QueryExpression is missing or of the wrong type.")
    return given


def operator_of(name: str) -> str:
    """LastXDays -> last-x-days."""
    spelled = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    return OPERATORS.get(name) or spelled.replace("older-than", "olderthan")


def to_fetch(query: Any) -> Element:
    """The <fetch> of a query. Raises a 400 for what is none."""
    query = _need(query, "QuerySet", dict)
    entity = Element("entity", {"name": _need(query.get("EntityName"), "EntityName", str)})
    _filters(entity, query.get("Criteria"))
    _links(entity, query.get("LinkEntities"), 0)
    return Element("fetch", {}, [entity])


def _filters(parent: Element, criteria: Any, depth: int = 0) -> None:
    if criteria is None:
        return
    criteria = _need(criteria, "Criteria", dict)
    if depth > DEEPEST:
        raise bad_payload("The criteria are nested too deeply.")
    found = Element("filter", {"type": str(criteria.get("FilterOperator") or "And").lower()})
    for condition in _need(criteria.get("Conditions") or [], "Conditions", list):
        found.children.append(_condition(_need(condition, "Conditions", dict)))
    for inner in _need(criteria.get("Filters") or [], "Filters", list):
        _filters(found, _need(inner, "Filters", dict), depth + 1)
    if found.children:
        parent.children.append(found)


def _condition(given: dict[str, Any]) -> Element:
    attributes = {
        "attribute": _need(given.get("AttributeName"), "AttributeName", str),
        "operator": operator_of(_need(given.get("Operator"), "Operator", str)),
    }
    if given.get("EntityName"):
        attributes["entityname"] = _need(given["EntityName"], "EntityName", str)
    values = _need(given.get("Values") or [], "Values", list)
    if len(values) > MOST_VALUES:
        raise ApiError("TooManyValues", f"The number of values exceeded the maximum of {MOST_VALUES}.")
    children = [Element("value", text=_text(value)) for value in values]
    if attributes["operator"] == "contains" and len(children) == 1:
        attributes["operator"], children[0].text = "like", f"%{children[0].text}%"
    return Element("condition", attributes, children)


def _text(value: Any) -> str:
    """Values are objects with a value and a .NET type, or bare."""
    bare = value.get("Value") if isinstance(value, dict) else value
    if isinstance(bare, bool):
        return str(bare).lower()
    if bare is None or isinstance(bare, (dict, list)):
        raise bad_payload("The values of a condition must be texts, numbers or booleans.")
    return str(bare)


def _links(parent: Element, given: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise bad_payload("The link entities are nested too deeply.")
    for link in _need(given or [], "LinkEntities", list):
        link = _need(link, "LinkEntities", dict)  # noqa: PLW2901 - checked
        join = str(link.get("JoinOperator") or "")
        attributes = {
            "name": _need(link.get("LinkToEntityName"), "LinkToEntityName", str),
            "from": _need(link.get("LinkToAttributeName"), "LinkToAttributeName", str),
            "to": _need(link.get("LinkFromAttributeName"), "LinkFromAttributeName", str),
            "link-type": JOINS.get(join, join),
        }
        if link.get("EntityAlias"):
            attributes["alias"] = _need(link["EntityAlias"], "EntityAlias", str)
        element = Element("link-entity", attributes)
        _filters(element, link.get("LinkCriteria"))
        _links(element, link.get("LinkEntities"), depth + 1)
        parent.children.append(element)
